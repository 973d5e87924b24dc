// SPDX-License-Identifier: Apache-2.0
// simple-hl7's server (`hl7.tcp()`). Its acknowledgement is a message that the handler may change, so any code can be answered.
// It listens with net.createServer; over TLS, node's tls server hands each connection to it through the server's `connection` event.
"use strict";
const hl7 = require("simple-hl7");
const tls = require("node:tls");
const { task, tell, b64, tlsOptions, step } = require("./common.cjs");

const app = hl7.tcp();
app.use((req, res, next) => {
  const { msg } = req;
  const controlId = msg.header.getField(8);
  const pid = msg.getSegment("PID");
  const obx = msg.getSegments("OBX");
  const now = step(controlId);
  tell({
    raw: b64(req.raw.slice(1, -2)),
    parsed: {
      control_id: controlId, surname: pid.getComponent(5, 1), second_id: pid.getField(3, 2).split("^")[0],
      observations: obx.slice(0, 4).map((o) => o.getField(5)), count: obx.length,
    },
    answered: now.codes, time: now.time,
  });
  const answer = (code) => {
    res.ack.getSegment("MSA").setField(1, code);
    res.end();
  };
  now.codes.forEach((code, number) => setTimeout(answer, ((now.after ?? 0) + number * (now.between ?? 0)) * 1000, code));
});
app.use((error, req, res, next) => tell({ trouble: String(error) }));

const plain = app.start(0).server;
if (task.tls) {
  const secure = tls.createServer({ ...tlsOptions(), requestCert: true, rejectUnauthorized: true }, (socket) => plain.emit("connection", socket));
  secure.listen(0, "127.0.0.1", () => tell({ port: secure.address().port }));
} else {
  plain.on("listening", () => tell({ port: plain.address().port }));
}
