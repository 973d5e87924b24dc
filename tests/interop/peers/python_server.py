# SPDX-License-Identifier: Apache-2.0
"""python3-hl7's asyncio server, hl7.mllp.start_hl7_server. It builds acknowledgements with Message.create_ack and writes any block.
`limit`: its default of 64 KiB would end the connection of a larger message."""
import asyncio

import hl7
from hl7.mllp import start_hl7_server
from common import TASK, b64, server_context, tell

arrivals = {}


def parsed(message):
    return {"control_id": str(message["MSH"][0][10]), "surname": message["PID.F5.R1.C1"], "second_id": message["PID.F3.R2.C1"],
            "observations": [str(s(5)) for s in message.segments("OBX")][:4], "count": len(message.segments("OBX"))}


async def serve(reader, writer):
    try:
        while not writer.is_closing():
            raw = await reader.readblock()
            message = hl7.parse(raw.decode("utf-8"))
            control_id = str(message["MSH"][0][10])
            time = arrivals[control_id] = arrivals.get(control_id, 0) + 1
            steps = TASK["script"].get(control_id, [{"codes": ["AA"]}])
            step = steps[min(time, len(steps)) - 1]
            tell(raw=b64(raw), parsed=parsed(message), answered=step["codes"], time=time)
            await asyncio.sleep(step.get("after", 0))
            for number, code in enumerate(step["codes"]):
                await asyncio.sleep(step.get("between", 0) if number else 0)
                writer.writemessage(message.create_ack(code))
                await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await start_hl7_server(serve, "127.0.0.1", 0, encoding="utf-8", limit=1 << 26, ssl=server_context())
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
