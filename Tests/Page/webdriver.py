"""A browser behind WebDriver (W3C), as far as these tests need one: chromium without a window."""

import base64
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "ArrowRight": "\ue014", "Space": "\ue00d", "Shift": "\ue008"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """One session; `close` ends it and its programs."""

    def __init__(self, size=(1280, 900)):
        port = free_port()
        self._driver = subprocess.Popen(
            ["chromedriver", f"--port={port}", "--log-level=OFF"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._base = f"http://127.0.0.1:{port}"
        # root may not use the sandbox, and containers have little shared memory.
        arguments = ["--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                     "--disable-background-networking", "--force-color-profile=srgb", "--lang=vi",
                     f"--window-size={size[0]},{size[1]}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        wanted = {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}}}
        deadline = time.monotonic() + 60
        while True:
            try:
                session = self._send("POST", "/session", wanted)
                break
            except OSError:
                if time.monotonic() > deadline:
                    self._driver.kill()
                    raise
                time.sleep(0.05)
        self._base += f"/session/{session['sessionId']}"

    def close(self):
        try:
            self._send("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait()

    def _send(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"WebDriver {path}: {error.read().decode()[:600]}") from None

    def go(self, url):
        self._send("POST", "/url", {"url": url})

    def back(self):
        self._send("POST", "/back")

    def run(self, script, *arguments):
        """What a script that uses `return` and `arguments` gives."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        """What a script hands to its last argument."""
        return self._send("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def wait(self, script, *arguments, seconds=20):
        """Waits until the script gives something true, and returns it."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.run(script, *arguments)
            if found:
                return found
            assert time.monotonic() < deadline, f"waited in vain for: {script} {arguments}\n{self.text('main')}"
            time.sleep(0.03)

    def text(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText).join('\\n')", selector)

    def click(self, selector):
        self._send("POST", f"/element/{self._find(selector)}/click")

    def _find(self, selector):
        return self._send("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def type(self, *words):
        """Types at the focus, as a keyboard does: texts, and names of keys as `<Enter>`."""
        actions = []
        for word in words:
            keys = [KEYS[word[1:-1]]] if word.startswith("<") else list(word)
            for key in keys:
                actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def resize(self, width, height):
        self._send("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}})

    def media(self, name):
        """Shows the page as on `screen` or on `print`."""
        self._send("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"media": name}})

    def screenshot(self, path, whole=True):
        taken = self._send("POST", "/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": {
            "format": "png", "captureBeyondViewport": whole}})
        if whole:
            height = self.run("return Math.max(document.documentElement.scrollHeight, innerHeight)")
            width = self.run("return innerWidth")
            taken = self._send("POST", "/goog/cdp/execute", {"cmd": "Page.captureScreenshot", "params": {
                "format": "png", "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}}})
        with open(path, "wb") as file:
            file.write(base64.b64decode(taken["data"]))

    def messages(self):
        """What the browser had to complain about since the last time."""
        return [entry["message"] for entry in self._send("POST", "/se/log", {"type": "browser"})]
