"""A desk: the daemon as users run it, with a registry of invented people, and virtual cards in a virtual reader."""

import contextlib
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

from webdriver import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
CCCD = os.environ.get("CCCD", str(ROOT / ".build/debug/cccd"))
READER = int(os.environ.get("CCCD_VIRTUAL_READER_PORT", "0"))
#: The demo's holder, who is invented.
NUMBER = "001090012345"


def run(*words):
    done = subprocess.run([CCCD, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"cccd {' '.join(words)}: {done.stderr}"
    return done.stdout


class Desk:
    """`configuration` is merged into the desk's own; `readers` of it decides which readers there are."""

    TOKENS = {role: f"a-token-of-the-{role}" for role in ("terminal", "kiosk", "auditor")}

    def __init__(self, folder, name="desk", environment=None, **configuration):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.socket = str(self.folder / f"{name}.sock")
        keys = {
            "socket": {"path": self.socket, "mode": "0600"},
            "state": {"folder": str(self.folder / f"{name}-state")},
            "trust": {"paths": [str(self.folder / "pki/csca.cer")]},
            "registry": {"url": f"sqlite:{self.folder}/registry.sqlite"},
            "readers": {"names": ["Virtual PCD*"]},
            "facility": {"code": "01001"},
            "loopback": {"port": self.port, "tokens": [
                {"name": role, "role": role, "sha256": hashlib.sha256(token.encode()).hexdigest()}
                for role, token in self.TOKENS.items()]},
            **configuration,
        }
        self.path = self.folder / f"{name}.json5"
        self.path.write_text(json.dumps(keys))
        self.environment = {**os.environ, **(environment or {})}
        self.start()

    def start(self):
        self.log = open(self.folder / "daemon.log", "a")
        self.process = subprocess.Popen(
            [CCCD, "serve", "--config", str(self.path)], env=self.environment, stderr=self.log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            assert self.process.poll() is None and time.monotonic() < deadline, (self.folder / "daemon.log").read_text()
            time.sleep(0.03)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()

    def address(self, role="terminal"):
        """Where a browser finds the page, with a token of the configuration."""
        return f"http://localhost:{self.port}/#token={self.TOKENS[role]}"

    def ask(self, path, role="terminal", body=None, method=None):
        """Status, header fields and body of an answer over the port."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.TOKENS[role]}"}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"http://localhost:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def wait_for_card(self, is_there):
        deadline = time.monotonic() + 30
        while True:
            readers = json.loads(self.ask("/v1/readers")[2]).get("readers", [])
            if any(reader["cardPresent"] for reader in readers) == is_there:
                return
            assert time.monotonic() < deadline, f"the card is {'not there' if is_there else 'there still'}"
            time.sleep(0.05)


class Card:
    """A virtual card in the reader, from `with` to its end; options as of `cccd simulate card`."""

    def __init__(self, desk, *options, pki="pki"):
        self.desk = desk
        self.words = ["simulate", "card", "--port", str(READER), "--pki", str(desk.folder / pki), *options]

    def __enter__(self):
        self.process = subprocess.Popen([CCCD, *self.words], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        self.desk.wait_for_card(True)
        return self

    def take_out(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()
        self.desk.wait_for_card(False)
        # pcscd asks its driver for a card every 0.4 s; one that comes back between two questions was never away.
        time.sleep(0.8)

    def __exit__(self, *_):
        self.take_out()


@contextlib.contextmanager
def scene():
    """A folder with a State's keys, a stranger's, and a registry."""
    with tempfile.TemporaryDirectory(prefix="cccd-page-") as folder:
        run("simulate", "pki", "--out", f"{folder}/pki", "--name", "CSCA Viet Nam (invented)")
        run("simulate", "pki", "--out", f"{folder}/stranger", "--name", "Stranger CSCA")
        run("registry", "import", "--registry", f"{folder}/registry.sqlite", str(ROOT / "Fixtures/Registry/insured.csv"))
        yield folder
