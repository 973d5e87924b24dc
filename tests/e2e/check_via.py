# SPDX-License-Identifier: Apache-2.0
"""`via`: messages leave and come by the interface that the route file names, and by no other. Two network namespaces, joined by two pairs
of veth: one stands for a tunnel, the other for the way that routing would choose. Usage: check_via.py SMARTHL7"""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

if os.environ.get("VIA") != "1":  # once more, as root of a namespace of its own
    os.execvpe("unshare", ["unshare", "-rn", sys.executable, "-B", *sys.argv], {**os.environ, "VIA": "1"})

ROUTE = """source partner = mllp { listen "0.0.0.0:2575"  via "tunnel"  insecure because "a tunnel" }
source local = mllp { listen "127.0.0.1:2577"  insecure because "a test on one machine" }
retry soon { first 200ms  most 500ms  give_up after 1h }
destination named  = mllp { connect "10.99.0.2:2576"  via "tunnel"     connect_time within 1s  retry soon  insecure because "a tunnel" }
destination ours   = mllp { connect "10.99.0.2:2576"  via "10.77.0.1"  connect_time within 1s  retry soon  insecure because "a tunnel" }
destination routed = mllp { connect "10.99.0.2:2576"                   connect_time within 1s  retry soon  insecure because "a test" }

flow results {
  from partner, local
  -> named
  -> ours
  -> routed
}
"""

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def ip(*words, inside=None):
    entered = ["nsenter", f"--net=/proc/{inside}/ns/net"] if inside else []
    subprocess.run([*entered, "ip", *words], check=True)


class Elsewhere:
    """Sockets made in the body belong to the namespace of process `pid`."""

    def __init__(self, pid):
        self.theirs, self.ours = open(f"/proc/{pid}/ns/net", "rb"), open("/proc/self/ns/net", "rb")

    def enter(self, namespace):
        if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def __enter__(self):
        self.enter(self.theirs)

    def __exit__(self, *_):
        self.enter(self.ours)


def frame(connection):
    data = b""
    while not data.endswith(b"\x1c\r"):
        got = connection.recv(65536)
        assert got, "the connection was closed"
        data += got
    return data[1:-2]


def hub_says(what):
    return json.loads(subprocess.run([sys.argv[1], *what, "--json", "--data", DATA], check=True, capture_output=True).stdout)


def destinations():
    return {one["name"]: one for one in hub_says(["status"])["destinations"]}


def until(condition, text):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    raise SystemExit(text + ": " + json.dumps(hub_says(["status"]))[:3000])


def connect_from_partner(address):
    with partner:
        connection = socket.create_connection((address, 2575), timeout=3)
    connection.settimeout(20)
    return connection


def send(connection, control_id):
    connection.sendall(f"\x0bMSH|^~\\&|LAB|X|HUB|Y|20240101||ORU^R01|{control_id}|P|2.5.1\r\x1c\r".encode())
    answer = frame(connection)
    assert f"MSA|AA|{control_id}".encode() in answer, answer


def take_one():
    """The address that the next connection comes from; its message is accepted."""
    connection, (host, _) = receiver.accept()
    connection.settimeout(20)
    message = frame(connection)
    connection.sendall(b"\x0bMSH|^~\\&|M|X|HUB|Y|20240101||ACK|A|P|2.5.1\rMSA|AA|" + message.split(b"|")[9] + b"\r\x1c\r")
    connections.append(connection)
    return host


ip("link", "set", "lo", "up")
holder = subprocess.Popen(["unshare", "-n", "sleep", "300"])
while os.readlink(f"/proc/{holder.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
    time.sleep(0.02)
try:
    partner = Elsewhere(holder.pid)
    for here, there, network in (("tunnel", "tunnel0", "10.77.0"), ("lan", "lan0", "10.88.0")):
        ip("link", "add", here, "type", "veth", "peer", "name", there)
        ip("link", "set", there, "netns", str(holder.pid))
        ip("address", "add", f"{network}.1/24", "dev", here)
        ip("link", "set", here, "up")
        ip("address", "add", f"{network}.2/24", "dev", there, inside=holder.pid)
        ip("link", "set", there, "up", inside=holder.pid)
    ip("link", "set", "lo", "up", inside=holder.pid)
    ip("address", "add", "10.99.0.2/32", "dev", "lo", inside=holder.pid)
    # Both ways lead to the partner; routing prefers the wrong one.
    ip("route", "add", "10.99.0.2", "via", "10.88.0.2", "dev", "lan", "metric", "10")
    ip("route", "add", "10.99.0.2", "via", "10.77.0.2", "dev", "tunnel", "metric", "20")
    ip("rule", "add", "from", "10.77.0.1", "lookup", "77")  # as somebody sets it up who chooses by our own address
    ip("route", "add", "10.99.0.2", "via", "10.77.0.2", "dev", "tunnel", "table", "77")
    with partner:
        receiver = socket.create_server(("10.99.0.2", 2576), backlog=16)
    receiver.settimeout(20)
    connections = []
    with tempfile.TemporaryDirectory() as FOLDER:
        DATA = f"{FOLDER}/data"
        with open(f"{FOLDER}/hub.route", "w") as route:
            route.write(ROUTE)
        hub = subprocess.Popen([sys.argv[1], "run", f"{FOLDER}/hub.route", "--data", DATA], stderr=open(f"{FOLDER}/log", "w"))
        try:
            for _ in range(400):
                if "running plan" in open(f"{FOLDER}/log").read():
                    break
                time.sleep(0.05)
            else:
                raise SystemExit("the hub did not start: " + open(f"{FOLDER}/log").read())

            # In: by the tunnel, and not by the other way, though the hub listens on all addresses.
            sender = connect_from_partner("10.77.0.1")
            try:
                connect_from_partner("10.88.0.1")
                raise SystemExit("a connection came in by another interface than the one of `via`")
            except (ConnectionRefusedError, TimeoutError):
                pass
            print("in: by the interface of `via` alone")

            # Out: two by the tunnel, and the one that says nothing by the way that routing prefers.
            send(sender, "ONE")
            hosts = sorted(take_one() for _ in range(3))
            assert hosts == ["10.77.0.1", "10.77.0.1", "10.88.0.1"], hosts
            until(lambda: all(one["delivered"] == 1 for one in destinations().values()), "not delivered")
            print("out: two by interface and address of `via`, one as routing has it")

            # The tunnel is gone: its messages wait, and never take the other way.
            for connection in connections:
                connection.close()
            connections.clear()
            ip("link", "set", "tunnel", "down")
            with socket.create_connection(("127.0.0.1", 2577), timeout=20) as here:
                send(here, "TWO")
            send_again = [take_one()]
            until(lambda: destinations()["routed"]["delivered"] == 2, "not delivered")
            receiver.settimeout(3)
            try:
                while True:
                    send_again.append(take_one())
            except TimeoutError:
                pass
            assert set(send_again) == {"10.88.0.1"}, send_again
            waiting = destinations()
            assert waiting["named"]["delivered"] == 1 and waiting["named"]["queued"] == 1, waiting["named"]
            assert waiting["ours"]["delivered"] == 1 and waiting["ours"]["queued"] == 1, waiting["ours"]
            print("without the interface: messages wait, and none takes the other way")

            receiver.settimeout(20)
            ip("link", "set", "tunnel", "up")
            ip("route", "add", "10.99.0.2", "via", "10.77.0.2", "dev", "tunnel", "metric", "20")
            ip("route", "add", "10.99.0.2", "via", "10.77.0.2", "dev", "tunnel", "table", "77")
            hosts = [take_one(), take_one()]
            assert hosts == ["10.77.0.1", "10.77.0.1"], hosts
            until(lambda: all(one["delivered"] == 2 for one in destinations().values()), "not delivered")
            print("with it again: delivered by it")
        finally:
            hub.send_signal(signal.SIGTERM)
            hub.wait(60)
        assert hub.returncode == 0, hub.returncode
finally:
    holder.kill()
    holder.wait()
