# SPDX-License-Identifier: Apache-2.0
"""Cells with a peer as the receiver: it gets the message byte for byte and reads its fields, and the hub takes its answers for what they
are: delivered, tried again, or dead."""
import base64
import re
import unittest

import messages
from processes import Hub, Peer, decoded
from wire import send

PEERS = [  # name, script, the script that sends, the options that its destination needs
    ("python3-hl7 hl7.mllp", "python_server.py", "python_asyncio_client.py", ""),
    ("simple-hl7", "simple_server.cjs", "simple_client.cjs", ""),
    ("node-hl7-server", "node_server.cjs", "node_client.cjs", "most_messages 1"),  # see KeptCells
]
SLOW = 2.0  # seconds that a slow answer takes; the route waits 0.7
SCRIPT = {  # what the peer does at each arrival of a message of that name, the last again and again; AA if nothing is said
    "AE0": [["AE"]],
    "AR0": [["AR"], ["AR"], ["AA"]],
    "slow0": [(SLOW, "AA"), ["AA"]],
    "CA0": [["CA"]], "CA1": [["CA"]],
    "CE0": [["CE"]],
    "CR0": [["CR"], ["CA"]],
    "unasked0": [["CA", "AA"]], "unasked1": [["AE", "AA"], ["AA"]],
    "CA_AA0": [["CA", "AA"]], "CA_AA1": [["CA", "AA"]],
    "CA_AE0": [["CA", "AE"]],
    "CA_AR0": [["CA", "AR"], ["CA", "AA"]],
    "elsewhere0": [["CA"]],
}
# The text of OBX-5 as each library gives it: one leaves escapes to its caller, one decodes them.
DECODED = r"a | pipe, a ^ caret, an & ampersand, a \ backslash, \.br\ a break"
TEXTS = {"python_server.py": messages.TEXT, "simple_server.cjs": messages.TEXT, "node_server.cjs": DECODED}


def script(row):
    def step(one):
        return {"after": one[0], "codes": list(one[1:])} if isinstance(one, tuple) else {"codes": one, "between": 0.2 if one[0] == "CA" else 0}
    return {row + name: [step(one) for one in steps] for name, steps in SCRIPT.items()}


class Receiver(unittest.TestCase):
    """A peer that receives, and a hub of its own before it."""
    role = "receiver"
    settings = peer = program = sends = options = over_tls = certificates = row = None  # set by rows()

    @classmethod
    def setUpClass(cls):
        cls.receiver = Peer(cls.settings, cls.program, {"tls": cls.certificates if cls.over_tls else None, "script": script(cls.row)})
        cls.addClassCleanup(cls.receiver.end)
        port = cls.receiver.next()["port"]
        cls.hub = Hub(cls.settings, "receivers.route", cls.options, plain_port=port, tls_port=port)
        cls.addClassCleanup(cls.hub.end)


class ReceiverCells(Receiver):
    def deliver(self, ends, kind="", make=messages.result, strays=0):
        """Sends the messages of a cell, `ends` naming each and what shall become of it, and holds what the peer saw against the trace.
        `strays`: how many answers to other messages the hub may have read past. Returns for each message its steps: (what, the
        answer's code or "" where none came)."""
        destination = ("secure" if self.over_tls else "plain") + kind
        before = self.hub.destination(destination)
        facility = ("TLS" if self.over_tls else "PLAIN") + kind.upper()
        texts = {self.row + name: make(self.row + name, facility) for name in ends}
        for text in texts.values():
            self.assertEqual(send(self.hub.ports["feed"], text.encode("utf-8")), "AA")
        steps, attempts = {}, {}
        for name, end in ends.items():
            events = self.hub.trace(self.row + name, end)["events"]
            found = [(e["what"], e["detail"]) for e in events if e["what"] in ("attempt", "outcome", "dead")]
            steps[name] = [(what, (re.findall(r"\b[AC][AER]\b", detail) or [""])[0]) for what, detail in found]
            attempts[self.row + name] = int(re.search(r"attempts (\d+)", found[-1][1])[1])
        # MSH-15 and MSH-16 as the destination asks for them.
        self.saw({i: make(i, facility, "AL", "AL") for i in texts} if kind == "_enhanced" else texts, attempts)
        after = self.hub.destination(destination)
        grown = {key: after[key] - before[key] for key in ("delivered", "dead", "retries", "queued")}
        self.assertEqual(grown, {"delivered": sum(e == "delivered" for e in ends.values()), "dead": sum(e == "dead" for e in ends.values()),
                                 "retries": sum(attempts.values()) - len(ends), "queued": 0})
        self.assertLessEqual(after["mismatched"] - before["mismatched"], strays)
        return steps

    def saw(self, texts, attempts):
        """The peer got each message as often as the trace says, byte for byte, in order, and read the same values."""
        arrived = []
        while len(arrived) < sum(attempts.values()):
            one = self.receiver.next()
            control_id = one["parsed"]["control_id"]
            arrived.append(control_id)
            self.assertEqual(one["time"], arrived.count(control_id))
            self.assertEqual(decoded(one, "raw").rstrip(b"\r"), texts[control_id].encode("utf-8"))
            self.assertEqual({k: one["parsed"][k] for k in ("surname", "second_id", "count")},
                             {"surname": messages.SURNAME, "second_id": messages.SECOND_ID, "count": texts[control_id].count("\rOBX|")})
            self.assertEqual(one["parsed"]["observations"][:2], ["5.4", TEXTS[self.program]])
        self.assertEqual(arrived, [i for i, count in attempts.items() for _ in range(count)])

    def test_AA(self):
        steps = self.deliver({"AA0": "delivered", "AA1": "delivered", "AA2": "delivered"})
        self.assertEqual(steps, {name: [("outcome", "AA")] for name in ("AA0", "AA1", "AA2")})

    def test_AE(self):
        steps = self.deliver({"AE0": "dead"})
        self.assertEqual(steps["AE0"], [("attempt", "AE"), ("attempt", "AE"), ("dead", "AE")])
        self.assertIn(self.hub.trace(self.row + "AE0")["id"], [d["message"] for d in self.hub.ask("dead", "list")["dead"]])

    def test_AR(self):
        steps = self.deliver({"AR0": "delivered"})
        self.assertEqual(steps["AR0"], [("attempt", "AR"), ("attempt", "AR"), ("outcome", "AA")])

    def test_slow(self):
        """The first answer comes long after the hub has given up waiting, on a connection that it has closed."""
        steps = self.deliver({"slow0": "delivered", "slow1": "delivered"}, kind="_slow")
        self.assertEqual(steps["slow0"][0], ("attempt", ""))
        self.assertEqual(steps["slow0"][-1], ("outcome", "AA"))
        self.assertEqual(steps["slow1"][-1], ("outcome", "AA"))

    def test_CA(self):
        steps = self.deliver({"CA0": "delivered", "CA1": "delivered"})
        self.assertEqual(steps, {name: [("outcome", "CA")] for name in ("CA0", "CA1")})

    def test_CE(self):
        steps = self.deliver({"CE0": "dead"})
        self.assertEqual(steps["CE0"], [("attempt", "CE"), ("attempt", "CE"), ("dead", "CE")])

    def test_CR(self):
        steps = self.deliver({"CR0": "delivered"})
        self.assertEqual(steps["CR0"], [("attempt", "CR"), ("outcome", "CA")])

    def test_unasked(self):
        """An application acknowledgement that nobody asked for is not taken for the answer to the next message, whether it comes before
        or after that is sent."""
        steps = self.deliver({"unasked0": "delivered", "unasked1": "delivered"}, strays=1)
        self.assertEqual(steps["unasked0"], [("outcome", "CA")])
        self.assertEqual(steps["unasked1"], [("attempt", "AE"), ("outcome", "AA")])

    def test_CA_AA(self):
        """Enhanced mode: the commit acknowledgement at once, the application's later; only that one is the delivery."""
        steps = self.deliver({"CA_AA0": "delivered", "CA_AA1": "delivered"}, kind="_enhanced")
        self.assertEqual(steps, {name: [("attempt", "CA"), ("outcome", "AA")] for name in ("CA_AA0", "CA_AA1")})

    def test_CA_AE(self):
        steps = self.deliver({"CA_AE0": "dead"}, kind="_enhanced")
        self.assertEqual(steps["CA_AE0"], [("attempt", "CA"), ("attempt", "AE")] * 2 + [("attempt", "CA"), ("dead", "AE")])

    def test_CA_AR(self):
        steps = self.deliver({"CA_AR0": "delivered"}, kind="_enhanced")
        self.assertEqual(steps["CA_AR0"], [("attempt", "CA"), ("attempt", "AR"), ("attempt", "CA"), ("outcome", "AA")])

    def test_elsewhere(self):
        """The application's acknowledgement comes as a message of its own, over a connection that the other side makes."""
        facility = "TLS_ENHANCED" if self.over_tls else "PLAIN_ENHANCED"
        control_id = self.row + "elsewhere0"
        self.assertEqual(send(self.hub.ports["feed"], messages.result(control_id, facility).encode("utf-8")), "AA")
        self.assertEqual(self.receiver.next()["parsed"]["control_id"], control_id)
        self.assertEqual(self.hub.trace(control_id)["state"], "queued")
        acknowledgement = messages.acknowledgement("AA", control_id)
        sender = Peer(self.settings, self.sends, {"port": self.hub.ports["feed"], "answers": 1,
                                                  "messages": [base64.b64encode(acknowledgement.encode("utf-8")).decode()]})
        self.addCleanup(sender.end)
        [told] = sender.all()
        self.assertEqual([(a["code"], a["control_id"]) for a in told["answers"]], [("CA", "ACK" + control_id)])
        last = self.hub.trace(control_id, "delivered")["events"][-1]
        self.assertEqual((last["what"], last["detail"]), ("outcome", "accepted, attempts 1, answer AA"))

    def test_5MiB(self):
        steps = self.deliver({"large0": "delivered"}, make=messages.large)
        self.assertEqual(steps["large0"], [("outcome", "AA")])


class KeptCells(Receiver):
    """node-hl7-server 2.5.0 never forgets what came over a connection: with the second message it handles and answers the first one
    again. The hub reads past such answers, but the receiver does its work twice; `most_messages 1` spares it that."""

    def test_kept(self):
        ids = [f"{self.row}kept{n}" for n in range(3)]
        for control_id in ids:
            message = messages.result(control_id, "TLS" if self.over_tls else "PLAIN")
            self.assertEqual(send(self.hub.ports["feed"], message.encode("utf-8")), "AA")
            self.assertEqual(self.hub.trace(control_id, "delivered")["events"][-1]["detail"], "accepted, attempts 1, answer AA")
        self.assertEqual([self.receiver.next()["parsed"]["control_id"] for _ in range(6)], [*ids[:1], *ids[:2], *ids[:3]])
        self.assertEqual(self.hub.destination("secure" if self.over_tls else "plain")["mismatched"], 3)


def rows(settings, certificates):
    common = {"settings": settings, "certificates": certificates}
    all_rows = [(ReceiverCells, *peer, over_tls) for peer in PEERS for over_tls in (False, True)]
    all_rows += [(KeptCells, *PEERS[2][:3], "", over_tls) for over_tls in (False, True)]
    for number, (cells, peer, program, sends, options, over_tls) in enumerate(all_rows):
        yield type(f"Receiver{number}", (cells,), {**common, "peer": peer, "program": program, "sends": sends, "options": options, "over_tls": over_tls,
                                                   "row": f"R{number}"})
