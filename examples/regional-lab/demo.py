#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The regional laboratory at work: five hospitals, a hub, half a minute of results, one SIGKILL on the way, and a balance at the end.
Exit code 0 if the account is balanced. Usage: demo.py PROGRAM MAKE_RESULTS [--seconds N] [--rate N]
With --volume N: N results over 32 connections as fast as they are acknowledged, with no fault on the way, and the same balance."""
import argparse
import collections
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HOSPITALS = {  # name: (facility, TLS, what it does)
    "mercy": ("MERCY", True, [], "mutual TLS, 4 connections, in order by patient"),
    "st_john": ("STJOHN", True, [], "mutual TLS, strict order"),
    "county": ("COUNTY", False, ["--odd", "207", "--every", "9"], "refuses every 9th for now"),
    "lakeside": ("LAKESIDE", False, ["--delay", "0.04"], "takes 40 ms for an answer"),
    "valley": ("VALLEY", False, [], "is down for 8 seconds"),
}
PREFIX = "LAB"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Demo:
    def __init__(self, program, make_results, seconds, rate, volume):
        self.program, self.seconds, self.rate, self.volume = program, seconds, rate, volume
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="smarthl7-demo-"))
        self.ports = {name: free_port() for name in list(HOSPITALS) + ["lab"]}
        self.processes = {}
        self.totals = collections.Counter()   # over both runs of the hub
        self.last = None
        self.tty = sys.stdout.isatty()
        self.drawn = 0
        subprocess.run([HERE / "make_certificates.sh", self.folder], check=True)
        for name in ("lab.route", "facilities.csv"):
            shutil.copy(HERE / name, self.folder / name)
        self.results = self.folder / "results.hl7"
        with open(self.results, "wb") as out:
            subprocess.run([make_results, str(volume or seconds * rate), PREFIX], stdout=out, check=True)
        self.control_ids, self.patients = [], {}
        for part in self.results.read_bytes().split(b"MSH|")[1:]:
            control_id = part.split(b"|", 9)[8].decode()
            self.control_ids.append(control_id)
            self.patients[control_id] = part[part.index(b"\rPID|"):].split(b"|", 4)[3]

    def start(self, name, arguments, log=None):
        out = open(self.folder / (log or f"{name}.log"), "ab")
        self.processes[name] = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        out.close()

    def end(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name, None)
        if process and process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start_hospital(self, name):
        _, tls, odd, _ = HOSPITALS[name]
        arguments = [self.program, "listen", f"{'mllps' if tls else 'mllp'}://localhost:{self.ports[name]}", "--log", self.folder / f"{name}.received"]
        if tls:
            arguments += ["--certificate", self.folder / "tls/hospital.pem", "--key", self.folder / "tls/hospital.key",
                          "--ca", self.folder / "tls/ca.pem", "--require-client"]
        self.start(name, arguments + ([] if self.volume else odd))

    def start_hub(self):
        arguments = [self.program, "run", self.folder, "--data", self.folder / "data", "--secrets", self.folder / "secrets",
                     "--set", f"lab_port={self.ports['lab']}"]
        for name in HOSPITALS:
            arguments += ["--set", f"{name}_port={self.ports[name]}"]
        self.start("hub", arguments)
        for _ in range(600):
            if self.status() is not None:
                return
            if self.processes["hub"].poll() is not None:
                sys.exit(f"the hub did not start; see {self.folder}/hub.log:\n" + (self.folder / "hub.log").read_text())
            time.sleep(0.05)
        sys.exit("the hub does not answer")

    def ask(self, *words):
        done = subprocess.run([self.program, *words, "--data", self.folder / "data", "--json"], capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def status(self):
        self.last = self.ask("status")
        return self.last

    def keep_totals(self):
        """Counters of a run end with it; the store's go on."""
        if self.last:
            for d in self.last["destinations"]:
                self.totals[d["name"] + " retries"] += d["retries"]

    def received(self, name):
        """Control ids that a hospital accepted (its own log), in order, with the connection."""
        path = self.folder / f"{name}.received"
        rows = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [(row[0], row[1]) for row in rows if len(row) >= 3 and row[2] == "AA"]

    def draw(self, note):
        s = self.last
        if s is None:
            return
        source, store = s["sources"][0], s["store"]
        ack, lines = source["to_acknowledgement"], []
        lines.append(f"  {note}")
        lines.append(f"  received {source['received']:>6}   rejected {source['rejected']:>4}   duplicates dropped {store['duplicates']:>4}   "
                     f"dead letters {store['dead']:>4}   to acknowledgement p50 {ack['p50_us'] / 1000:.1f} ms, p99 {ack['p99_us'] / 1000:.1f} ms")
        lines.append(f"  {'hospital':<10}{'delivered':>10}{'queued':>8}{'retries':>9}  {'p50 ms':>9}{'p99 ms':>10}  state")
        kept = {d["name"]: d for d in store["destinations"]}
        for d in s["destinations"]:
            delivery = d["to_delivery"]
            retries = d["retries"] + self.totals[d["name"] + " retries"]
            lines.append(f"  {d['name']:<10}{kept[d['name']]['delivered']:>10}{d['queued']:>8}{retries:>9}  {delivery['p50_us'] / 1000:>9.1f}"
                         f"{delivery['p99_us'] / 1000:>10.1f}  {d['state']:<10} {'' if self.volume else HOSPITALS[d['name']][3]}".rstrip())
        if self.tty and self.drawn:
            sys.stdout.write(f"\x1b[{self.drawn}A")
        for line in lines:
            sys.stdout.write(line + ("\x1b[K" if self.tty else "") + "\n")
        sys.stdout.flush()
        self.drawn = len(lines) if self.tty else 0

    def run(self):
        pace = "over 32 connections, as fast as they are acknowledged" if self.volume else f"at {self.rate}/s"
        print(f"Five hospitals, one laboratory, {len(self.control_ids)} results {pace}; files in {self.folder}\n")
        for name in HOSPITALS:
            self.start_hospital(name)
        self.start_hub()
        self.start("send", [self.program, "send", self.results, "--to", f"mllp://127.0.0.1:{self.ports['lab']}", "--connections",
                            "32" if self.volume else "4", "--rate", "0" if self.volume else str(self.rate), "--resend", "60", "--log", self.folder / "sent.log", "--json"])
        started, killed, down, up = time.time(), False, False, False
        next_draw, note = 0.0, "running"
        down = up = killed = bool(self.volume)
        while self.processes["send"].poll() is None:
            now = time.time() - started
            if not down and now > self.seconds * 0.2:
                self.end("valley")
                down, note = True, "valley is down"
            if down and not up and now > self.seconds * 0.2 + 8:
                self.start_hospital("valley")
                up, note = True, "valley is back"
            if not killed and now > self.seconds * 0.5:
                self.status()
                self.keep_totals()
                self.end("hub", signal.SIGKILL)
                killed, note = True, "the hub was killed (SIGKILL) and started again"
                self.start_hub()
            if now >= next_draw:
                if self.status():
                    self.draw(note)
                next_draw = now + (1 if self.tty else 5)
            time.sleep(0.1)
        if not up:
            self.start_hospital("valley")
        deadline = time.time() + 120
        while time.time() < deadline:
            if self.status() and sum(d["queued"] for d in self.last["destinations"]) == 0:
                break
            time.sleep(0.2)
        self.draw("all sent, queues empty")
        if self.volume:
            print(f"  {len(self.control_ids) / (time.time() - started):.0f} results/s, accepted and delivered, the drain included")
        balanced = self.balance(killed)
        self.end("hub")
        for name in list(self.processes):
            self.end(name)
        if balanced:
            shutil.rmtree(self.folder)
        else:
            print(f"files are kept in {self.folder}")
        return 0 if balanced else 1

    def balance(self, killed):
        answers = collections.Counter(line.split()[1] for line in (self.folder / "sent.log").read_text().splitlines())
        sent = len(self.control_ids)
        unique = len(set(self.control_ids))
        store = self.last["store"]
        got = {name: self.received(name) for name in HOSPITALS}
        first = {name: list(dict.fromkeys(i for _, i in rows)) for name, rows in got.items()}
        delivered = sum(len(ids) for ids in first.values())
        dead = {d["message"] for d in self.ask("dead", "list", "--limit", "10000")["dead"]}
        ambiguous = self.ask("ambiguous", "--limit", "10000")["ambiguous"]
        rejected, dropped = answers["AE"] + answers["AR"], store["dropped"]
        rejected_unique = len({line.split()[0] for line in (self.folder / "sent.log").read_text().splitlines() if line.split()[1] != "AA"})
        repeats = sent - unique - (rejected - rejected_unique)
        problems = []
        if sum(answers.values()) != sent:
            problems.append(f"{sent} sent but {sum(answers.values())} answered")
        if unique != delivered + rejected_unique + len(dead) + dropped:
            problems.append("the sides of the account differ")
        known = set(self.control_ids)
        seen = collections.Counter(i for ids in first.values() for i in ids)
        problems += [f"{i} went to {n} hospitals" for i, n in seen.items() if n > 1]
        problems += [f"{i} was never sent" for i in seen if i not in known]
        for name in HOSPITALS:  # strict order: per sender connection; by patient: per sender connection and patient
            problems += self.order_problems(name, first[name], by_patient=name in ("mercy", "lakeside"))
        twice = sum(len(rows) - len(first[name]) for name, rows in got.items())
        if twice > len(ambiguous):
            problems.append(f"{twice} arrived twice, but only {len(ambiguous)} stand in the ambiguity ledger")
        print(f"\n  sent {sent} = {unique} results + {sent - unique} sent twice")
        print(f"  {unique} = delivered {delivered} + rejected {rejected_unique} + dead {len(dead)} + dropped {dropped}")
        print(f"  duplicates dropped {store['duplicates']} (at least {repeats}); resent after the kill {twice}, in the ledger {len(ambiguous)}")
        if not problems:
            print("  in order at every hospital; nothing missing" + ("" if self.volume else "; hub killed once"))
        for problem in problems[:20]:
            print("  PROBLEM:", problem)
        if not killed:
            problems.append("the hub was not killed")
        print("  balanced" if not problems else "  NOT balanced")
        return not problems

    def order_problems(self, name, ids, by_patient):
        """A sender's connection sends one after the other: what it sent later must not arrive earlier."""
        connection = {}
        for line in (self.folder / "sent.log").read_text().splitlines():
            words = line.split()
            connection.setdefault(words[0], words[2])
        last, problems = {}, []
        for i in ids:
            c = (connection.get(i), self.patients.get(i) if by_patient else "")
            if i < last.get(c, ""):
                problems.append(f"{name}: {i} after {last[c]}")
            last[c] = max(i, last.get(c, ""))
        return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("make_results")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=int, default=60)
    parser.add_argument("--volume", type=int, default=0)
    options = parser.parse_args()
    demo = Demo(os.path.abspath(options.program), os.path.abspath(options.make_results), options.seconds, options.rate, options.volume)
    try:
        return demo.run()
    finally:
        for name in list(demo.processes):
            demo.end(name, signal.SIGKILL)


sys.exit(main())
