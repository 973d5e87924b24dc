#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The admin interface over loopback HTTP, asked with curl: only who shows the token is answered, no other name and no other site's page
is, nothing is read of a body before that, and a read of a message's body is an audit record. Usage: check_admin.py PROGRAM"""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
ROUTES = pathlib.Path(__file__).resolve().parent / "one.route"
MESSAGE = ("MSH|^~\\&|LAB|MERCY|HUB|HUB|20261124010000+0000||ORU^R01^ORU_R01|ADMIN1|P|2.5.1\rPID|1||12345^^^MERCY^MR||smith^Anna\r"
           "OBR|1|||718-7^Hemoglobin^LN\rOBX|1|NM|718-7^Hemoglobin^LN||13.5|g/dL|||||F\r")
problems = []
asked = 0


def expect(what, condition, shown=""):
    if not condition:
        problems.append(f"{what}: {shown}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def curl(url, *words):
    """Status and body."""
    global asked
    asked += 1
    done = subprocess.run(["curl", "-sS", "--max-time", "20", "-o", "-", "-w", "\n%{http_code}", *words, url], capture_output=True, text=True,
                          timeout=60, check=False)
    body, _, status = done.stdout.rpartition("\n")
    return int(status or 0), body if done.returncode == 0 else body + done.stderr


def refused_starts(where):
    """What is no loopback address is refused by name, before anything runs."""
    for wrong in ("0.0.0.0:9000", "10.0.0.1:9000", "[::]:9000", "example.org:9000", "9000", "127.0.0.1"):
        done = subprocess.run([PROGRAM, "run", ROUTES, "--data", where / "never", "--admin", wrong], capture_output=True, text=True, timeout=60,
                              check=False)
        expect(f"--admin {wrong}", done.returncode == 2 and "an address of loopback" in done.stderr, done.stderr)
        expect(f"--admin {wrong} makes no data folder", not (where / "never").exists())


class Hub:
    def __init__(self, where, ports, *words):
        self.log_path = where / "hub.log"
        self.log = self.log_path.open("w", encoding="utf-8")
        self.process = subprocess.Popen([PROGRAM, "run", ROUTES, "--data", where / "data", "--set", f"hub_port={ports[0]}", "--set",
                                         f"out_port={ports[1]}", *words], stdout=self.log, stderr=subprocess.STDOUT)

    def said(self, pattern, wanted=True):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            found = re.search(pattern, self.log_path.read_text(encoding="utf-8"))
            if found or not wanted:
                return found
            time.sleep(0.02)
        raise SystemExit("the hub did not say " + pattern + ":\n" + self.log_path.read_text(encoding="utf-8"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.log.close()
        return code


def check_refusals(base, port, bearer):
    status_url = base + "/v1/status"
    expect("the token opens", curl(status_url, "-H", bearer)[0] == 200)
    expect("localhost is its name too", curl(f"http://localhost:{port}/v1/status", "-4", "-H", bearer)[0] == 200)
    code, body = curl(status_url)
    expect("no token", code == 401 and "admin.token" in body and "sources" not in body, body)
    for wrong in ("Authorization: Bearer 0", bearer[:-1], bearer + "0", bearer.replace("Bearer", "Basic"), "X-Token: " + bearer.split()[-1]):
        expect("a wrong token", curl(status_url, "-H", wrong)[0] == 401, wrong)
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.evil.example:{port}", f"10.0.0.1:{port}"):
        expect(f"Host {host}", curl(status_url, "-H", bearer, "-H", f"Host: {host}")[0] == 403)
    for origin in ("http://evil.example", f"https://127.0.0.1:{port}", "null", f"http://evil.example:{port}"):
        expect(f"Origin {origin}", curl(status_url, "-H", bearer, "-H", f"Origin: {origin}")[0] == 403)
    expect("its own origin", curl(status_url, "-H", bearer, "-H", f"Origin: http://127.0.0.1:{port}")[0] == 200)
    expect("metrics need it", curl(base + "/metrics")[0] == 401)
    expect("health does not", curl(base + "/healthz") == (200, "alive\n"), "")
    expect("readiness does not", curl(base + "/readyz") == (200, "ready\n"), "")
    expect("nothing is done without it", curl(base + "/v1/hold", "-d", '{"name":"out","reason":"x"}')[0] == 401)
    # A body is not read before its sender is known: the answer comes though the body never does.
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(f"POST /v1/hold HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 90000000\r\n\r\n".encode())
        expect("refused before the body", line.recv(4096).startswith(b"HTTP/1.1 401"))


def send(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(b"\x0b" + MESSAGE.encode() + b"\x1c\r")
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            more = line.recv(4096)
            if not more:
                break
            answer += more
    expect("the message is taken", b"MSA|AA|ADMIN1" in answer, answer)


def audit_of_reads(where, base, bearer):
    command = subprocess.run([PROGRAM, "body", "1", "--data", where / "data"], capture_output=True, text=True, timeout=60, check=False)
    expect("the body through the socket", command.returncode == 0 and "PID|1||12345" in command.stdout, command.stderr)
    code, body = curl(base + "/v1/messages/1/body", "-H", bearer)
    expect("the body over HTTP", code == 200 and "PID|1||12345" in body, body)
    curl(base + "/v1/messages/1/body")  # refused, so nobody read anything
    code, text = curl(base + "/v1/audit", "-H", bearer)
    reads = [record for record in json.loads(text)["audit"] if record["act"] == "read body"]
    expect("two reads, two records", [record["object"] for record in reads] == ["message 1", "message 1"], text)
    expect("the socket names the user", reads and reads[0]["actor"] == f"unix uid {os.getuid()}", text)
    expect("HTTP names the token", len(reads) > 1 and reads[1]["actor"].startswith("token from 127.0.0.1:"), text)
    told = subprocess.run([PROGRAM, "status", "--data", where / "data", "--admin", base, "--json"], capture_output=True, text=True, timeout=60,
                          check=False)
    expect("the commands know the way", told.returncode == 0 and json.loads(told.stdout)["sources"], told.stderr)
    stranger = subprocess.run([PROGRAM, "status", "--data", where / "other", "--admin", base], capture_output=True, text=True, timeout=60,
                              check=False)
    expect("without the folder no token", stranger.returncode == 3 and "admin.token" in stranger.stderr, stranger.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        refused_starts(where)
        ports = (free_port(), free_port())
        hub = Hub(where, ports)
        hub.said("running plan")
        expect("off unless asked for", not hub.said("admin on http", wanted=False) and not (where / "data/admin.token").exists())
        expect("it ends", hub.stop() == 0)

        hub = Hub(where, ports, "--admin", "127.0.0.1:0")
        try:
            base = hub.said(r"admin on (http://127\.0\.0\.1:\d+)").group(1)
            hub.said("running plan")
            file = where / "data/admin.token"
            token = file.read_text(encoding="ascii").strip()
            expect("256 bits", re.fullmatch("[0-9a-f]{64}", token), "")
            expect("mode 0600", stat.S_IMODE(file.stat().st_mode) == 0o600, oct(file.stat().st_mode))
            log = hub.log_path.read_text(encoding="utf-8")
            expect("the log says where it is, and not what", "a new token was made" in log and str(file) in log and token not in log, log)
            bearer = "Authorization: Bearer " + token
            check_refusals(base, int(base.rsplit(":", 1)[1]), bearer)
            send(ports[0])
            audit_of_reads(where, base, bearer)
        finally:
            code = hub.stop()
        expect("it ends with open doors", code == 0, hub.log_path.read_text(encoding="utf-8"))

        hub = Hub(where, ports, "--admin", "[::1]:0") if socket.has_ipv6 else Hub(where, ports, "--admin", "localhost:0")
        found = hub.said(r"admin on (http://\S+:\d+)|the admin interface: ")
        if found.group(1):
            expect("the same token", curl(found.group(1) + "/v1/status", "-g", "-H", bearer)[0] == 200)
            expect("made once", not hub.said("a new token was made", wanted=False))
            hub.stop()
        else:  # no IPv6 in this machine: the start says so and ends
            expect("a start that cannot listen ends", hub.process.wait(60) == 3)
    print(f"admin over loopback: {asked} requests with curl, {len(problems)} failed")
    for problem in problems:
        print("FAILED", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
