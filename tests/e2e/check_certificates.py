#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Certificates that live: those of a source and of a destination are replaced while messages flow. No connection is dropped, no
message is sent twice or lost, new connections use the new ones; what cannot be used is named and the old one goes on; `status` and
/metrics say until when. The peers are Python's ssl. Usage: check_certificates.py PROGRAM [--times 5]"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

VT, END = b"\x0b", b"\x1c\r"
problems = []

ROUTE = """language 1

secret hub_key

source lab = mllp {
  listen "127.0.0.1:0"
  tls {
    certificate file "tls/hub.pem"
    key         secret hub_key
    clients     file "tls/ca.pem"
    pin         "CN=sender"
  }
}

destination mercy = mllp {
  connect "localhost:PORT"
  tls {
    ca          file "tls/ca.pem"
    certificate file "tls/hub.pem"
    key         secret hub_key
  }
}

flow all {
  from lab
  -> mercy
}
"""


def expect(what, condition, shown=""):
    if not condition:
        problems.append(f"{what}: {shown}")


def openssl(folder, *args):
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


def authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "60", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.pem")


def sign(folder, ca, common_name, out, days=90):
    """out.pem and out.key, written beside their place; who uses them moves them."""
    (folder / f"{out}.ext").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n", encoding="ascii")
    openssl(folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={common_name}", "-keyout",
            f"{out}.key", "-out", f"{out}.csr")
    openssl(folder, "x509", "-req", "-in", f"{out}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days", str(days), "-extfile",
            f"{out}.ext", "-out", f"{out}.pem")


class Receiver:
    """Takes clients of the authority alone, answers AA, counts connections and who they are."""

    def __init__(self, folder):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "receiver.pem", folder / "receiver.key")
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self.context, self.subjects, self.ids, self.close_next = context, [], [], False
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) as connection:
                self.subjects.append(connection.getpeercert()["subject"][0][0][1])
                held = b""
                while got := connection.recv(65536):
                    held += got
                    while END in held:
                        message, held = held.split(END, 1)
                        about = message.split(b"\r")[0].split(b"|")[9]
                        self.ids.append(about)
                        connection.sendall(VT + b"MSH|^~\\&|M|M|H|H|1||ACK|1|P|2.5.1\rMSA|AA|" + about + b"\r" + END)
                    if self.close_next:
                        self.close_next = False
                        return
        except OSError:
            pass


def shown_by(port, folder, identity="sender"):
    """The subject of what the hub shows to a new connection, over which a message gets its AA; or what failed."""
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.load_cert_chain(folder / f"{identity}.pem", folder / f"{identity}.key")
    try:
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=10), server_hostname="localhost") as connection:
            connection.sendall(VT + b"MSH|^~\\&|L|L|H|H|1||ORU^R01|NEW" + str(time.monotonic_ns()).encode() + b"|P|2.5.1\rPID|1||4711||SECRETNAME\r" + END)
            if b"MSA|AA" not in connection.recv(65536):
                return "no AA"
            return connection.getpeercert()["subject"][0][0][1]
    except OSError as error:
        return str(error)


def ask_socket(path, target):
    with socket.socket(socket.AF_UNIX) as admin:
        admin.settimeout(20)
        admin.connect(str(path))
        admin.sendall(f"GET {target} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while got := admin.recv(65536):
            answer += got
    return answer.decode()


def wait_for(what, condition, seconds=15):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    expect(what, False, "not in time")
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    program = options.program.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "tls").mkdir()
        (folder / "secrets").mkdir()
        authority(folder, "ca")
        authority(folder, "stranger_ca")
        sign(folder, "ca", "receiver", "receiver")
        sign(folder, "ca", "sender", "sender")
        sign(folder, "ca", "another", "another")
        sign(folder, "stranger_ca", "sender", "stranger")

        def install(common_name, days=90):
            sign(folder, "ca", common_name, "fresh", days)
            for source, place in ((folder / "fresh.pem", folder / "tls/hub.pem"), (folder / "fresh.key", folder / "secrets/hub_key")):
                shutil.copy(source, f"{place}.new")
                os.rename(f"{place}.new", place)

        shutil.copy(folder / "ca.pem", folder / "tls/ca.pem")
        install("hub-0")
        receiver = Receiver(folder)
        (folder / "hub.route").write_text(ROUTE.replace("PORT", str(receiver.socket.getsockname()[1])), encoding="utf-8")
        log_path = folder / "log"
        with open(log_path, "w", encoding="utf-8") as log:
            hub = subprocess.Popen([program, "run", "hub.route", "--data", "data", "--secrets", "secrets"], cwd=folder, stdout=log, stderr=log)
        said = lambda: log_path.read_text(encoding="utf-8", errors="replace")
        try:
            wait_for("the hub starts", lambda: "running plan" in said())
            port = int(re.search(r"source lab listens on .*:(\d+)", said())[1])
            (folder / "load.hl7").write_text(
                "".join(f"MSH|^~\\&|L|L|H|H|1||ORU^R01|LOAD{i}|P|2.5.1\rPID|1||4711||SECRETNAME\r\n" for i in range(100)), encoding="ascii")
            seconds = options.times * 1.2 + 8
            load = subprocess.Popen([program, "send", "load.hl7", "--to", f"mllps://localhost:{port}", "--ca", "ca.pem", "--certificate", "sender.pem",
                                     "--key", "sender.key", "--connections", "4", "--rate", "200", "--repeat", str(int(2 * seconds)), "--json"],
                                    cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            wait_for("the load runs", lambda: len(receiver.ids) > 50)
            for i in range(1, options.times + 1):
                install(f"hub-{i}")
                if i % 5 != 0:  # every fifth is found by itself
                    hub.send_signal(signal.SIGHUP)
                wait_for(f"the new certificate {i} is used", lambda i=i: shown_by(port, folder) == f"hub-{i}")
            expect("the receiver's connection was made once", len(receiver.subjects) == 1, receiver.subjects)
            expect("still under load", load.poll() is None, "the load ended before the last certificate")
            receiver.close_next = True
            wait_for("the destination connects anew", lambda: len(receiver.subjects) == 2)
            expect("with the new certificate", receiver.subjects[-1] == f"hub-{options.times}", receiver.subjects)
            out, errors = load.communicate(timeout=120)
            summary = json.loads(out)
            expect("all are accepted at the first attempt, over connections that were never dropped",
                   summary["accepted"] == summary["sent"] and summary["resent"] == 0, out + errors)

            # Half written, or damaged: the old one goes on, and status says why.
            shutil.copy(folder / "another.pem", folder / "tls/hub.pem")
            hub.send_signal(signal.SIGHUP)
            wait_for("the trouble is told", lambda: "does not belong to the certificate" in said())
            expect("the old one goes on", shown_by(port, folder) == f"hub-{options.times}", shown_by(port, folder))

            def ask(*words):
                return subprocess.run([program, *words, "--data", "data"], cwd=folder, capture_output=True, text=True, timeout=30, check=False).stdout

            status = json.loads(ask("status", "--json"))
            expect("status says why", all("does not belong" in c["trouble"] for c in status["certificates"]), status["certificates"])
            install("hub-last", days=9)
            wait_for("it is found without a signal", lambda: shown_by(port, folder) == "hub-last")
            status = json.loads(ask("status", "--json"))
            own = [c for c in status["certificates"] if c["what"] == "certificate"]
            expect("status says until when", [c["days_left"] for c in own] == [8, 8] and not any(c["trouble"] for c in own), own)
            expect("for people too", re.search(r"source lab +certificate +CN=hub-last +\d{4}-\d\d-\d\d +8", ask("status")), ask("status"))
            wait_for("the coming end is in the log", lambda: "expires on" in said())
            metrics = ask_socket(folder / "data/admin.sock", "/metrics")
            expect("a metric", re.search(r'smarthl7_certificate_not_after_seconds\{of="source lab, certificate"\} \d', metrics), metrics[-500:])

            # Who may not come in, and why, in the hub's log.
            expect("a stranger is refused", shown_by(port, folder, "stranger") != "hub-last")
            wait_for("and named", lambda: "its certificate is not accepted" in said())
            expect("another one of the same authority is refused", shown_by(port, folder, "another") != "hub-last")
            wait_for("and named as not pinned", lambda: "is not the one that is pinned here" in said())
            expect("no patient in the log", "SECRETNAME" not in said(), said())
        finally:
            hub.terminate()
            code = hub.wait(60)
        expect("the hub ends in order", code == 0, said()[-2000:])
        sent = [i for i in receiver.ids if i.startswith(b"LOAD")]
        expect("each message arrived once", len(set(sent)) == 100 and len(sent) == summary["accepted"], f"{len(sent)} of {summary['accepted']}")
        print(f"{options.times} certificates replaced under load, {summary['accepted']} messages at {summary['per_second']:.0f}/s, "
              f"{summary['resent']} sent again, p99 {summary['p99_ms']:.1f} ms; {len(receiver.subjects)} connections to the receiver, one of them asked for")
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
