#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the real hub under a steady load and says whether what it takes stays flat: memory, descriptors, the write-ahead log, bytes on
disk for each message, latency. Writes samples.csv and soak.png; exits 1 if something grows, is lost or is wrongly answered.

  soak.py SMARTHL7 [--minutes 30] [--rate 300] [--out build/soak]

Needs Debian's python3-matplotlib, and installs it if it is missing (as root). Ends by itself; loopback only."""
import argparse
import asyncio
import csv
import importlib.util
import json
import multiprocessing
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SENDERS = 8
WARM_UP = 0.2  # of the run, not judged: caches and windows fill


def frame(text):
    return b"\x0b" + text + b"\x1c\r"


def result(sender, n):
    lines = [f"MSH|^~\\&|ANALYSER|LAB{sender}|HUB|REGION|20260301120000||ORU^R01^ORU_R01|S{sender}N{n}|P|2.5.1",
             f"PID|1||{10000 + n % 500}^^^LAB{sender}^MR||DOE^JANE^^^^^L||19700101|F", "PV1|1|I|W1^101^A^LAB", f"OBR|1||F{n}|CBC^COUNT^L|||20260301115500"]
    lines += [f"OBX|{i}|NM|{700 + i}-1^ANALYTE NUMBER {i}^LN||{(n * 7 + i) % 100}.{i % 10}|mmol/L|3.5-5.1|N|||F|||20260301115900" for i in range(1, 21)]
    return "\r".join(lines).encode() + b"\r"


async def read_frame(reader):
    data = await reader.readuntil(b"\x1c\r")
    return data[data.index(b"\x0b") + 1:-2]


async def answer(reader, writer, count):
    try:
        while True:
            message = await read_frame(reader)
            control_id = message.split(b"|", 10)[9]
            with count.get_lock():
                count.value += 1
            writer.write(frame(b"MSH|^~\\&|R|R|HUB|H|20260301||ACK|" + control_id + b"|P|2.5.1\rMSA|AA|" + control_id + b"\r"))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def receivers(ports, counts):
    """A process of its own, so that it does not share the senders' interpreter."""
    async def serve():
        servers = [await asyncio.start_server(lambda r, w, c=count: answer(r, w, c), "127.0.0.1", port) for port, count in zip(ports, counts)]
        await asyncio.gather(*(server.serve_forever() for server in servers))
    asyncio.run(serve())


class Load:
    def __init__(self, port, rate):
        self.port, self.pause = port, SENDERS / rate
        self.latencies, self.answered, self.wrong, self.stopping = [], 0, 0, False

    async def send(self, sender):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        n, due = 0, time.monotonic()
        while not self.stopping:
            n += 1
            begin = time.monotonic()
            writer.write(frame(result(sender, n)))
            got = await read_frame(reader)
            self.latencies.append(time.monotonic() - begin)
            self.answered += 1
            self.wrong += f"\rMSA|AA|S{sender}N{n}".encode() not in got
            due = max(due + self.pause, time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))
        writer.close()

    def take(self):
        taken, self.latencies = sorted(self.latencies), []
        return taken


def percentile(sorted_values, part):
    return sorted_values[int(part * (len(sorted_values) - 1))] * 1000 if sorted_values else 0.0


def sample(pid, data, load, started):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    files = {f.name: f.stat().st_size for f in data.iterdir() if f.is_file()}
    times = load.take()
    return {"seconds": round(time.monotonic() - started, 1), "messages": load.answered, "resident_kib": resident,
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": len(os.listdir(f"/proc/{pid}/task")),
            "files": len(files), "disk_bytes": sum(files.values()), "wal_bytes": sum(v for k, v in files.items() if k.endswith("-wal")),
            "bytes_per_message": round(sum(files.values()) / max(load.answered, 1), 1),
            "p50_ms": round(percentile(times, 0.5), 3), "p99_ms": round(percentile(times, 0.99), 3)}


async def drive(args, hub, ports, data, rows):
    load = Load(ports[0], args.rate)
    tasks = [asyncio.create_task(load.send(i)) for i in range(SENDERS)]
    started = time.monotonic()
    end = started + args.minutes * 60
    every = max(0.5, args.minutes * 60 / 360)
    while time.monotonic() < end and hub.poll() is None and not any(t.done() for t in tasks):
        await asyncio.sleep(every)
        rows.append(sample(hub.pid, data, load, started))
    load.stopping = True
    await asyncio.wait_for(asyncio.gather(*tasks), 60)
    return load


def median(values):
    return sorted(values)[len(values) // 2]


def judge(rows):
    """The first and the last third after the warm-up, by their medians. (what, first, last, fine)"""
    judged = rows[int(len(rows) * WARM_UP):]
    first, last = judged[:len(judged) // 3], judged[-(len(judged) // 3):]
    out = []
    for what, more, least in [("resident_kib", 0.15, 8192), ("descriptors", 0, 2), ("threads", 0, 0), ("bytes_per_message", 0.05, 0),
                              ("wal_bytes", 0.25, 32 << 20), ("p50_ms", 0.5, 1.0), ("p99_ms", 1.0, 10.0)]:
        a, b = median([r[what] for r in first]), median([r[what] for r in last])
        out.append((what, a, b, b <= a + max(a * more, least)))
    return out


def plot(rows, path, title):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    minutes = [r["seconds"] / 60 for r in rows]
    figure, axes = plt.subplots(5, 1, figsize=(10, 13), sharex=True)
    for axis, label, series in [
            (axes[0], "resident memory, MiB", [("resident_kib", 1 / 1024)]),
            (axes[1], "descriptors, threads, files", [("descriptors", 1), ("threads", 1), ("files", 1)]),
            (axes[2], "write-ahead log, MiB", [("wal_bytes", 1 / 1048576)]),
            (axes[3], "bytes on disk a message", [("bytes_per_message", 1)]),
            (axes[4], "acknowledgement, ms", [("p50_ms", 1), ("p99_ms", 1)])]:
        for name, scale in series:
            axis.plot(minutes, [r[name] * scale for r in rows], label=name, linewidth=1)
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
        axis.legend(loc="lower right", fontsize=8)
    axes[4].set_xlabel("minutes")
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=80)


def get_matplotlib():
    """Before the run, so that half an hour is not lost for a plot that cannot be drawn."""
    if importlib.util.find_spec("matplotlib") is not None:
        return
    # In two steps: apt's resolver takes back libboost1.81-dev, which the build needs, when it is asked for all of it at once.
    for packages in [["python3-numpy", "python3-pil", "python3-pil.imagetk", "python3-contourpy", "python3-fonttools", "python3-kiwisolver"],
                     ["python3-matplotlib"]]:
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages], capture_output=True)
    importlib.invalidate_caches()
    if importlib.util.find_spec("matplotlib") is None:
        sys.exit("soak.py: matplotlib cannot be installed")


def free_ports(count):
    import socket
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=300)
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parents[1] / "build/soak")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    get_matplotlib()
    ports = free_ports(3)
    counts = [multiprocessing.Value("Q", 0), multiprocessing.Value("Q", 0)]
    sink = multiprocessing.Process(target=receivers, args=(ports[1:], counts), daemon=True)
    sink.start()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smarthl7-soak-"))
    data = folder / "data"
    rows = []
    with open(args.out / "hub.log", "wb") as log:
        hub = subprocess.Popen([args.program, "run", str(HERE / "soak.route"), "--data", str(data), "--set", f"hub_port={ports[0]}",
                                "--set", f"fifo_port={ports[1]}", "--set", f"none_port={ports[2]}"], stdout=log, stderr=log)
    try:
        for _ in range(600):
            if subprocess.run([args.program, "status", "--data", str(data), "--json"], capture_output=True).returncode == 0:
                break
            if hub.poll() is not None:
                sys.exit(f"the hub ended with {hub.returncode}; see {args.out}/hub.log")
            time.sleep(0.1)
        load = asyncio.run(drive(args, hub, ports, data, rows))
        left = None
        for _ in range(600):
            status = json.loads(subprocess.run([args.program, "status", "--data", str(data), "--json"], capture_output=True).stdout)
            left = sum(d["queued"] for d in status["store"]["destinations"])
            if left == 0:
                break
            time.sleep(0.1)
        hub.send_signal(signal.SIGTERM)
        code = hub.wait(60)
    finally:
        if hub.poll() is None:
            hub.kill()
        sink.terminate()
        shutil.rmtree(folder, ignore_errors=True)
    with open(args.out / "samples.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    arrived = [count.value for count in counts]
    title = f"{load.answered} messages in {rows[-1]['seconds'] / 60:.1f} minutes, {SENDERS} senders, {args.rate:.0f} a second wanted"
    plot(rows, args.out / "soak.png", title)
    print(title)
    problems = []
    for what, first, last, fine in judge(rows):
        print(f"{what:20} {first:>14} -> {last:>14}  {'flat' if fine else 'GROWS'}")
        if not fine:
            problems.append(f"{what} grows")
    if arrived != [load.answered] * 2:
        problems.append(f"acknowledged {load.answered}, arrived {arrived}")
    for what, bad in [("wrong answers", load.wrong), ("left in the queues", left), ("exit code", code)]:
        if bad:
            problems.append(f"{what}: {bad}")
    print(f"arrived {arrived[0]} and {arrived[1]}; samples and plot in {args.out}")
    print("\n".join(problems) or "flat, and nothing lost")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
