#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""OAuth 2 against an authorisation server of others (Authlib): tokens that the hub checks, tokens that it fetches. Usage:
oauth_peers.py PROGRAM [TEST...]. Files of a failed run are kept."""
import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import shutil
import ssl
import sys
import tempfile
import threading
import time
import unittest

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

import certificates
import oauth_server
import processes
from https_peers import free_port, message

LOAD = 16000  # messages while tokens live two seconds


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class OAuth(unittest.TestCase):
    program = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="smarthl7-oauth-"))
        made = certificates.make(cls.folder)
        cls.trust = ssl.create_default_context(cafile=made["ca"])
        for name, value in (("client_secret", "secret-of-the-hub"), ("poster_secret", "other"), ("wrong_secret", "guess")):
            (cls.folder / "secrets" / name).write_text(value)
        cls.issuer = oauth_server.Issuer()
        cls.issuer.serve(cls.folder)
        (cls.folder / "tls" / "keys.json").write_text(json.dumps({"keys": [one.as_dict(is_private=False) for one in cls.issuer.shown]}))
        (cls.folder / "out").mkdir()
        settings = processes.Settings(cls.program, cls.folder, cls.folder)
        cls.ports = {name: free_port() for name in ("by_url_port", "by_file_port", "back_port")}
        cls.back = processes.Hub(settings, "oauth_back.route", in_port=cls.ports["back_port"], login_port=cls.issuer.port, out=cls.folder / "out")
        cls.front = processes.Hub(settings, "oauth_front.route", login_port=cls.issuer.port, **cls.ports)

    @classmethod
    def tearDownClass(cls):
        codes = [cls.front.end(), cls.back.end()]
        cls.issuer.end()
        assert codes == [0, 0], f"the hubs ended with {codes}; files are in {cls.folder}"

    def setUp(self):
        self.issuer.life, self.issuer.said_life, self.issuer.down = 2, None, False

    def post(self, token, number, port="by_url_port", to="HUB"):
        """Status, header fields, body."""
        connection = http.client.HTTPSConnection("localhost", self.ports[port], timeout=30, context=self.trust)
        connection.request("POST", "/", message(number, to), {"Content-Type": "application/hl7-v2", **({"Authorization": token} if token else {})})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), body

    def bearer(self, *words, **named):
        return "Bearer " + self.issuer.token(*words, **named)

    def signed(self, header, claims):
        """RS256 over a header that Authlib would not write."""
        text = part(header) + "." + claims
        signature = self.issuer.key("r1").get_private_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return text + "." + base64.urlsafe_b64encode(signature).decode().rstrip("=")

    def test_good_tokens_are_let_in(self):
        for number, port in ((1, "by_url_port"), (2, "by_file_port")):
            self.assertEqual(self.post(self.bearer(), f"{number}0", port)[0], 200)
            self.assertEqual(self.post(self.bearer("PS256"), f"{number}1", port)[0], 200)
            self.assertEqual(self.post(self.bearer("ES256", "e1"), f"{number}2", port)[0], 200)
            self.assertEqual(self.post(self.bearer(aud=["other", "hub"], scope="a hl7.write b"), f"{number}3", port)[0], 200)
        self.assertEqual(self.post(self.bearer(scope=None, scp=["hl7.write"]), "14")[0], 200)
        self.assertEqual(self.post(self.bearer(exp=time.time() - 0.5), "15")[0], 200)  # within the leeway

    def test_others_are_not(self):
        now = time.time()
        header, claims, signature = self.issuer.token().split(".")
        public = self.issuer.key("r1").as_pem(is_private=False)
        confused = part({"alg": "HS256", "kid": "r1"}) + "." + claims
        confused += "." + base64.urlsafe_b64encode(hmac.new(public, confused.encode(), hashlib.sha256).digest()).decode().rstrip("=")
        stranger = oauth_server.Issuer()
        wrong = {
            "expired": self.bearer(exp=now - 5), "not yet": self.bearer(nbf=now + 60), "for ever": self.bearer(exp=None),
            "issuer": self.bearer(iss="https://login.test/"), "no issuer": self.bearer(iss=None),
            "audience": self.bearer(aud="back"), "no audience": self.bearer(aud=None), "audiences": self.bearer(aud=["hubs", 1]),
            "none": "Bearer " + part({"alg": "none"}) + "." + claims + ".",
            "none with a signature": "Bearer " + part({"alg": "none", "kid": "r1"}) + "." + claims + "." + signature,
            "algorithm confusion": "Bearer " + confused,
            "HS256 by the symmetric key that is shown": "Bearer " + part({"alg": "HS256", "kid": "s1"}) + "." + claims + "." + signature,
            "RS512": "Bearer " + part({"alg": "RS512", "kid": "r1"}) + "." + claims + "." + signature,
            "another key of that name": "Bearer " + stranger.token(), "EC for RSA": "Bearer " + part({"alg": "RS256", "kid": "e1"}) + "." + claims + "." + signature,
            "other claims": "Bearer " + header + "." + part({"iss": oauth_server.ISSUER, "aud": "hub", "exp": now + 99, "scope": "hl7.write"}) + "." + signature,
            "crit": "Bearer " + self.signed({"alg": "RS256", "kid": "r1", "crit": ["exp"]}, claims), "no JWT": "Bearer abc", "two parts": "Bearer " + header + "." + claims,
            "four parts": "Bearer " + header + "." + claims + "." + signature + ".x", "basic": "Basic " + base64.b64encode(b"a:b").decode(),
        }
        before = self.front.source("by_url")["received"]
        self.assertEqual(self.post("Bearer " + self.signed({"alg": "RS256", "kid": "r1"}, claims), "98")[0], 200)
        before += 1
        for what, token in wrong.items():
            status, fields, body = self.post(token, "99")
            self.assertEqual((status, body), (401, b""), what)
            expected = "Bearer" if what == "basic" else 'Bearer error="invalid_token"'
            self.assertEqual(fields["WWW-Authenticate"], expected, what)
        status, fields, body = self.post(None, "99")
        self.assertEqual((status, fields["WWW-Authenticate"], body), (401, "Bearer", b""))
        status, fields, body = self.post(self.bearer(scope="hl7.read"), "99")
        self.assertEqual((status, fields["WWW-Authenticate"], body), (403, 'Bearer error="insufficient_scope"', b""))
        self.assertEqual(self.front.source("by_url")["received"], before)
        log = (self.front.folder / "hub.log").read_text()
        self.assertIn("401: the token has expired", log)
        self.assertNotIn(header, log)

    def test_y_a_new_key_is_fetched_and_made_up_ones_are_not(self):
        self.assertEqual(self.post(self.bearer(), "200")[0], 200)
        time.sleep(10.1)  # the floor between two fetches of keys
        self.issuer.add_key("RSA", "r2")
        self.issuer.shown = list(self.issuer.private)
        before = self.issuer.key_fetches
        self.assertEqual(self.post(self.bearer(kid="r2"), "201")[0], 200)
        self.assertEqual(self.issuer.key_fetches, before + 1)
        self.issuer.add_key("RSA", "nobody")  # which it does not show
        made_up = self.issuer.token(kid="nobody")
        for number in range(20):
            self.assertEqual(self.post("Bearer " + made_up, "202")[0], 401)
        self.assertEqual(self.issuer.key_fetches, before + 1)
        self.assertEqual(self.post(self.bearer(kid="r2"), "203", "by_file_port")[0], 401)  # a file is what it was

    def test_tokens_live_two_seconds_under_load(self):
        requests, token, behind = self.issuer.requests, self.bearer(exp=time.time() + 600), self.back.source("behind")["received"]
        started = time.monotonic()

        def send(first):
            connection = http.client.HTTPSConnection("localhost", self.ports["by_url_port"], timeout=60, context=self.trust)
            for number in range(first, first + LOAD // 4):
                connection.request("POST", "/", message(f"L{number}"), {"Content-Type": "application/hl7-v2", "Authorization": token})
                answer = connection.getresponse()
                assert answer.status == 200 and b"MSA|AA" in answer.read(), answer.status
            connection.close()

        threads = [threading.Thread(target=send, args=(10000 * i,)) for i in range(1, 5)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        sent = time.monotonic() - started
        self.front.eventually(lambda: self.front.destination("through")["queued"] == 0, "all are delivered")
        took = time.monotonic() - started
        names = [f"ML{10000 * i + n}.hl7" for i in range(1, 5) for n in range(LOAD // 4)]
        out = self.folder / "out"
        self.back.eventually(lambda: sum(1 for one in out.iterdir() if one.name.startswith("ML")) >= LOAD, "all are kept")
        self.assertEqual(sorted(one.name for one in out.iterdir() if one.name.startswith("ML")), sorted(names))
        asked = self.issuer.requests - requests
        self.assertEqual(self.back.source("behind")["received"] - behind, LOAD)  # and none came twice
        status = self.front.destination("through")
        print(f"\n{LOAD} messages taken with tokens in {sent:.1f} s, delivered with tokens of 2 s in {took:.1f} s: {asked} requests for a token, "
              f"{status['retries']} retries", file=sys.stderr)
        self.assertLessEqual(asked, took / 1.5 + 3)  # one each 1.5 s, by whichever of eight connections is first
        self.assertGreaterEqual(asked, int(took / 2))

    def test_a_token_that_is_refused_costs_one_more(self):
        self.issuer.life, self.issuer.said_life = 1, 300  # it is worth nothing after a second, and nobody told the hub
        self.assertEqual(self.post(self.bearer(exp=time.time() + 60), "300", to="POSTED")[0], 200)
        self.front.trace("M300", "delivered")
        before = self.issuer.requests
        time.sleep(1.1)
        self.assertEqual(self.post(self.bearer(exp=time.time() + 60), "301", to="POSTED")[0], 200)
        trace = self.front.trace("M301", "delivered")
        self.assertEqual(self.issuer.requests, before + 1)
        self.assertEqual([step for step in trace["events"] if step["what"] == "attempt"], [])  # none that failed
        self.assertIn("401: the token has expired", (self.back.folder / "hub.log").read_text())

    def test_without_tokens_messages_wait(self):
        self.issuer.down = True
        self.assertEqual(self.post(self.bearer(), "400", to="POSTED")[0], 200)
        self.front.eventually(lambda: self.front.destination("posted")["unreachable"] >= 2, "it tries")
        self.issuer.down = False
        trace = self.front.trace("M400", "delivered")
        self.assertIn("gives no token now: HTTP 503", json.dumps(trace))

    def test_a_wrong_secret_stops_the_lane_and_loses_nothing(self):
        self.assertEqual(self.post(self.bearer(), "500", to="WRONG")[0], 200)
        self.front.eventually(lambda: "invalid_client" in json.dumps(self.front.ask("trace", "M500")), "the server says no")
        self.assertEqual(self.front.destination("wrong")["queued"], 1)
        self.assertIn("rejected", json.dumps(self.front.destination("wrong")))
        self.assertNotIn("guess", (self.front.folder / "hub.log").read_text())


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    OAuth.program = sys.argv[1]
    passed = unittest.main(argv=[sys.argv[0], *[f"OAuth.{name}" for name in sys.argv[2:]]], verbosity=2, exit=False).result
    if passed.wasSuccessful() and passed.testsRun > 0:
        shutil.rmtree(OAuth.folder)
        sys.exit(0)
    print(f"files are kept in {OAuth.folder}")
    sys.exit(1)
