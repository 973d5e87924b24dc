#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables that live: a table's file is replaced again and again while messages flow and the hub is killed, and every message is looked
up in exactly one version. Each row carries the number of its version twice, so that a mix of two is seen. Files that must not be used
(half written, a key twice, an empty cell) are refused by name of line and the old version goes on; status, trace, records and metrics
say which version is in use. Usage: check_tables.py PROGRAM [--rows 20000] [--times 10] [--kills 3] [--throughput MESSAGES]"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

VT, END = b"\x0b", b"\x1c\r"
problems = []

ROUTE = """language 1

source feed = mllp { listen "127.0.0.1:HUB"  insecure because "loopback"  accept ORU^R01 }

table mrns from csv "mrns.csv" { key local  value enterprise, version, ward  RELOAD }

message result = hl7 2.5.1 ORU_R01 {
  one PATIENT_RESULT
  require PID-3
}

mapping link : result {
  PID-3[1].1   = mrns[PID-3[1].1].enterprise  else reject "unknown patient"
  PID-3[1].4.1 = mrns[PID-3[1].1].version     else reject "unknown patient"
}

destination index = mllp { connect "127.0.0.1:INDEX"  insecure because "loopback"  order none connections 4 }

flow results {
  from feed
  validate result  else reject AE
  dedup by MSH-10 within 1d
  map link
  -> index
}
"""
LIVE = "reload when changed  optional ward  least 10"


def expect(what, condition, shown=""):
    if not condition:
        problems.append(f"{what}: {shown}")


def until(holds, seconds, what):
    deadline = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > deadline:
            sys.exit(f"waited {seconds} s in vain: {what}; {problems}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def local(number):
    return f"MRN{number:08}"


def rows_of(version, rows):
    """Its bytes: in every row the number of the version, twice."""
    lines = [f"{local(i)},E{version:05}-{i:08},{version:05},W{i % 40}\n" for i in range(rows)]
    return ("local,enterprise,version,ward\n" + "".join(lines)).encode()


def message(control_id, number):
    return (f"MSH|^~\\&|LAB|NORTH|REG|R|20260101220000||ORU^R01^ORU_R01|{control_id}|P|2.5.1\r"
            f"PID|1||{local(number)}^^^NORTH^MR||DOE^JO\rOBR|1|||GLU^Glucose^L|||20260101\rOBX|1|NM|GLU^Glucose^L||5.4|mmol/l|||||F\r").encode()


class Index:
    """A receiver that keeps what it took."""

    def __init__(self):
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(64)
        self.port = self.server.getsockname()[1]
        self.lock, self.taken = threading.Lock(), []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.server.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        rest = b""
        while True:
            try:
                piece = connection.recv(65536)
            except OSError:
                return
            if not piece:
                return
            rest += piece
            while END in rest:
                frame, rest = rest.split(END, 1)
                body = frame.lstrip(VT)
                fields = body.split(b"\r", 1)[0].split(b"|")
                with self.lock:
                    self.taken.append(body)
                answer = b"MSH|^~\\&|REG|R|LAB|NORTH|20260101||ACK|" + fields[9] + b"A|P|2.5.1\rMSA|AA|" + fields[9] + b"\r"
                try:
                    connection.sendall(VT + answer + END)
                except OSError:
                    return


class Hub:
    def __init__(self, program, folder, reload=LIVE, index_port=0):
        self.program, self.folder, self.port, self.child = program, folder, free_port(), None
        self.route = folder / "tables.route"
        self.route.write_text(ROUTE.replace("HUB", str(self.port)).replace("INDEX", str(index_port)).replace("RELOAD", reload))
        self.plan = folder / "tables.plan"
        self.peak = 0

    def compile(self):
        self.run("compile", self.route, "-o", self.plan)

    def run(self, *arguments, code=0):
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, cwd=self.folder)
        expect(f"{' '.join(map(str, arguments))} ends with {code}", done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        with open(self.folder / "hub.log", "ab") as log:
            self.child = subprocess.Popen([self.program, "run", self.plan, "--data", self.folder / "data"], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, cwd=self.folder)

    def started(self):
        self.start()
        until(self.status, 60, "the hub is up")

    def status(self):
        done = subprocess.run([self.program, "status", "--data", self.folder / "data", "--json"], capture_output=True)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def table(self):
        now = self.status()
        return now["tables"][0] if now else None

    def ask(self, path):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.folder / "data/admin.sock"))
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n".encode())
            out = b""
            while piece := s.recv(65536):
                out += piece
        return out.decode()

    def log(self):
        return (self.folder / "hub.log").read_text()

    def memory(self):
        try:
            text = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        except OSError:
            return 0
        found = re.search(r"VmRSS:\s+(\d+)", text)
        kib = int(found.group(1)) if found else 0
        self.peak = max(self.peak, kib)
        return kib

    def end(self, how=signal.SIGTERM):
        if self.child and self.child.poll() is None:
            self.child.send_signal(how)
        code = self.child.wait()
        self.child = None
        return code


def send_one(port, body, patience=60):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
                s.sendall(VT + body + END)
                rest = b""
                while END not in rest:
                    piece = s.recv(4096)
                    if not piece:
                        raise OSError
                    rest += piece
                return re.search(rb"\rMSA\|(\w+)\|", rest).group(1).decode()
        except OSError:
            time.sleep(0.05)
    return "nothing"


class Feed(threading.Thread):
    """Sends as fast as it is answered; what got no answer is sent again under the same control id."""

    def __init__(self, port, name, rows, world, seed):
        super().__init__(daemon=True)
        self.port, self.name_, self.rows, self.world, self.random = port, name, rows, world, random.Random(seed)
        self.sent, self.ended, self.socket = {}, False, None

    def run(self):
        count = 0
        while not self.ended:
            control_id, number = f"{self.name_}{count:07}", self.random.randrange(self.rows)
            low = self.world.low
            while not self.ended:
                try:
                    code = self.exchange(message(control_id, number))
                except OSError:
                    self.socket = None
                    time.sleep(0.05)
                    continue
                self.sent[control_id] = (number, low, self.world.high, code)
                break
            count += 1

    def exchange(self, body):
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.sendall(VT + body + END)
        rest = b""
        while END not in rest:
            piece = self.socket.recv(4096)
            if not piece:
                raise OSError
            rest += piece
        return re.search(rb"\rMSA\|(\w+)\|", rest).group(1).decode()


class World:
    low = high = 1  # what is known to be in use at least; what the newest file has


def write_by_rename(path, data):
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.rename(path)


def short(data):
    return hashlib.sha256(data).hexdigest()[:16]


def under_load(program, arguments, folder):
    """Must hold: whatever is replaced and killed, each message has the values of one version, and not of one that was over."""
    index, world, chance = Index(), World(), random.Random(7)
    hub = Hub(program, folder, index_port=index.port)
    table = folder / "mrns.csv"
    versions = {short(rows_of(1, arguments.rows)): 1}
    write_by_rename(table, rows_of(1, arguments.rows))
    hub.compile()
    hub.started()
    first = hub.table()
    expect("the table is in use", first["rows"] == arguments.rows, first)
    print(f"{arguments.rows} rows of 4 columns: {first['bytes'] / 1048576:.1f} MiB in memory, {first['bytes'] / arguments.rows:.1f} bytes a row, "
          f"file {table.stat().st_size / arguments.rows:.1f} bytes a row; {hub.memory() / 1024:.0f} MiB resident")
    feeds = [Feed(hub.port, f"F{i}-", arguments.rows, world, i) for i in range(4)]
    for feed in feeds:
        feed.start()
    kill_at = set(chance.sample(range(2, arguments.times + 1), min(arguments.kills, arguments.times - 1)))
    took = []
    began = time.monotonic()
    for version in range(2, arguments.times + 2):
        data = rows_of(version, arguments.rows)
        versions[short(data)] = version
        world.high = version
        way = version % 3
        if way == 0:  # a link that is turned
            real = folder / f"v{version}.csv"
            real.write_bytes(data)
            link = folder / "link.part"
            link.symlink_to(real.name)
            link.rename(table)
            old = folder / f"v{version - 3}.csv"
            if old.exists():
                old.unlink()
        elif way == 1 and not table.is_symlink():  # over the old one, in two halves with a pause in the middle of a cell
            with open(table, "r+b") as out:
                out.truncate(0)
                out.write(data[:len(data) // 2])
                out.flush()
                time.sleep(chance.random() * 0.4)
                out.write(data[len(data) // 2:])
        else:
            write_by_rename(table, data)
        replaced = time.monotonic()
        if version in kill_at:
            time.sleep(chance.random() * 1.6)  # before, while and after it is read
            hub.end(signal.SIGKILL)
            hub.started()
        while True:
            hub.memory()
            now = hub.table()
            if now and now["version"] == short(data):
                break
            if time.monotonic() - replaced > 120:
                sys.exit(f"version {version} was not taken: {now}\n{hub.log()[-2000:]}")
            time.sleep(0.03)
        took.append(time.monotonic() - replaced)
        world.low = version
    lasted = time.monotonic() - began
    for feed in feeds:
        feed.ended = True
    for feed in feeds:
        feed.join()
    sent = {}
    for feed in feeds:
        sent.update(feed.sent)
    until(lambda: (s := hub.status()) and s["destinations"][0]["queued"] == 0, 120, "all of it is delivered")
    check_outcomes(index, sent)
    check_traces(hub, index, versions)
    took.sort()
    print(f"{arguments.times} versions, {len(kill_at)} kills, {len(sent)} messages ({len(sent) / lasted:.0f}/s beside it): no wrong row; "
          f"in use after {took[len(took) // 2]:.2f} s (median; {took[-1]:.2f} s at most); {hub.peak / 1024:.0f} MiB resident at most")
    bound = 150 * 1024 + first["bytes"] * 3 // 1024
    expect("memory holds two versions and what the hub needs anyway", hub.peak < bound, f"{hub.peak} KiB, bound {bound}")
    hub.end()


def check_outcomes(index, sent):
    expect("all were accepted", all(code == "AA" for _, _, _, code in sent.values()), [c for c, s in sent.items() if s[3] != "AA"][:5])
    seen, wrong = {}, 0
    with index.lock:
        bodies = list(index.taken)
    for body in bodies:
        control_id = body.split(b"\r", 1)[0].split(b"|")[9].decode()
        enterprise, _, _, version = re.search(rb"\rPID\|1\|\|([^|]*)", body).group(1).decode().split("^")[:4]
        entry = sent.get(control_id)
        if entry is None:
            continue  # it was taken and its sender had no answer any more
        number, low, high, _ = entry
        fits = re.fullmatch(r"E(\d{5})-(\d{8})", enterprise)
        right = fits and int(fits.group(2)) == number and fits.group(1) == version and low <= int(version) <= high
        if not right and wrong < 5:
            problems.append(f"{control_id}: {enterprise} of {version}, sent {entry}")
        wrong += 0 if right else 1
        if control_id in seen and seen[control_id] != (enterprise, version):
            problems.append(f"{control_id} came with two outcomes: {seen[control_id]} and {(enterprise, version)}")
        seen[control_id] = (enterprise, version)
    expect("no wrong row", wrong == 0, wrong)
    expect("each acknowledged message came", not set(sent) - set(seen), list(set(sent) - set(seen))[:5])


def check_traces(hub, index, versions):
    """What the trace says is what stands in the message."""
    newest = json.loads(hub.run("messages", "--data", "data", "--json", "--limit", "200"))["messages"]
    looked = 0
    for row in newest[:20]:
        trace = json.loads(hub.run("trace", str(row["id"]), "--data", "data", "--json"))
        events = [e for e in trace["events"] if e["what"] == "looked up"]
        expect("a trace names the table", len(events) == 1 and events[0]["where"] == "mrns", events)
        if not events:
            continue
        number = versions.get(re.match(r"version ([0-9a-f]{16})", events[0]["detail"]).group(1))
        body = subprocess.run([hub.program, "body", str(row["id"]), "--delivery", "0", "--data", "data"], capture_output=True, cwd=hub.folder).stdout
        found = re.search(rb"\rPID\|1\|\|E(\d{5})-", body)
        expect("its version is that of the row", found and number == int(found.group(1)), (events, body))
        looked += 1
    expect("traces were looked at", looked > 0, newest[:1])


def refusals(program, folder):
    """Files that must not be used, on a table of fifty rows."""
    index = Index()
    hub = Hub(program, folder, index_port=index.port)
    table, rows = folder / "mrns.csv", 50
    write_by_rename(table, rows_of(1, rows))
    hub.compile()
    digest = hub.plan.read_bytes()
    hub.started()

    def version():
        return (hub.table() or {}).get("version")

    def looked_up():
        before = len(index.taken)
        expect("the message is taken", send_one(hub.port, message(f"R{time.monotonic_ns()}", 3)) == "AA")
        until(lambda: len(index.taken) > before, 30, "it is delivered")
        return int(re.search(rb"\rPID\|1\|\|E(\d{5})-", index.taken[-1]).group(1))

    def refused(what, data, said, number):
        write_by_rename(table, data)
        shown = until(lambda: (t := hub.table()) and said in t["trouble"] and t, 30, f"{what} is refused: {hub.table()}")
        expect(f"{what}: the old version goes on", looked_up() == number, shown)
        return shown

    good = rows_of(2, rows)
    write_by_rename(table, good)
    until(lambda: version() == short(good), 30, "a good file is taken")
    expect("its rows are seen", looked_up() == 2)
    hub.compile()
    expect("the plan does not depend on the rows", hub.plan.read_bytes() == digest)

    lines = rows_of(3, rows).decode().splitlines(keepends=True)
    refused("a file cut in a cell", "".join(lines)[:-6].encode(), "line 51 of \"mrns.csv\", the last one, has no line break", 2)
    refused("a key twice", "".join(lines + [lines[7]]).encode(), "one key in line 8 and in line 52", 2)
    refused("an empty cell", "".join(lines[:4] + ["MRN99,,00003,W1\n"] + lines[4:]).encode(), "line 5 of \"mrns.csv\": `enterprise` is empty", 2)
    refused("an empty key", "".join(lines[:4] + [",E,00003,W1\n"] + lines[4:]).encode(), "line 5 of \"mrns.csv\": the key is empty", 2)
    refused("cells too many", "".join(lines[:4] + ["a,b,c,d,e\n"] + lines[4:]).encode(), "line 5 of \"mrns.csv\" has 5 cells, its header 4", 2)
    refused("no UTF-8", "".join(lines).encode().replace(b"W5\n", b"W\xfc\n", 1), "line 7 of \"mrns.csv\": a byte that is not UTF-8", 2)
    refused("too few rows", "".join(lines[:8]).encode(), "has 7 rows, and 10 are the least", 2)
    refused("a column less", rows_of(3, rows).replace(b"enterprise", b"company", 1), "has no column `enterprise`", 2)
    table.unlink()
    until(lambda: "mrns.csv" in (hub.table() or {}).get("trouble", ""), 30, "a file that is gone is told")
    expect("the old version goes on without its file", looked_up() == 2)
    expect("no cell is told", "MRN0" not in hub.log() and "E00003" not in hub.log(), hub.log()[-500:])
    shown = hub.run("tables", "--data", "data")
    expect("`tables` tells", "the file that is there is not in use" in shown and short(good) in shown, shown)
    metrics = hub.ask("/metrics")
    expect("the metric tells", 'smarthl7_table_trouble{table="mrns"} 1' in metrics and 'smarthl7_table_rows{table="mrns"} 50' in metrics, metrics[-300:])

    def fires():
        return any(a["name"] == "table" and a["subject"] == "mrns" and a["state"] == "firing" for a in hub.status()["alerts"])

    until(fires, 30, "an alert tells")

    # An empty ward is allowed, by `optional`; a person asks for it and is told what came of it.
    fourth = rows_of(4, rows).replace(b",W5\n", b",\n", 1)
    write_by_rename(table, fourth)
    shown = hub.run("tables", "reload", "mrns", "--data", "data")
    expect("it is in use, by command or before it", short(fourth) in shown and looked_up() == 4, shown)
    expect("again: unchanged", "unchanged" in hub.run("tables", "reload", "--data", "data"))
    hub.run("tables", "reload", "wards", "--data", "data", code=1)
    write_by_rename(table, b"local\n")
    shown = hub.run("tables", "reload", "--data", "data", code=1)
    expect("the command says why", "refused" in shown and "has no column `enterprise`" in shown, shown)
    expect("nothing is wrong with the old one", looked_up() == 4)
    records = hub.ask("/v1/audit?limit=100")
    expect("versions are in the records", short(good) in records and short(fourth) in records, records)
    expect("so is what a person asked for in vain", "table refused" in records and "unix uid" in records, records)

    # At a start with a file that cannot be used, the last one that was taken is.
    hub.end(signal.SIGKILL)
    hub.started()
    expect("the start uses what was kept", version() == short(fourth) and looked_up() == 4, hub.table())
    fifth = rows_of(5, rows)
    write_by_rename(table, fifth)
    hub.child.send_signal(signal.SIGHUP)
    until(lambda: version() == short(fifth), 30, "SIGHUP reads it")
    expect("nothing is wrong any more", hub.table()["trouble"] == "" and looked_up() == 5, hub.table())
    hub.end()
    (folder / "data/tables/mrns.csv").unlink()
    write_by_rename(table, b"local\n")
    hub.start()
    expect("nothing to start with: not started", hub.child.wait() != 0, hub.log()[-300:])
    expect("and it says why", "of which no earlier version is kept" in hub.log(), hub.log()[-300:])
    hub.child = None
    print("9 kinds of files refused by name of line, the old version went on; kept over a kill with a bad file there; records, trace, metrics tell")


def told_only(program, folder):
    index = Index()
    hub = Hub(program, folder, reload="reload when told  optional ward", index_port=index.port)
    table = folder / "mrns.csv"
    write_by_rename(table, rows_of(1, 20))
    hub.compile()
    hub.started()
    write_by_rename(table, rows_of(2, 20))
    time.sleep(2)
    expect("it is not read unless told", hub.table()["version"] == short(rows_of(1, 20)), hub.table())
    shown = hub.run("tables", "reload", "--data", "data")
    expect("told, it is", short(rows_of(2, 20)) in shown and "is in use" in shown, shown)
    hub.end()


def throughput(program, arguments, folder):
    """A fixed table, a table that lives, and one that is replaced all the time: the same messages, the same run."""
    messages = folder / "messages.hl7"
    chance = random.Random(1)
    with open(messages, "wb") as out:
        for i in range(arguments.throughput):
            out.write(message(f"T{i:07}", chance.randrange(arguments.rows)))
    rates = {}
    for round_ in range(2):
        for leg in ("fixed", "live", "replaced"):
            place = folder / f"{leg}{round_}"
            place.mkdir()
            port = free_port()
            index = subprocess.Popen([program, "listen", f"mllp://127.0.0.1:{port}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            hub = Hub(program, place, reload="" if leg == "fixed" else LIVE, index_port=port)
            table, data = place / "mrns.csv", [rows_of(v, arguments.rows) for v in (1, 2)]
            write_by_rename(table, data[0])
            hub.compile()
            hub.started()
            sender = subprocess.Popen([program, "send", messages, "--to", f"mllp://127.0.0.1:{hub.port}", "--connections", "16", "--json"],
                                      stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
            began, swaps = time.monotonic(), 0
            while sender.poll() is None:
                if leg == "replaced" and hub.table()["version"] == short(data[swaps % 2]):
                    swaps += 1
                    write_by_rename(table, data[swaps % 2])
                hub.memory()
                time.sleep(0.05)
            lasted = time.monotonic() - began
            rates.setdefault(leg, []).append(arguments.throughput / lasted)
            print(f"{leg}: {arguments.throughput} messages, {arguments.throughput / lasted:.0f}/s acknowledged, {swaps} versions, "
                  f"{hub.peak / 1024:.0f} MiB resident at most")
            hub.end()
            index.terminate()
            index.wait()
    best = {leg: max(all_) for leg, all_ in rates.items()}
    print(f"beside a fixed table: live {best['live'] / best['fixed']:.2f}, replaced all the time {best['replaced'] / best['fixed']:.2f} (best of two)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--throughput", type=int, default=0)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    with tempfile.TemporaryDirectory(prefix="smarthl7-tables-") as scratch:
        folder = pathlib.Path(scratch)
        for name in ("load", "refusals", "told", "throughput"):
            (folder / name).mkdir()
        refusals(program, folder / "refusals")
        told_only(program, folder / "told")
        under_load(program, arguments, folder / "load")
        if arguments.throughput:
            throughput(program, arguments, folder / "throughput")
    for problem in problems:
        print("WRONG", problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
