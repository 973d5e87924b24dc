// SPDX-License-Identifier: Apache-2.0
// node-hl7-server, which does TLS itself. sendResponse() writes MSA-1 as given, so commit codes can be answered too.
"use strict";
const { Server } = require("node-hl7-server");
const { task, tell, b64, tlsOptions, step } = require("./common.cjs");

const server = new Server({ bindAddress: "127.0.0.1", ...(task.tls && { tls: { ...tlsOptions(), requestCert: true } }) });
let raw = "";
const inbound = server.createInbound({ port: 0 }, async (req, res) => {
  const message = req.getMessage();
  const controlId = message.get("MSH.10").toString();
  const text = message.toString();
  const lines = text.split("\r");
  const now = step(controlId);
  const obx = message.get("OBX").toArray();
  tell({
    raw: b64(raw),
    parsed: {
      control_id: controlId, surname: message.get("PID.5.1").toString(), second_id: message.get("PID.3").toArray()[1].toString(),
      observations: obx.slice(0, 4).map((o) => o.get("5").toString()), count: lines.filter((line) => line.startsWith("OBX|")).length,
    },
    answered: now.codes, time: now.time,
  });
  const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  if (now.after) await pause(now.after);
  for (const [number, code] of now.codes.entries()) {
    if (number > 0 && now.between) await pause(now.between);
    await res.sendResponse(code);
  }
});
inbound.on("data.raw", (text) => { raw = text; });
inbound.on("data.error", (error) => tell({ trouble: String(error?.stack ?? error) }));
inbound.on("listen", () => tell({ port: inbound._socket.address().port }));
