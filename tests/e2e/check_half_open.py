# SPDX-License-Identifier: Apache-2.0
"""Peers that vanish without a word: the network drops what they say last, so the hub's end of the connection stays open. Done for real,
in a network namespace whose loopback is taken down and up again. Usage: check_half_open.py SMARTHL7"""
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

if os.environ.get("HALF_OPEN") != "1":  # once more, as root of a namespace of its own
    os.execvpe("unshare", ["unshare", "-rn", sys.executable, "-B", *sys.argv], {**os.environ, "HALF_OPEN": "1"})

ROUTE = """source lab = mllp { listen "127.0.0.1:2575"  idle within 2s  insecure because "a test on one machine" }
retry soon { first 200ms  most 500ms  give_up after 1h }
destination mercy = mllp { connect "127.0.0.1:2576"  ack within 1s  retry soon  insecure because "a test on one machine" }

flow results {
  from lab
  -> mercy
}
"""


def network(up):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(any_socket, 0x8913, asked))[1]  # SIOCGIFFLAGS
        flags = flags | 1 if up else flags & ~1  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14s", b"lo", flags, b""))  # SIOCSIFFLAGS


def vanish(connection):
    """The reset that this sends is to be lost: the network is down."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def frame(connection):
    data = b""
    while not data.endswith(b"\x1c\r"):
        got = connection.recv(65536)
        assert got, "the connection was closed"
        data += got
    return data[1:-2]


def send(connection, control_id):
    connection.sendall(f"\x0bMSH|^~\\&|LAB|X|HUB|Y|20240101||ORU^R01|{control_id}|P|2.5.1\r\x1c\r".encode())
    answer = frame(connection)
    assert f"MSA|AA|{control_id}".encode() in answer, answer


def sender():
    connection = socket.create_connection(("127.0.0.1", 2575))
    connection.settimeout(20)
    return connection


def listen():
    receiver = socket.socket()
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    receiver.bind(("127.0.0.1", 2576))
    receiver.listen()
    receiver.settimeout(20)
    return receiver


def take(receiver):
    connection = receiver.accept()[0]
    connection.settimeout(20)
    return connection


def control_id(message):
    return message.split(b"\r")[0].split(b"|")[9].decode()


def accept(connection, message):
    connection.sendall(b"\x0bMSH|^~\\&|M|X|HUB|Y|20240101||ACK|A|P|2.5.1\rMSA|AA|" + control_id(message).encode() + b"\r\x1c\r")


def hub_says(what):
    return json.loads(subprocess.run([sys.argv[1], *what, "--json", "--data", DATA], check=True, capture_output=True).stdout)


def until(condition, text):
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise SystemExit(text + ": " + json.dumps(hub_says(["status"]))[:2000])


def source():
    return hub_says(["status"])["sources"][0]


def destination():
    return hub_says(["status"])["destinations"][0]


network(True)
with tempfile.TemporaryDirectory() as FOLDER:
    DATA = f"{FOLDER}/data"
    with open(f"{FOLDER}/hub.route", "w") as route:
        route.write(ROUTE)
    receiver = listen()
    hub = subprocess.Popen([sys.argv[1], "run", f"{FOLDER}/hub.route", "--data", DATA], stderr=open(f"{FOLDER}/log", "w"))
    try:
        for _ in range(400):
            if "running plan" in open(f"{FOLDER}/log").read():
                break
            time.sleep(0.05)
        else:
            raise SystemExit("the hub did not start: " + open(f"{FOLDER}/log").read())

        # A sender vanishes. Its connection stays open here until it was idle for too long; others are served meanwhile.
        gone = sender()
        send(gone, "ONE")
        line = take(receiver)
        accept(line, frame(line))
        network(False)
        vanish(gone)
        network(True)
        assert source()["connections"] == 1, source()
        other = sender()
        send(other, "TWO")
        accept(line, frame(line))
        assert source()["connections"] == 2, source()
        until(lambda: source()["connections"] == 0, "the connection of a sender that is gone stays open")
        print("a sender that vanished: served others, closed after its idle time")

        # A receiver vanishes between two messages, and is back. Nothing told the hub; the next message arrives all the same.
        until(lambda: destination()["delivered"] == 2, "not delivered")
        network(False)
        vanish(line)
        receiver.close()
        network(True)
        receiver = listen()
        other = sender()
        send(other, "THREE")
        line = take(receiver)
        message = frame(line)
        assert control_id(message) == "THREE", message
        accept(line, message)
        until(lambda: destination()["delivered"] == 3, "not delivered")
        print("a receiver that vanished between two messages: the next one arrived over a new connection")

        # A receiver vanishes before its answer: sent again when it is back, and the trace says why.
        send(other, "FOUR")
        first = frame(line)
        assert control_id(first) == "FOUR", first
        network(False)
        vanish(line)
        receiver.close()
        until(lambda: destination()["unreachable"] > 0, "nobody noticed that the receiver is gone")
        network(True)
        receiver = listen()
        line = take(receiver)
        second = frame(line)
        assert second == first, "other bytes on the second attempt"
        accept(line, second)
        until(lambda: destination()["delivered"] == 4, "not delivered")
        trace = json.dumps(hub_says(["trace", "4"]))
        assert "unanswered" in trace and "unreachable" in trace, trace
        print("a receiver that vanished before its answer: sent again with the same bytes, and the trace says why")
    finally:
        hub.send_signal(signal.SIGTERM)
        hub.wait(60)
    assert hub.returncode == 0, hub.returncode
