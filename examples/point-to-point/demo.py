#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The link at work, with TLS: a hospital that is down at first, a hub that is killed in the middle, a stranger at the door, and a balance at
the end. Exit code 0 if each result that was acknowledged reached the hospital. Usage: demo.py PROGRAM [--results N]"""
import argparse
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def certificates(folder):
    """An authority and what it issues. For trials only: keys without passphrases."""
    (folder / "tls").mkdir()
    (folder / "secrets").mkdir()
    tls = folder / "tls"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(tls, "req", "-x509", *curve, "-days", "30", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Example Region CA")
    for name, subject in (("hub", "hub.region.example"), ("lab", "lab.region.example"), ("stranger", "stranger.example"), ("hospital", "localhost")):
        openssl(tls, "req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
        (tls / "names").write_text(f"subjectAltName=DNS:{subject},DNS:localhost\n")
        openssl(tls, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-out", f"{name}.pem",
                "-extfile", "names")
    shutil.copy(tls / "hub.key", folder / "secrets" / "hub_key")


def result(number):
    return (f"MSH|^~\\&|LAB|NORTH|HIS|HOSPITAL|20260101220000||ORU^R01^ORU_R01|P{number:06}|P|2.5.1\rPID|1||{4000 + number % 50}^^^NORTH^MR||DOE^JO\r"
            f"OBR|1|||GLU^Glucose^L|||20260101\rOBX|1|NM|GLU^Glucose^L||{number}|mmol/l|||||F\r")


def until(holds, seconds, what):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--results", type=int, default=2000)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with tempfile.TemporaryDirectory(prefix="smarthl7-link-") as scratch:
        folder = pathlib.Path(scratch)
        certificates(folder)
        shutil.copy(HERE / "link.route", folder)
        results = folder / "results.hl7"
        results.write_text("".join(result(n) for n in range(arguments.results)), newline="")
        hub_port, hospital_port = free_port(), free_port()
        log, received = open(folder / "hub.log", "ab"), folder / "received"
        running = []

        def start(*command):
            running.append(subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder))
            return running[-1]

        def hub():
            return start(program, "run", "link.route", "--data", "data", "--secrets", "secrets", "--set", f"hub_port={hub_port}", "--set",
                         f"hospital=localhost:{hospital_port}")

        def status():
            done = subprocess.run([program, "status", "--data", folder / "data", "--json"], capture_output=True)
            return json.loads(done.stdout) if done.returncode == 0 else None

        def send(name, *more):
            return [program, "send", results, "--to", f"mllps://localhost:{hub_port}", "--ca", "tls/ca.pem", "--certificate", f"tls/{name}.pem", "--key",
                    f"tls/{name}.key", *more]

        try:
            child = hub()
            until(status, 60, "the hub is up")
            stranger = subprocess.run(send("stranger", "--wait", "5"), cwd=folder, capture_output=True, text=True)
            if stranger.returncode == 0 or status()["store"]["messages"] != 0:
                sys.exit(f"a stranger was let in: {stranger.stdout}")
            print("a stranger with a certificate of the same authority: refused, nothing taken")
            lab = start(*send("lab", "--connections", "4", "--resend", "60", "--log", "sent.log"))
            until(lambda: (s := status()) and s["store"]["messages"] > arguments.results // 4, 60, "results are taken while the hospital is down")
            child.send_signal(signal.SIGKILL)
            child.wait()
            print("the hub was killed in the middle; started again")
            hub()
            start(program, "listen", f"mllps://localhost:{hospital_port}", "--certificate", "tls/hospital.pem", "--key", "tls/hospital.key", "--ca", "tls/ca.pem",
                  "--require-client", "--log", received)
            if lab.wait(timeout=120) != 0:
                sys.exit("the laboratory could not send all of it")
            until(lambda: (s := status()) and s["destinations"][0]["queued"] == 0, 120, "all of it is delivered")
            acknowledged = {line.split()[0] for line in (folder / "sent.log").read_text().splitlines() if line.split()[1] == "AA"}
            came = [line.split()[1] for line in received.read_text().splitlines()]
            print(f"{len(acknowledged)} results acknowledged, {len(set(came))} at the hospital, {len(came) - len(set(came))} of them twice")
            listed = sum(d["ambiguous"] for d in status()["destinations"])
            if len(acknowledged) != arguments.results or acknowledged != set(came) or len(came) - len(set(came)) > listed:
                sys.exit("not balanced")
            print("balanced: each acknowledged result is at the hospital")
        finally:
            for process in running:
                if process.poll() is None:
                    process.terminate()
            for process in running:
                process.wait()
            log.close()


if __name__ == "__main__":
    main()
