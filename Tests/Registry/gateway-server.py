"""Plays the national gateway, as its published interface is, over TLS on a free port of 127.0.0.1.

Usage: gateway-server.py FOLDER
Makes a certificate in FOLDER (server.pem), prints the port, and ends when its standard input does.

A look-up is answered with the code that the last three digits of maThe name. POST /control sets how it misbehaves:
  fail=STATUS&times=N   answers the next N look-ups with an HTTP status
  slow=SECONDS&times=N  waits before each of the next N answers
  text=TEXT&times=N     answers the next N look-ups with this text in place of JSON
  expire=1              forgets all tokens
  lifetime=TEXT         what log-ins tell of a token's end from now on
GET /seen tells what was asked, one JSON object; no address or form is ever printed.
"""

import http.server
import json
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

USERNAME, DIGEST = "01001_BV", "0123456789abcdef0123456789abcdef"
OFFICER = ("Trần Thị Cán Bộ", "001190000099")
PERSON = ("Nguyễn Văn Minh", "15/03/1990")

state = {"tokens": set(), "logins": 0, "looks": 0, "times": 0, "fail": 0, "slow": 0.0, "text": None, "lifetime": "3600"}
lock = threading.Lock()


def answer(number):
    code = number[-3:]
    known = {"maKetQua": code, "ghiChu": "", "dsLichSuKCB2018": [{"maHoSo": 1, "tenBenh": "J00"}], "dsLichSuKT2018": []}
    card = {
        "maThe": "GD4010190012345", "hoTen": PERSON[0], "ngaySinh": PERSON[1], "gioiTinh": "Nam", "diaChi": "Hà Nội",
        "maDKBD": "01001", "cqBHXH": "BHXH Hà Nội", "gtTheTu": "01/01/2024", "gtTheDen": "31/12/2035", "maKV": "",
        "ngayDu5Nam": "01/01/2025", "maSoBHXH": "0190012345", "maTheCu": None, "maTheMoi": None, "gtTheTuMoi": None,
        "gtTheDenMoi": None, "maDKBDMoi": None, "tenDKBDMoi": None,
    }
    if code in ("003", "004"):
        card.update(
            maTheMoi="HT3010190012345", gtTheTuMoi="01/01/2026", gtTheDenMoi="31/12/2036", maDKBDMoi="01002",
            tenDKBDMoi="Bệnh viện Mới")
    if code in ("000", "001", "002", "003", "004", "010", "110", "120", "121", "122", "123", "124", "060", "061", "070"):
        known.update(card)
    return known


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, value):
        body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if path == "/control":
            with lock:
                state.update(fail=int(form.get("fail", 0)), slow=float(form.get("slow", 0)), text=form.get("text"))
                state["times"] = int(form.get("times", 1))
                state["lifetime"] = form.get("lifetime", state["lifetime"])
                if "expire" in form:
                    state["tokens"].clear()
            return self.reply(200, {})
        if path == "/seen":
            return self.reply(200, {name: state[name] for name in ("logins", "looks")})
        if path == "/api/token/take":
            with lock:
                state["logins"] += 1
                if (form.get("username"), form.get("password")) != (USERNAME, DIGEST):
                    return self.reply(200, {"maKetQua": "401"})
                token = f"token {state['logins']} +/&="
                state["tokens"].add(token)
            lifetime = state["lifetime"]
            key = {"access_token": token, "id_token": "id of " + token, "token_type": "Bearer", "username": USERNAME}
            key["expires_in"] = int(lifetime) if lifetime.isdigit() else lifetime
            return self.reply(200, {"maKetQua": "200", "APIKey": key})
        if path != "/api/egw/KQNhanLichSuKCB2024":
            return self.reply(404, "")
        with lock:
            state["looks"] += 1
            fault = None
            if state["times"] > 0:
                state["times"] -= 1
                fault = (state["fail"], state["slow"], state["text"])
        if fault and fault[1]:
            time.sleep(fault[1])
        if fault and fault[0]:
            return self.reply(fault[0], "")
        if fault and fault[2] is not None:
            return self.reply(200, fault[2])
        token = query.get("token")
        if token not in state["tokens"] or query.get("id_token") != "id of " + token:
            return self.reply(200, {"maKetQua": "401"})
        if (query.get("username"), query.get("password")) != (USERNAME, DIGEST):
            return self.reply(200, {"maKetQua": "401"})
        if (form.get("hoTenCb"), form.get("cccdCb")) != OFFICER:
            return self.reply(200, {"maKetQua": "054"})
        if form.get("hoTen") != PERSON[0]:
            return self.reply(200, {"maKetQua": "060"})
        if form.get("ngaySinh") not in (PERSON[1], "1990"):
            return self.reply(200, {"maKetQua": "070"})
        return self.reply(200, answer(form["maThe"]))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # A caller who goes away in the middle is what some tests are about.


folder = sys.argv[1]
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
     "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder + "/key.pem",
     "-out", folder + "/server.pem"],
    check=True, stderr=subprocess.DEVNULL)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/server.pem", folder + "/key.pem")
server = Server(("127.0.0.1", 0), Gateway)
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
