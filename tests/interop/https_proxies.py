#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""HTTPS destinations through proxies of others: tinyproxy (CONNECT with basic credentials), microsocks (SOCKS5 with name and password)
and Dante (SOCKS5 without). Usage: https_proxies.py PROGRAM [TEST...]. Files of a failed run are kept."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import certificates
import processes
from https_peers import free_port, message

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 60
LogFile "{folder}/tinyproxy.log"
LogLevel Connect
PidFile "{folder}/tinyproxy.pid"
BasicAuth hub opensesame
ConnectPort {back}
ConnectPort 1
"""
DANTE = """
logoutput: {folder}/dante.log
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 log: connect }}
"""


class Proxies(unittest.TestCase):
    program = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="smarthl7-proxies-"))
        certificates.make(cls.folder)
        (cls.folder / "secrets" / "proxy_password").write_text("opensesame")
        (cls.folder / "secrets" / "wrong_password").write_text("guess")
        settings = processes.Settings(cls.program, cls.folder, cls.folder)
        cls.ports = {name: free_port() for name in ("in_port", "back_port", "tunnel_port", "socks_port", "plain_port")}
        (cls.folder / "tinyproxy.conf").write_text(TINYPROXY.format(folder=cls.folder, port=cls.ports["tunnel_port"], back=cls.ports["back_port"]))
        (cls.folder / "dante.conf").write_text(DANTE.format(folder=cls.folder, port=cls.ports["plain_port"]))
        cls.running = {}
        for name in ("tunnel_port", "socks_port", "plain_port"):
            cls.begin(name)
        cls.back = processes.Hub(settings, "proxies_back.route", in_port=cls.ports["back_port"])
        cls.front = processes.Hub(settings, "proxies_front.route", **cls.ports)

    @classmethod
    def begin(cls, name):
        commands = {"tunnel_port": ["tinyproxy", "-d", "-c", cls.folder / "tinyproxy.conf"],
                    "socks_port": ["microsocks", "-i", "127.0.0.1", "-p", str(cls.ports["socks_port"]), "-u", "hub", "-P", "opensesame"],
                    "plain_port": ["danted", "-f", cls.folder / "dante.conf"]}
        with open(cls.folder / f"{name}.out", "ab") as out:
            cls.running[name] = subprocess.Popen(commands[name], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)

    @classmethod
    def finish(cls, name):
        os.killpg(cls.running[name].pid, signal.SIGKILL)  # with the children that carry its connections
        cls.running[name].wait()

    @classmethod
    def tearDownClass(cls):
        codes = [cls.front.end(), cls.back.end()]
        for name in cls.running:
            cls.finish(name)
        assert codes == [0, 0], f"the hubs ended with {codes}; files are in {cls.folder}"

    def send(self, number, to):
        with socket.create_connection(("localhost", self.ports["in_port"]), timeout=30) as line:
            line.sendall(b"\x0b" + message(number, to) + b"\x1c\r")
            answer = b""
            while not answer.endswith(b"\x1c\r"):
                answer += line.recv(4096)
        self.assertIn(b"MSA|AA|", answer)

    def told(self, number, words):
        self.front.eventually(lambda: words in json.dumps(self.front.ask("trace", f"M{number}")), f"M{number}: {words}",
                              lambda: json.dumps(self.front.ask("trace", f"M{number}"), indent=1))

    def test_messages_go_through_each(self):
        for number, to in ((1, "TUNNEL"), (2, "SOCKS"), (3, "PLAIN")):
            self.send(number, to)
            self.front.trace(f"M{number}", "delivered")
            self.back.eventually(lambda: self.back.ask("trace", f"M{number}"), f"M{number} is behind")
        self.assertIn(f"CONNECT localhost:{self.ports['back_port']}", (self.folder / "tinyproxy.log").read_text())
        self.assertIn(str(self.ports["back_port"]), (self.folder / "dante.log").read_text())

    def test_the_receiver_is_the_one_that_is_pinned(self):
        self.send(10, "PIN")
        self.told(10, "credentials rejected")
        self.assertIn("not the one that is pinned", json.dumps(self.front.ask("trace", "M10")))

    def test_wrong_passwords_stop_the_lane(self):
        for number, to in ((20, "WRONGT"), (21, "WRONGS")):
            self.send(number, to)
            self.told(number, "rejects name or password")
            self.told(number, "credentials rejected")
        self.assertNotIn("guess", (self.front.folder / "hub.log").read_text())

    def test_what_is_not_there_behind_it_is_unreachable(self):
        self.send(30, "NOWHERE")
        self.told(30, "unreachable")

    def test_z_messages_wait_for_a_proxy_that_is_down(self):
        for number, to, name in ((41, "TUNNEL", "tunnel_port"), (42, "SOCKS", "socks_port"), (43, "PLAIN", "plain_port")):
            self.finish(name)
            self.send(number, to)
            self.told(number, "unreachable")
            self.begin(name)
            self.front.trace(f"M{number}", "delivered")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    Proxies.program = sys.argv[1]
    passed = unittest.main(argv=[sys.argv[0], *[f"Proxies.{name}" for name in sys.argv[2:]]], verbosity=2, exit=False).result
    if passed.wasSuccessful() and passed.testsRun > 0:
        shutil.rmtree(Proxies.folder)
        sys.exit(0)
    print(f"files are kept in {Proxies.folder}")
    sys.exit(1)
