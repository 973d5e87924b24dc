#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`smarthl7 init` as a new user meets it: the commands that it prints are run word by word, in a shell, and a first message goes
through; then those of the project's README. What is there already is not touched. Usage: check_init.py PROGRAM"""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
problems = []


def expect(what, condition, shown=""):
    if not condition:
        problems.append(f"{what}: {shown}")


def two_free_ports():
    while True:
        with socket.create_server(("127.0.0.1", 0)) as one:
            port = one.getsockname()[1]
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except (OSError, OverflowError):
                continue


def main():
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        path = f"{PROGRAM.parent}:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path}

        def run(command, cwd=where):
            return subprocess.run(command, shell=True, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False)

        made = run(f"smarthl7 init lab --port {two_free_ports()}")
        expect("init", made.returncode == 0, made.stderr)
        lab = where / "lab"
        commands = re.findall(r"^  (smarthl7 .*)$", made.stdout, re.MULTILINE)
        expect("it prints three commands", len(commands) == 3, made.stdout)
        readme = (lab / "README.md").read_text(encoding="utf-8")
        expect("the README has the same", "\n".join(commands) in readme, readme)

        # One shell, one command after the other, as typed; the end of the shell's group ends what it left running.
        shell = subprocess.Popen(["bash", "-c", "\n".join(commands) + "\necho sent\nwait"], cwd=lab, env=environment, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            said = ""
            for line in shell.stdout:
                said += line
                if line == "sent\n":
                    break
            expect("the message is accepted", "sent 1: 1 accepted, 0 refused" in said, said)
            until = time.monotonic() + 20
            received = lab / "received" / "00000001.hl7"
            while not received.exists() and time.monotonic() < until:
                time.sleep(0.05)
            through = time.monotonic() - started
            expect("it reached the receiver", received.exists(), said)
            if received.exists():
                body = received.read_bytes()
                expect("put right on the way", b"12345^^^MERCY^MR||SMITH^Anna" in body, body)
            for command in re.findall(r"^(smarthl7 (?!listen|run|send).*)$", readme, re.MULTILINE):
                done = run(command, lab)
                expect(command, done.returncode == 0, done.stdout + done.stderr)
        finally:
            os.killpg(shell.pid, signal.SIGTERM)
            shell.wait(30)

        # What guards changes passes as written.
        for command in re.findall(r"- run: (smarthl7 .*)$", (lab / ".github/workflows/routes.yml").read_text(encoding="utf-8"), re.MULTILINE):
            done = run(command, lab)
            expect(command, done.returncode == 0, done.stdout + done.stderr)
        ignored = (lab / ".gitignore").read_text(encoding="utf-8")
        expect("data and messages stay out of version control", "/data/" in ignored and "/received/" in ignored, ignored)

        # Nothing that is there is replaced, and then nothing is written at all.
        (lab / "hub.route").write_text("mine", encoding="utf-8")
        (lab / "tests.route").unlink()
        again = run("smarthl7 init lab")
        expect("a second init is refused", again.returncode == 1 and "is there already" in again.stderr, again.stderr)
        expect("what was there is as it was", (lab / "hub.route").read_text(encoding="utf-8") == "mine" and not (lab / "tests.route").exists())
        here = where / "here"
        here.mkdir()
        (here / "notes.txt").write_text("mine", encoding="utf-8")
        done = run("smarthl7 init --json", here)
        expect("the folder one stands in", done.returncode == 0 and (here / "hub.route").exists(), done.stderr)
        expect("json", len(json.loads(done.stdout)["next"]) == 3, done.stdout)
        expect("a file where a folder must be", run("smarthl7 init notes.txt", here).returncode == 3)
        expect("a port that is none", run("smarthl7 init x --port 70000").returncode == 2)
    for problem in problems:
        print(f"FAILED: {problem}")
    print(f"{len(problems)} failed; a first message through after {through:.2f} s")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
