// SPDX-License-Identifier: Apache-2.0
// node-hl7-client, which does TLS itself. One connection; the next message is sent when the answer to the last is there.
"use strict";
const { Client, Message } = require("node-hl7-client");
const { task, tell, b64, messages, tlsOptions, fail } = require("./common.cjs");

const all = messages();
let text = "";
let answers = [];
const client = new Client({ host: "localhost", version: "2.5.1", ...(task.tls && { tls: tlsOptions() }) });
const connection = client.createConnection({ port: task.port }, async (response) => {
  const ack = response.getMessage();
  const errors = ack.toString().split("\r").filter((line) => line.startsWith("ERR|"));
  answers.push({
    code: ack.get("MSA.1").toString(), control_id: ack.get("MSA.2").toString(), version: ack.get("MSH.12").toString(),
    errors: errors.map((line) => (line.split("|")[3] ?? "").split("^")[0]),
  });
  if (answers.length < task.answers) return;
  tell({ sent: b64(text), framed: true, answers });
  next();
});
connection.on("client.error", fail);
connection.on("data.error", fail);

const next = () => {
  if (all.length === 0) return void connection.close();
  const message = new Message({ text: all.shift() });
  text = message.toString();
  answers = [];
  connection.sendMessage(message).catch(fail);
};
connection.on("connect", () => { if (text === "") next(); });
