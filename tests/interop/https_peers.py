#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The https transport against HTTP software of others: curl posts, nginx receives, refuses and stands in between as a TLS proxy, and
a client that retries after hubs were killed. Usage: https_peers.py PROGRAM [TEST...]. Files of a failed run are kept."""
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

import certificates
import processes

HERE = pathlib.Path(__file__).resolve().parent
NGINX = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 256; }}
http {{
  access_log {folder}/nginx.log; client_max_body_size 10m;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  upstream back {{ server 127.0.0.1:{back}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{port} ssl; server_name localhost;
    ssl_certificate {folder}/tls/hub.pem; ssl_certificate_key {folder}/tls/hub.key;
    location /through {{ proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    location /quiet {{ return 204; }}
    location /busy {{ if (-f {folder}/busy) {{ add_header Retry-After 1 always; return 503; }} return 204; }}
    location /gone {{ return 404; }}
    location /denied {{ return 401; }}
    location /basic {{ auth_basic "hub"; auth_basic_user_file {folder}/users; proxy_pass http://back/through; }}
  }}
}}
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def message(number, to="HUB", type_="ORU^R01^ORU_R01"):
    return (f"MSH|^~\\&|LAB|NORTH|HUB|{to}|20261123101500||{type_}|M{number}|P|2.5.1\r"
            f"PID|1||{number}^^^HOSP^MR||SMITH^JOHN\rOBR|1|||GLU^Glucose^L\rOBX|1|NM|GLU^Glucose^L||5.4|mmol/L|||||F\r").encode()


class Restartable(processes.Hub):
    """A hub that can be killed and started again on its data."""

    def __init__(self, settings, route, **values):
        self.values, self.settings, self.route = values, settings, route
        super().__init__(settings, route, **values)

    def again(self):
        with open(self.folder / "hub.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "run", self.folder / self.route, "--data", self.folder / "data", "--secrets", self.settings.folder / "secrets",
                 *[part for name, value in self.values.items() for part in ("--set", f"{name}={value}")]],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.eventually(lambda: self.process.poll() is not None or self.ask("status"), "answers again")
        assert self.process.poll() is None, (self.folder / "hub.log").read_text()[-2000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Https(unittest.TestCase):
    program = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="smarthl7-https-"))
        cls.made = certificates.make(cls.folder)
        (cls.folder / "secrets" / "token").write_text("open sesame")
        (cls.folder / "secrets" / "sign_key").write_text("key of signatures")
        crypted = subprocess.run(["openssl", "passwd", "-apr1", "open sesame"], capture_output=True, check=True, text=True).stdout
        (cls.folder / "users").write_text("hub:" + crypted)
        settings = processes.Settings(cls.program, cls.folder, cls.folder)
        cls.ports = {name: free_port() for name in ("tls_port", "mutual_port", "signed_port", "proxy_port")}
        back = free_port()
        (cls.folder / "nginx.conf").write_text(NGINX.format(user="user root;" if os.geteuid() == 0 else "", folder=cls.folder, back=back, port=cls.ports["proxy_port"]))
        cls.nginx = subprocess.Popen(["nginx", "-p", cls.folder, "-c", cls.folder / "nginx.conf", "-e", cls.folder / "nginx.err"],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.back = Restartable(settings, "https_back.route", in_port=back)
        cls.front = Restartable(settings, "https_front.route", **cls.ports)

    @classmethod
    def tearDownClass(cls):
        codes = [cls.front.end(), cls.back.end()]
        cls.nginx.terminate()
        cls.nginx.wait()
        assert codes == [0, 0], f"the hubs ended with {codes}; files are in {cls.folder}"

    def curl(self, body, *words, path="/hl7", port="tls_port", token="open sesame", scheme="https"):
        """curl's exit code, status, header and body."""
        given = self.folder / "given"
        given.write_bytes(body)
        command = ["curl", "-sS", "--max-time", "20", "-i", "--http1.1", "--data-binary", f"@{given}", *words]
        if scheme == "https":
            command += ["--cacert", self.made["ca"]]
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        if not any("Content-Type" in str(word) for word in words):
            command += ["-H", "Content-Type: application/hl7-v2"]
        done = subprocess.run([*map(str, command), f"{scheme}://localhost:{self.ports[port]}{path}"], capture_output=True, timeout=60)
        text = done.stdout
        while text.startswith(b"HTTP/1.1 100"):
            text = text.partition(b"\r\n\r\n")[2]
        head, _, rest = text.partition(b"\r\n\r\n")
        status = int(head.split()[1]) if head else 0
        return done.returncode, status, head.decode(errors="replace"), rest.decode(errors="replace")

    def delivered(self, number):
        return self.front.trace(f"M{number}", "delivered")

    def test_an_acknowledgement_is_the_response(self):
        code, status, head, body = self.curl(message("a1"))
        self.assertEqual((code, status), (0, 200), head)
        self.assertIn("\rMSA|AA|Ma1", body)
        self.assertIn("Content-Type: application/hl7-v2\r\n", head + "\r\n")
        self.delivered("a1")
        _, status, _, body = self.curl(message("a2").replace(b"|2.5.1", b"|9.9"))
        self.assertEqual(status, 200)  # the message was refused, the exchange was not
        self.assertIn("\rMSA|AR|Ma2", body)

    def test_batches_have_one_answer(self):
        batch = b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r" + message("b1") + message("b2") + b"BTS|2\rFTS|1\r"
        _, status, head, body = self.curl(batch)
        self.assertEqual(status, 200, head)
        self.assertIn("MSA|AA|Mb1", body)
        self.assertIn("MSA|AA|Mb2", body)
        self.delivered("b1")
        self.delivered("b2")

    def test_xml_and_json_are_answered_in_kind(self):
        for kind in ("xml", "json"):
            made = subprocess.run([self.program, "parse", "-", "--as", kind], input=message(kind), capture_output=True)
            self.assertEqual(made.returncode, 0, made.stderr)
            code, status, head, body = self.curl(made.stdout, "-H", f"Content-Type: application/{kind}")
            self.assertEqual((code, status), (0, 200), head)
            self.assertIn(f"Content-Type: application/{kind}", head)
            self.assertIn(f"M{kind}", body)
            self.assertIn("AA", body)
            self.assertTrue(body.lstrip().startswith("<" if kind == "xml" else "{"), body)
            self.delivered(kind)
        _, status, head, body = self.curl(b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', "-H", "Content-Type: text/xml")
        self.assertEqual((status, body), (400, ""), head)
        _, status, head, body = self.curl(b"[" * 100000, "-H", "Content-Type: application/json")
        self.assertEqual((status, body), (400, ""), head)

    def test_what_is_no_message_is_refused_without_a_body(self):
        cells = [
            (dict(body=b"hello"), 400), (dict(body=b""), 400), (dict(body=b"\x0b" + message("x") + b"\x1c\r"), 400),
            (dict(body=message("x"), path="/other"), 404), (dict(body=message("x"), token="wrong"), 401),
            (dict(body=message("x"), token=None), 401), (dict(body=message("x") + b"x" * 2_000_000), 413),
        ]
        for words, expected in cells:
            _, status, head, body = self.curl(**words)
            self.assertEqual((status, body), (expected, ""), head)
            self.assertIn("Reason: ", head)
            self.assertIn("Connection: close", head)
        for words, expected in [(("-X", "PUT"), 405), (("-H", "Content-Type: image/png"), 415),
                                (("-H", "Content-Encoding: gzip"), 415), (("-H", "X: " + "x" * 20000), 431)]:
            _, status, head, body = self.curl(message("x"), *words)
            self.assertEqual((status, body), (expected, ""), head)
        _, status, head, _ = self.curl(message("x"), token="wrong")
        self.assertIn("WWW-Authenticate: Bearer", head)

    def raw(self, text, wait=5.0):
        context = ssl.create_default_context(cafile=self.made["ca"])
        with socket.create_connection(("localhost", self.ports["tls_port"])) as plain, \
                context.wrap_socket(plain, server_hostname="localhost") as line:
            line.settimeout(wait)
            line.sendall(text)
            came = b""
            while True:
                try:
                    part = line.recv(65536)
                except (TimeoutError, ConnectionResetError, ssl.SSLError):
                    return came + b"<open>"
                if not part:
                    return came
                came += part

    def test_smuggled_requests_never_reach_the_hub(self):
        before = self.front.source("over_tls")["received"]
        head = b"POST /hl7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer open sesame\r\nContent-Type: text/plain\r\n"
        inner = message("smuggled")
        hidden = head + b"Content-Length: %d\r\n\r\n" % len(inner) + inner
        for lie in (b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(hidden),
                    b"Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n", b"X: a\r\n Content-Length: 0\r\n\r\n",
                    b"Content-Length: 0\n\n"):
            came = self.raw(head + lie + hidden)
            self.assertTrue(came.startswith(b"HTTP/1.1 400"), came)
            self.assertEqual(came.count(b"HTTP/1.1"), 1, came)
        self.assertEqual(self.front.source("over_tls")["received"], before)

    def test_slow_bodies_and_heads_are_ended(self):
        head = b"POST /hl7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer open sesame\r\nContent-Length: 100\r\n"
        self.assertTrue(self.raw(head + b"\r\nMSH|", 20).startswith(b"HTTP/1.1 408"))
        self.assertTrue(self.raw(head, 20).startswith(b"HTTP/1.1 408"))

    def test_requests_may_follow_each_other_at_once(self):
        def one(number, more=b""):
            body = message(number)
            return (b"POST /hl7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer open sesame\r\n" + more +
                    b"Content-Length: %d\r\n\r\n" % len(body) + body)
        came = self.raw(one("p1") + one("p2") + one("p3", b"Connection: close\r\n"))
        at = [came.find(b"MSA|AA|Mp%d" % n) for n in (1, 2, 3)]
        self.assertTrue(-1 < at[0] < at[1] < at[2], came)
        self.assertFalse(came.endswith(b"<open>"), came)

    def test_a_key_seen_before_gets_the_first_answer(self):
        before = self.front.source("over_tls")
        answers = {self.curl(message("k1"), "-H", "Idempotency-Key: order-66")[3] for _ in range(3)}
        self.assertEqual(len(answers), 1)
        self.assertIn("MSA|AA|Mk1", answers.pop())
        _, status, _, body = self.curl(message("k2"), "-H", "Idempotency-Key: order-66")
        self.assertEqual(status, 200)
        self.assertIn("MSA|AE|Mk2", body)
        self.assertIn("205", body)
        self.assertIn("MSA|AA|Mk1", self.curl(message("k1"), "-H", "Idempotency-Key: order-67")[3])
        after = self.front.source("over_tls")
        self.assertEqual(after["duplicates"] - before["duplicates"], 2)
        self.assertEqual(after["conflicts"] - before["conflicts"], 1)
        self.assertEqual(self.front.trace("Mk2")["state"], "rejected")

    def test_client_certificates_and_signatures(self):
        code, _, _, _ = self.curl(message("c1"), port="mutual_port", path="/", token=None)
        self.assertNotEqual(code, 0)
        _, status, head, body = self.curl(message("c2"), "--cert", self.made["certificate"], "--key", self.made["key"],
                                          port="mutual_port", path="/", token=None)
        self.assertEqual(status, 200, head)
        self.assertIn("MSA|AA|Mc2", body)

        def signed(number, at, key=b"key of signatures"):
            sign = hmac.new(key, str(at).encode() + b"." + message(number), hashlib.sha256).hexdigest()
            return self.curl(message(number), "-H", f"X-Signature: sha256={sign}", "-H", f"X-Time: {at}", port="signed_port", path="/",
                             token=None, scheme="http")[1]
        now = int(time.time())
        self.assertEqual(signed("s1", now), 200)
        self.assertEqual(signed("s2", now - 3600), 401)
        self.assertEqual(signed("s3", now, b"another key"), 401)

    def test_a_large_message_and_100_continue(self):
        large = message("l1") + b"NTE|1|L|" + b"x" * 900_000 + b"\r"
        _, status, head, body = self.curl(large, "-H", "Expect: 100-continue")
        self.assertEqual(status, 200, head)
        self.assertIn("MSA|AA|Ml1", body)
        self.delivered("l1")
        _, status, _, body = self.curl(message("l2"), "-H", "Transfer-Encoding: chunked")
        self.assertIn("MSA|AA|Ml2", body)

    def test_what_statuses_mean(self):
        for number, to in (("q1", "QUIET"), ("q2", "BASIC"), ("q3", "JSON")):
            self.curl(message(number, to))
            self.delivered(number)
        self.curl(message("q4", "GONE"))
        self.front.eventually(lambda: self.front.destination("gone")["dead"] == 1, "404 is for good",
                              lambda: json.dumps(self.front.ask("trace", "Mq4"), indent=1))
        (self.folder / "busy").touch()
        self.curl(message("q5", "BUSY"))
        self.front.eventually(lambda: self.front.destination("busy")["refused"] >= 2, "503 is for now")
        (self.folder / "busy").unlink()
        self.delivered("q5")
        self.assertLessEqual(self.front.destination("busy")["refused"], 20)
        self.curl(message("q6", "DENIED"))
        self.front.eventually(lambda: "rejected" in json.dumps(self.front.destination("denied")), "401 stops the lane",
                              lambda: json.dumps(self.front.destination("denied"), indent=1))

    def test_z_killed_hubs_lose_and_double_nothing(self):
        count, kills = 400, {80: "front", 160: "back", 240: "front", 320: "back"}
        context = ssl.create_default_context(cafile=self.made["ca"])
        line, retried, lost = None, 0, set()

        def taken(hub):  # at most 1000 are listed
            return len(hub.ask("messages", "--state", "accepted", "--limit", "1000")["messages"])
        taken_before, behind_before = taken(self.front), taken(self.back)
        for number in range(count):
            if number in kills:
                hub = getattr(self, kills[number])
                hub.kill()
                hub.again()
            while True:
                try:
                    line = line or http.client.HTTPSConnection("localhost", self.ports["tls_port"], context=context, timeout=20)
                    # In the middle of a request at times: the answer is lost, and the same key goes out again.
                    line.request("POST", "/hl7", message(f"z{number}"), {"Authorization": "Bearer open sesame", "Idempotency-Key": f"z{number}",
                                                                         "Content-Type": "application/hl7-v2"})
                    if number in (100, 200, 300) and number not in lost:
                        lost.add(number)
                        self.front.kill()
                        self.front.again()
                    response = line.getresponse()
                    text = response.read().decode()
                    self.assertEqual(response.status, 200, text)
                    self.assertIn(f"MSA|AA|Mz{number}", text)
                    break
                except (OSError, http.client.HTTPException):
                    retried += 1
                    line.close()
                    line = None
        self.assertGreaterEqual(retried, 3)
        self.front.eventually(lambda: self.front.destination("through")["queued"] == 0, "all delivered",
                              lambda: json.dumps(self.front.destination("through"), indent=1))
        self.assertEqual(taken(self.front) - taken_before, count)
        self.assertEqual(taken(self.back) - behind_before, count)
        copies = len(self.back.ask("messages", "--state", "duplicate", "--limit", "1000")["messages"])
        print(f"{count} messages over 7 kills: {retried} requests repeated by the client, {copies} copies dropped behind the proxy", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    Https.program = sys.argv[1]
    passed = unittest.main(argv=[sys.argv[0], *[f"Https.{name}" for name in sys.argv[2:]]], verbosity=2, exit=False).result
    if passed.wasSuccessful() and passed.testsRun > 0:
        shutil.rmtree(Https.folder)
        sys.exit(0)
    print(f"files are kept in {Https.folder}")
    sys.exit(1)
