// SPDX-License-Identifier: Apache-2.0
// simple-hl7's TcpClient, kept open (`keepalive`). It connects with net.connect itself and has no way in for TLS.
"use strict";
const hl7 = require("simple-hl7");
const { task, tell, b64, messages, fail } = require("./common.cjs");

const client = hl7.Server.createTcpClient({ host: "127.0.0.1", port: task.port, keepalive: true });
const all = messages();
const parser = new hl7.Parser({ segmentSeperator: "\r" });
let seen = 0;

const next = () => {
  if (all.length === 0) return client.close();
  const message = parser.parse(all.shift());
  const text = message.toString();
  let expected = task.answers ?? 1;
  client.send(message, (error, ack) => {
    if (error) return fail(error);
    const msa = ack.getSegment("MSA");
    tell({
      sent: b64(text), framed: true,
      answer: {
        code: msa.getField(1), control_id: msa.getField(2), version: ack.header.getField(10),
        errors: ack.getSegments("ERR").map((e) => e.getComponent(3, 1)),
      },
    });
    seen += 1;
    if (--expected === 0) setImmediate(next);  // the client is ready again when this callback has returned
  });
};
next();
