#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hub at work: senders, spokes, a partner that is added while messages flow, a spoke that is down, a hub that is killed, and a balance
at the end. Exit code 0 if each acknowledged message is where it belongs. Usage: demo.py PROGRAM [--results N]"""
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
SPOKES = {"mercy": "MERCY", "st_john": "STJOHN", "county": "COUNTY"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def result(sender, receiver, control_id, patient):
    return (f"MSH|^~\\&|LAB|{sender}|HIS|{receiver}|20260101220000||ORU^R01^ORU_R01|{control_id}|P|2.5.1\rPID|1||{patient}^^^NORTH^MR||DOE^JO\r"
            f"OBR|1|||GLU^Glucose^L|||20260101\rOBX|1|NM|GLU^Glucose^L||5.4|mmol/l|||||F\r")


def admission(control_id, patient):
    return (f"MSH|^~\\&|ADM|FRONT|REGION|R|20260101220000||ADT^A01^ADT_A01|{control_id}|P|2.5.1\rEVN||20260101220000\r"
            f"PID|1||{patient}^^^NORTH^MR||DOE^JO\rPV1|1|I|W1\r")


def until(holds, seconds, what):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


def lines_of(path):
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--results", type=int, default=900)
    arguments = parser.parse_args()
    program, count = arguments.program.resolve(), arguments.results
    with tempfile.TemporaryDirectory(prefix="smarthl7-hub-") as scratch:
        folder = pathlib.Path(scratch)
        for name in ("hub.route", "partners.csv"):
            shutil.copy(HERE / name, folder)
        receivers = list(SPOKES.values())
        files = {"north": [result("NORTH", receivers[n % 3], f"N{n:05}", 4000 + n % 40) for n in range(count)],
                 "xray": [result("XRAY", receivers[n % 2], f"X{n:05}", 4000 + n % 40) for n in range(count)],
                 "south": [result("SOUTH", receivers[n % 3], f"S{n:05}", 4000 + n % 40) for n in range(count // 10)],
                 "front": [admission(f"A{n:05}", 4000 + n % 40) for n in range(count // 3)]}
        for name, messages in files.items():
            (folder / f"{name}.hl7").write_text("".join(messages), newline="")
        ports = {name: free_port() for name in ("hub", "adt", *SPOKES)}
        log, running = open(folder / "hub.log", "ab"), []

        def start(*command):
            running.append(subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder))
            return running[-1]

        def hub():
            sets = [("hub_port", ports["hub"]), ("adt_port", ports["adt"])] + [(f"{name}_at", f"127.0.0.1:{ports[name]}") for name in SPOKES]
            return start(program, "run", "hub.route", "--data", "data", *(part for name, value in sets for part in ("--set", f"{name}={value}")))

        def spoke(name):
            return start(program, "listen", f"mllp://127.0.0.1:{ports[name]}", "--log", f"{name}.received")

        def send(name, port):
            return start(program, "send", f"{name}.hl7", "--to", f"mllp://127.0.0.1:{ports[port]}", "--connections", "2", "--resend", "60", "--rate", "400",
                         "--log", f"{name}.sent")

        def status():
            done = subprocess.run([program, "status", "--data", folder / "data", "--json"], capture_output=True)
            return json.loads(done.stdout) if done.returncode == 0 else None

        def stored():
            now = status()
            return now["store"]["messages"] if now else 0

        try:
            child = hub()
            until(status, 60, "the hub is up")
            for name in ("mercy", "st_john"):
                spoke(name)
            print("county is down")
            senders = [send("north", "hub"), send("xray", "hub"), send("front", "adt")]
            if send("south", "hub").wait(timeout=60) == 0 or any(line[1] == "AA" for line in lines_of(folder / "south.sent")):
                sys.exit("SOUTH is no partner yet and was let in")
            print("SOUTH is no partner: each of its results was refused")
            part = folder / "partners.part"
            part.write_text((folder / "partners.csv").read_text() + "SOUTH,SOUTH_LAB\n")
            part.rename(folder / "partners.csv")
            until(lambda: (s := status()) and s["tables"][0]["rows"] == 4, 30, "the new partner is known")
            (folder / "south.sent").unlink()
            senders.append(send("south", "hub"))
            print("SOUTH was added to partners.csv: known to the running hub")
            until(lambda: stored() > count, 60, "results are taken")
            child.send_signal(signal.SIGKILL)
            child.wait()
            print("the hub was killed in the middle; started again")
            hub()
            spoke("county")
            for sender in senders:
                sender.wait(timeout=120)
            until(lambda: (s := status()) and sum(d["queued"] for d in s["destinations"]) == 0, 120, "all of it is delivered")
            wrong = []
            listed = {d["name"]: d["ambiguous"] for d in status()["destinations"]}
            for name, facility in SPOKES.items():
                due = {message.split("|")[9] for messages in files.values() for message in messages
                       if message.split("|")[5] == facility or message.split("|")[8].startswith("ADT")}
                came = [line[1] for line in lines_of(folder / f"{name}.received")]
                twice = len(came) - len(set(came))
                print(f"{name}: {len(due)} due, {len(set(came))} came, {twice} twice")
                if due != set(came) or twice > listed[name]:
                    wrong.append(name)
            answers = {line[1] for name in files for line in lines_of(folder / f"{name}.sent")}
            if wrong or answers != {"AA"}:
                sys.exit(f"not balanced: {wrong}, answers {answers}")
            print("balanced: each message is where it belongs, and nowhere else")
        finally:
            for process in running:
                if process.poll() is None:
                    process.terminate()
            for process in running:
                process.wait()
            log.close()


if __name__ == "__main__":
    main()
