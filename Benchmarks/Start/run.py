#!/usr/bin/env python3
"""Measures how long `cccd serve` takes from its start to being ready, and what memory it has when nobody asks, beside redis-server.

Usage: Benchmarks/Start/run.py [PROGRAM [ROUNDS]]

Each round starts one after the other anew. Ready is what a service manager is told (sd_notify). The first start of a round makes the
terminal's key and the audit log, the second finds them, as every later one does. Memory is read after two seconds.
"""
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time


def measured(folder, command):
    """Milliseconds to READY=1, and kilobytes: resident, of that not shared with files."""
    path = os.path.join(folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(20)
        begin = time.perf_counter()
        process = subprocess.Popen(command, env=dict(os.environ, NOTIFY_SOCKET=path), stdout=subprocess.DEVNULL)
        try:
            while b"READY=1" not in manager.recv(4096):
                pass
            milliseconds = (time.perf_counter() - begin) * 1000
            time.sleep(2)
            with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                status = dict(line.split(":", 1) for line in file)
            return milliseconds, int(status["VmRSS"].split()[0]), int(status["RssAnon"].split()[0])
        finally:
            process.terminate()
            process.wait()
            os.unlink(path)


def main(program=".build/package/source/debian/cccd/usr/bin/cccd", rounds="11"):
    redis = shutil.which("redis-server")
    if redis is None:
        sys.exit("redis-server is not installed: apt-get install redis-server")
    results = {"cccd serve, first start": [], "cccd serve": [], "redis-server": []}
    for _ in range(int(rounds)):
        with tempfile.TemporaryDirectory(prefix="cccd-start-") as folder:
            configuration = os.path.join(folder, "cccd.json5")
            os.mkdir(os.path.join(folder, "trust"))
            with open(configuration, "w", encoding="utf-8") as file:
                file.write(
                    f'{{ socket: {{ path: "{folder}/cccd.sock" }}, state: {{ folder: "{folder}/state" }}, '
                    f'trust: {{ paths: ["{folder}/trust"] }}, log: {{ level: "error" }} }}'
                )
            ours = [program, "serve", "--config", configuration]
            theirs = [redis, "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--supervised", "systemd", "--save", ""]
            for name, command in zip(results, [ours, ours, theirs]):
                results[name].append(measured(folder, command))
    print(f"{'':26} {'ready after':>12} {'resident':>12} {'of its own':>12}")
    for name, values in results.items():
        time_, resident, own = (statistics.median(column) for column in zip(*values))
        print(f"{name:26} {time_:9.1f} ms {resident / 1024:8.1f} MiB {own / 1024:8.1f} MiB")


if __name__ == "__main__":
    main(*sys.argv[1:])
