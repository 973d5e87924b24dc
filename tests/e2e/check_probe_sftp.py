#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real SSH servers with one defect each, and one without: `smarthl7 probe sftp://...` names each defect, exits 1, and 0 where there is
none; it shows the fingerprints that ssh-keygen shows, and no server sees more of a login than a name. Usage: check_probe_sftp.py PROGRAM"""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROGRAM = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*args):
    return subprocess.run(args, check=True, capture_output=True, text=True, timeout=60).stdout


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Sshd:
    """OpenSSH with a configuration of its own."""

    def __init__(self, folder, name, *lines):
        self.port = free_port()
        self.log = os.path.join(folder, name + ".log")
        config = os.path.join(folder, name + ".conf")
        keys = [f"HostKey {folder}/host_{kind}" for kind in ("rsa", "ecdsa", "ed25519")]
        with open(config, "w", encoding="ascii") as out:
            out.write("\n".join([*lines, f"Port {self.port}", "ListenAddress 127.0.0.1", "UsePAM no", "PidFile none", "PasswordAuthentication no",
                                 "KbdInteractiveAuthentication no", "StrictModes no", "LogLevel VERBOSE", *keys]) + "\n")
        with open(self.log, "w", encoding="ascii") as log:
            self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", config], stderr=log)
        for _ in range(200):
            if "Server listening" in self.said():
                return
            time.sleep(0.05)
        raise AssertionError("sshd did not start: " + self.said())

    def said(self):
        with open(self.log, encoding="ascii", errors="replace") as log:
            return log.read()


class Behaving:
    """A listener whose connections each `behave`."""

    def __init__(self, behave):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, args=(behave,), daemon=True).start()

    def accept(self, behave):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=behave, args=(connection,), daemon=True).start()


def silent(connection):
    while connection.recv(65536):
        pass


def http(connection):
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    connection.close()


def probe(url, *args):
    done = subprocess.run([PROGRAM, "probe", url, "--json", *args], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout) if done.returncode < 2 else {}


def main():
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("rsa", "ecdsa", "ed25519"):
            run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", f"{folder}/host_{kind}")
        prints = [run("ssh-keygen", "-l", "-f", f"{folder}/host_{kind}.pub").split()[1] for kind in ("ed25519", "ecdsa", "rsa")]
        good, old = Sshd(folder, "good"), Sshd(folder, "old", "HostKeyAlgorithms ssh-rsa")
        peer = subprocess.Popen(["/usr/bin/python3", "-B", str(ROOT / "tests/support/sftp_peer.py"), f"{folder}/host_ed25519", "word", "anyone"],
                                stdout=subprocess.PIPE, text=True)
        open_port = int(peer.stdout.readline().split()[1])
        failed = 0

        def expect(what, holds, *shown):
            nonlocal failed
            failed += not holds
            print("ok:" if holds else "FAILED:", what, *([] if holds else shown))

        try:
            cases = [
                ("all is well", f"sftp://hub@127.0.0.1:{good.port}/in/", None),
                ("nobody is named", f"sftp://127.0.0.1:{good.port}", None),
                ("SHA-1 alone", f"sftp://hub@127.0.0.1:{old.port}", "sha1_only"),
                ("anyone is let in", f"sftp://hub@127.0.0.1:{open_port}", "anyone"),
                ("no SSH", f"sftp://hub@127.0.0.1:{Behaving(http).port}", "no_ssh"),
                ("silence", f"sftp://hub@127.0.0.1:{Behaving(silent).port}", "never_answers"),
                ("no listener", f"sftp://hub@127.0.0.1:{free_port()}", "no_listener"),
                ("name that nobody knows", "sftp://hub@nowhere.invalid:22", "no_address"),
            ]
            page = (ROOT / "docs/operate/probe.md").read_text(encoding="utf-8")
            for what, url, defect in cases:
                code, report = probe(url, "--wait", "2")
                found = [f["code"] for f in report["findings"] if f["severity"] == "defect"]
                expect(what, found == ([defect] if defect else []) and code == (1 if defect else 0), code, report)
                expect(f"{defect} is documented", defect is None or f"`{defect}`" in page)
            _, report = probe(cases[0][1])
            expect("the fingerprints are those of ssh-keygen", [key.split()[1] for key in report["host_keys"]] == prints, report, prints)
            expect("it says what is taken for a login", any("it takes publickey of hub" in f["text"] for f in report["findings"]), report)
            expect("one key with --once", len(probe(cases[0][1], "--once")[1]["host_keys"]) == 1)
            tries = re.findall(r"Failed (\w+) for", good.said())
            expect("no key and no password was shown", not [how for how in tries if how != "none"], tries)
            for wrong in (["sftp://hub:word@127.0.0.1:22"], ["sftp://"], [cases[0][1], "--ask"], [cases[0][1], "--nak"], [cases[0][1], "--name", "x"]):
                expect(f"{wrong} is a usage error", probe(*wrong)[0] == 2)
        finally:
            for process in (good.process, old.process, peer):
                process.kill()
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
