# SPDX-License-Identifier: Apache-2.0
"""Large messages from many senders at once take little more memory than `--memory` says, all are acknowledged, and nothing is left
behind. Their last bytes come at the same time, so what the hub keeps of unfinished messages is all there. Usage: check_memory.py SMARTHL7"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SENDERS, SIZE, LARGEST = 24, 12 << 20, (64 << 20) - 4096
ROUTE = """source lab = mllp { listen "127.0.0.1:PORT"  insecure because "a test on one machine" }
destination sink = mllp { connect "127.0.0.1:9"  insecure because "a test on one machine" }

flow results {
  from lab
  -> sink
}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def send(port, number, size, ready, answers):
    head = f"MSH|^~\\&|LAB|X|HUB|Y|20240101||ORU^R01|ID{number}|P|2.5.1\rOBX|1|TX|A||".encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(120)
        connection.sendall(b"\x0b" + head + b"x" * size + b"\r")
        ready.wait()  # they end together, so the hub has all of them whole at once
        connection.sendall(b"\x1c\r")
        answers.append(connection.recv(4096))


def peak(process, kind):
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith(kind):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"no {kind}")


def run(program, memory, senders, size):
    """What the load adds to the hub's memory at its peak, and what `status` says of receiving."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with open(f"{folder}/hub.route", "w") as route:
            route.write(ROUTE.replace("PORT", str(port)))
        log = open(f"{folder}/log", "w")
        hub = subprocess.Popen([program, "run", f"{folder}/hub.route", "--data", f"{folder}/data", "--memory", memory],
                               stderr=log)
        try:
            for _ in range(600):
                if "running plan" in open(f"{folder}/log").read():
                    break
                time.sleep(0.05)
            else:
                raise SystemExit("the hub did not start: " + open(f"{folder}/log").read())
            before = peak(hub, "VmRSS")
            answers, ready = [], threading.Barrier(senders)
            threads = [threading.Thread(target=send, args=(port, i, size, ready, answers)) for i in range(senders)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            assert len(answers) == senders, f"{len(answers)} of {senders} senders were answered"
            assert all(b"MSA|AA" in one for one in answers), "not all were taken"
            status = json.loads(subprocess.run([program, "status", "--json", "--data", f"{folder}/data"], check=True,
                                               capture_output=True).stdout)
            assert status["receiving"]["spooled"] == senders, status["receiving"]
            assert status["receiving"]["growing_bytes"] == 0 and status["receiving"]["whole_bytes"] == 0, status["receiving"]
            assert os.listdir(f"{folder}/data/receiving") == [], "a file was left"
            return peak(hub, "VmHWM") - before
        finally:
            hub.send_signal(signal.SIGTERM)
            hub.wait(60)


taken = run(sys.argv[1], "16MiB", 1, LARGEST)
print(f"one message of {LARGEST} bytes, as large as may be: {taken >> 20} MiB more at the peak")
assert taken < 2 * LARGEST
taken = run(sys.argv[1], "16MiB", SENDERS, SIZE)
print(f"{SENDERS} messages of {SIZE >> 20} MiB at once, --memory 16MiB: {taken >> 20} MiB more at the peak")
assert taken < SENDERS * SIZE / 2, "what was being received lay in memory"
