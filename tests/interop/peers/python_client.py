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
        answers = [seen]
        while len(answers) < TASK.get("answers", 1):
            answers.append(client.socket.recv(4096))
        for answer in answers:
            tell(sent=b64(str(message).encode("utf-8")), framed=answer[:1] == b"\x0b" and answer[-2:] == b"\x1c\r",
                 answer=fields_of_answer(hl7.parse(answer.strip(b"\x0b\x1c\r").decode("utf-8"))))
