// SPDX-License-Identifier: Apache-2.0
// simple-hl7's TcpClient, kept open (`keepalive`). It connects with net.connect itself and has no way in for TLS.
"use strict";
const hl7 = require("simple-hl7");
const { task, tell, b64, messages, fail } = require("./common.cjs");

const client = hl7.Server.createTcpClient({ host: "127.0.0.1", port: task.port, keepalive: true });
const all = messages();
const parser = new hl7.Parser({ segmentSeperator: "\r" });

const next = () => {
  if (all.length === 0) return client.close();
  const message = parser.parse(all.shift());
  const text = message.toString();
  const answers = [];
  client.send(message, (error, ack) => {
    if (error) return fail(error);
    // Two answers that are read at once are one message for the client.
    for (const msa of ack.getSegments("MSA")) {
      answers.push({
        code: msa.getField(1), control_id: msa.getField(2), version: ack.header.getField(10),
        errors: ack.getSegments("ERR").map((e) => e.getComponent(3, 1)),
      });
    }
    if (answers.length < task.answers) return;
    tell({ sent: b64(text), framed: true, answers });
    setImmediate(next);  // the client is ready again when this callback has returned
  });
};
next();
