# SPDX-License-Identifier: Apache-2.0
"""python3-hl7's blocking client, hl7.client.MLLPClient. TLS through its `socket` attribute, which is wrapped before the first send."""
import hl7
import hl7.client
from common import TASK, b64, client_context, fields_of_answer, messages, tell

with hl7.client.MLLPClient("localhost", TASK["port"]) as client:
    context = client_context()
    if context:
        client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
    for text in messages():
        message = hl7.parse(text)
        seen = client.send_message(message)
        while seen.count(b"\x1c\r") < TASK["answers"]:  # send_message() reads once, and a second answer may come later
            seen += client.socket.recv(4096)
        frames = seen.split(b"\x1c\r")
        tell(sent=b64(str(message).encode("utf-8")), framed=frames.pop() == b"" and all(f[:1] == b"\x0b" for f in frames),
             answers=[fields_of_answer(hl7.parse(f.strip(b"\x0b\r").decode("utf-8"))) for f in frames])
