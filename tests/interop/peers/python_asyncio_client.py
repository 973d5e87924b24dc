# SPDX-License-Identifier: Apache-2.0
"""python3-hl7's asyncio client, hl7.mllp.open_hl7_connection, which takes a TLS context itself."""
import asyncio

import hl7
from hl7.mllp import open_hl7_connection
from common import TASK, TIMEOUT, b64, client_context, fields_of_answer, messages, tell


async def main():
    reader, writer = await open_hl7_connection("localhost", TASK["port"], encoding="utf-8", ssl=client_context())
    for text in messages():
        message = hl7.parse(text)
        writer.writemessage(message)
        await writer.drain()
        answers = [await asyncio.wait_for(reader.readmessage(), TIMEOUT) for _ in range(TASK["answers"])]
        tell(sent=b64(str(message).encode("utf-8")), framed=True, answers=[fields_of_answer(a) for a in answers])
    writer.close()


asyncio.run(main())
