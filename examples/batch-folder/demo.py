#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A night of results through real folders, with the hub killed in the middle of it, and a balance at the end. Exit code 0 if each result
reached the registry once and was answered once. Usage: demo.py PROGRAM [--results N]"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def result(number):
    patient = "" if number % 100 == 7 else f"{4000 + number}^^^NORTH^MR"  # some come without a patient: rejected
    return (f"MSH|^~\\&|LAB|NORTH|REG|R|20260101220000||ORU^R01^ORU_R01|N{number:06}|P|2.5.1\rPID|1||{patient}||DOE^JO\r"
            f"OBR|1|||GLU^Glucose^L|||20260101\rOBX|1|NM|GLU^Glucose^L||5.4|mmol/l|||||F\r")


def night(count):
    messages = "".join(result(number) for number in range(count))
    return (f"FHS|^~\\&|LAB|NORTH|REG|R|20260101220000||||F1\rBHS|^~\\&|LAB|NORTH|REG|R|20260101220000||||B1\r{messages}"
            f"BTS|{count}\rFTS|1\r")


def until(holds, seconds, what):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"waited {seconds} s in vain: {what}")
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--results", type=int, default=2000)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with tempfile.TemporaryDirectory(prefix="smarthl7-batch-") as scratch:
        folder = pathlib.Path(scratch)
        for name in ("in", "done", "failed", "answers", "registry"):
            (folder / name).mkdir()
        log = open(folder / "hub.log", "ab")

        def hub():
            return subprocess.Popen([program, "run", HERE / "batch.route", "--data", folder / "data", "--set", f"spool={folder}"],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)

        def status():
            done = subprocess.run([program, "status", "--data", folder / "data", "--json"], capture_output=True)
            return json.loads(done.stdout) if done.returncode == 0 else None

        def stored():
            now = status()
            return now["store"]["messages"] if now else 0

        child = hub()
        try:
            part = folder / "in" / ".night.hl7"
            part.write_bytes(night(arguments.results).encode())
            part.rename(folder / "in" / "night.hl7")
            until(lambda: stored() > arguments.results // 10, 60, "the file is being taken")
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            print("killed in the middle; started again")
            child = hub()
            until(lambda: (folder / "done" / "night.hl7").exists(), 120, "the file is taken")
            rejected = len([n for n in range(arguments.results) if n % 100 == 7])
            good = arguments.results - rejected

            def delivered():
                files = [f.read_bytes().decode() for f in (folder / "registry").iterdir() if not f.name.startswith(".")]
                return sum(len(re.findall(r"(?:^|\r)MSH\|", text)) for text in files), files

            until(lambda: delivered()[0] >= good, 60, "all of it is delivered")
            time.sleep(0.5)
            count, files = delivered()
            ids = re.findall(r"ORU_R01\|(N\d+)\|", "".join(files))
            answers = (folder / "answers" / "night.hl7.ack").read_bytes().decode()
            taken, refused = len(re.findall(r"\rMSA\|AA\|", answers)), len(re.findall(r"\rMSA\|AE\|", answers))
            counts = all(sum(map(int, re.findall(r"\rBTS\|(\d+)", text))) == len(re.findall(r"\rMSH\|", text)) for text in files)
            print(f"{arguments.results} results in one file: {taken} taken, {refused} refused; {count} delivered in {len(files)} files")
            if (len(ids), len(set(ids)), taken, refused, counts) != (good, good, good, rejected, True):
                sys.exit(f"not balanced: {len(ids)} delivered, {len(set(ids))} different, counts {'right' if counts else 'wrong'}")
            print("balanced: each taken once, delivered once, answered once")
        finally:
            child.terminate()
            child.wait()


if __name__ == "__main__":
    main()
