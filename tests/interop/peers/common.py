# SPDX-License-Identifier: Apache-2.0
"""What the Python peers share: their task as JSON on standard input, what they saw as JSON lines on standard output."""
import base64
import json
import ssl
import sys

TASK = json.load(sys.stdin)
TIMEOUT = TASK.get("timeout", 60)


def tell(**what):
    print(json.dumps(what), flush=True)


def b64(data):
    return base64.b64encode(data).decode()


def messages():
    return [base64.b64decode(m).decode("utf-8") for m in TASK["messages"]]


def client_context():
    """Mutual TLS, the hub's certificate checked; None where the task is plain."""
    tls = TASK.get("tls")
    if not tls:
        return None
    context = ssl.create_default_context(cafile=tls["ca"])
    context.load_cert_chain(tls["certificate"], tls["key"])
    return context


def server_context():
    tls = TASK.get("tls")
    if not tls:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls["ca"])
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tls["certificate"], tls["key"])
    return context


def fields_of_answer(ack):
    """MSA and ERR of an hl7.Message as the library reads them."""
    def field(segment, number):
        return str(segment(number)) if len(segment) > number else ""

    msa = ack.segment("MSA")
    errors = ack.segments("ERR") if "ERR" in [str(s[0]) for s in ack] else []
    return {"code": field(msa, 1), "control_id": field(msa, 2), "version": str(ack["MSH"][0][12]),
            "errors": [field(e, 3).split("^")[0] for e in errors]}
