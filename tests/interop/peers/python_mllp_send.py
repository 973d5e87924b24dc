# SPDX-License-Identifier: Apache-2.0
"""python3-hl7's command mllp_send, with a file of framed messages. It has no TLS, and prints each answer as it came."""
import os
import subprocess
import tempfile

import hl7
from common import TASK, TIMEOUT, b64, fields_of_answer, messages, tell

texts = messages()
with tempfile.NamedTemporaryFile(suffix=".hl7", delete=False) as file:
    for text in texts:
        file.write(b"\x0b" + text.encode("utf-8") + b"\x1c\r")
try:
    done = subprocess.run(["/usr/bin/mllp_send", "-f", file.name, "-p", str(TASK["port"]), "127.0.0.1"], capture_output=True,
                          timeout=TIMEOUT, check=True)
finally:
    os.unlink(file.name)
answers = [part[part.index(b"\x0b"):] for part in done.stdout.split(b"\x1c\r") if b"\x0b" in part]
for text, answer in zip(texts, answers, strict=True):
    tell(sent=b64(text.encode("utf-8")), framed=True, answers=[fields_of_answer(hl7.parse(answer.strip(b"\x0b").decode("utf-8")))])
