# SPDX-License-Identifier: Apache-2.0
"""Cells with a peer as the sender: what it sends reaches a recorder behind the hub byte for byte, and it understands the hub's answer."""
import base64
import unittest

import messages
from processes import Hub, Peer, WITHIN, decoded
from wire import Recorder

ROWS = [  # (peer, version, script, over TLS)
    ("python3-hl7 MLLPClient", "python_client.py", False), ("python3-hl7 MLLPClient", "python_client.py", True),
    ("python3-hl7 hl7.mllp", "python_asyncio_client.py", False), ("python3-hl7 hl7.mllp", "python_asyncio_client.py", True),
    ("python3-hl7 mllp_send", "python_mllp_send.py", False),
    ("simple-hl7", "simple_client.cjs", False),
    ("node-hl7-client", "node_client.cjs", False), ("node-hl7-client", "node_client.cjs", True),
]
IMPOSSIBLE = {  # (peer, over TLS): why there is no such row
    ("python3-hl7 mllp_send", True): "the command has no TLS",
    ("simple-hl7", True): "the client connects with net.connect itself and takes no socket",
}
READS_ONCE = "python_mllp_send.py"  # one read after each message, so that a second answer is taken for the next message's


class Shared:
    """One hub with both sources, and its recorder, for all cells of this role."""
    hub = recorder = slow_recorder = None

    @classmethod
    def start(cls, settings):
        cls.recorder, cls.slow_recorder = Recorder(), Recorder(pause=1.5)
        cls.hub = Hub(settings, "senders.route", recorder_port=cls.recorder.port, slow_port=cls.slow_recorder.port)

    @classmethod
    def end(cls):
        code = cls.hub.end() if cls.hub else 0
        cls.recorder.close()
        cls.slow_recorder.close()
        return code


class SenderCells(unittest.TestCase):
    role = "sender"
    settings = peer = script = over_tls = certificates = None  # set by rows()

    def send(self, texts, answers=1, relayed=False):
        """What the peer tells of each message, and how the counters of its source grew."""
        source = ("relay_" if relayed else "") + ("secure" if self.over_tls else "plain")
        before = Shared.hub.source(source)
        peer = Peer(self.settings, self.script, {
            "port": Shared.hub.ports[source], "tls": self.certificates if self.over_tls else None, "answers": answers,
            "messages": [base64.b64encode(t.encode("utf-8")).decode() for t in texts]})
        try:
            told = peer.all()
        finally:
            peer.end()
        after = Shared.hub.source(source)
        self.assertEqual(len(told), len(texts))
        self.assertEqual(after["received"] - before["received"], len(texts))
        self.assertEqual((after["noise_bytes"], after["bad_frames"]), (before["noise_bytes"], before["bad_frames"]))
        return told, {key: after[key] - before[key] for key in ("accepted", "rejected")}

    def ids(self, count):
        cell = self.id().rpartition("test_")[2]
        return [f"{self.row}{cell}{n}"[:20] for n in range(count)]

    def accepted(self, ids, texts, *codes):
        told, grown = self.send(texts, len(codes))
        self.assertEqual(grown, {"accepted": len(ids), "rejected": 0})
        for control_id, text, one in zip(ids, texts, told):
            self.assertTrue(one["framed"])
            self.assertEqual(one["answers"], [{"code": c, "control_id": control_id, "version": "2.5.1", "errors": []} for c in codes])
            sent = decoded(one, "sent")
            # A library may end the message in CR or not; apart from that it must not have changed it either.
            self.assertEqual(sent.rstrip(b"\r"), text.encode("utf-8"))
            trace = Shared.hub.trace(control_id, "delivered")
            self.assertEqual(Shared.recorder.got[control_id], [sent])
            self.assertEqual([e["detail"] for e in trace["events"] if e["what"] == "outcome"], ["accepted, attempts 1, answer AA"])

    def refused(self, control_id, text, code, error):
        told, grown = self.send([text])
        self.assertEqual(grown, {"accepted": 0, "rejected": 1})
        self.assertEqual(told[0]["answers"], [{"code": code, "control_id": control_id, "version": "2.5.1", "errors": [error]}])
        self.assertEqual(Shared.hub.trace(control_id)["state"], "rejected")
        self.assertNotIn(control_id, Shared.recorder.got)

    def test_AA(self):
        ids = self.ids(3)
        self.accepted(ids, [messages.result(i) for i in ids], "AA")

    def test_AE(self):
        [i] = self.ids(1)
        self.refused(i, messages.without_patient_id(messages.result(i)), "AE", "101")

    def test_AR(self):
        [i] = self.ids(1)
        self.refused(i, messages.of_another_type(messages.result(i)), "AR", "200")

    def test_CA(self):
        ids = self.ids(2)
        self.accepted(ids, [messages.result(i, commit="AL", application="NE") for i in ids], "CA")

    def test_CE(self):
        [i] = self.ids(1)
        self.refused(i, messages.without_patient_id(messages.result(i, commit="AL", application="NE")), "CE", "101")

    def test_CR(self):
        [i] = self.ids(1)
        self.refused(i, messages.of_another_type(messages.result(i, commit="AL", application="NE")), "CR", "200")

    def test_CA_AA(self):
        ids = self.ids(2)
        self.accepted(ids, [messages.result(i, commit="AL", application="AL") for i in ids], "CA", "AA")

    def test_CA_AE(self):
        """The commit acknowledgement is the hub's, the application's says what is wrong."""
        [i] = self.ids(1)
        told, _ = self.send([messages.without_patient_id(messages.result(i, commit="AL", application="AL"))], answers=2)
        self.assertEqual([(a["code"], a["control_id"]) for a in told[0]["answers"]], [("CA", i), ("AE", i)])
        self.assertEqual(told[0]["answers"][1]["errors"], ["101"])
        self.assertEqual(Shared.hub.trace(i)["state"], "rejected")
        self.assertNotIn(i, Shared.recorder.got)

    def test_slow(self):
        """The sender waits for what the receiver says: its answer is relayed."""
        for i, code in zip(self.ids(2), ("AA", "AE")):
            Shared.slow_recorder.codes[i] = code
            told, _ = self.send([messages.result(i)], relayed=True)
            self.assertEqual([(a["code"], a["control_id"]) for a in told[0]["answers"]], [(code, i)])
            self.assertEqual(Shared.slow_recorder.got[i][0], decoded(told[0], "sent"))

    def test_5MiB(self):
        [i] = self.ids(1)
        self.accepted([i], [messages.large(i)], "AA")


def rows(settings, certificates):
    for number, (peer, script, over_tls) in enumerate(ROWS):
        yield type(f"Sender{number}", (SenderCells,), {"peer": peer, "script": script, "over_tls": over_tls, "row": f"S{number}",
                                                      "settings": settings, "certificates": certificates,
                                                      **({"test_CA_AA": None, "test_CA_AE": None} if script == READS_ONCE else {})})
