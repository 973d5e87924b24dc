// SPDX-License-Identifier: Apache-2.0
// What the Node peers share: their task as JSON on standard input, what they saw as JSON lines on standard output.
"use strict";
const fs = require("node:fs");

const task = JSON.parse(fs.readFileSync(0, "utf-8"));
const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");
const b64 = (text) => Buffer.from(text, "utf-8").toString("base64");
const messages = () => task.messages.map((m) => Buffer.from(m, "base64").toString("utf-8"));
/** Mutual TLS with both certificates checked; undefined where the task is plain. */
const tlsOptions = () => task.tls && {
  ca: fs.readFileSync(task.tls.ca), cert: fs.readFileSync(task.tls.certificate), key: fs.readFileSync(task.tls.key),
};
/** What the script says for this arrival of a message: {codes, after}. */
const arrivals = new Map();
const step = (controlId) => {
  const time = (arrivals.get(controlId) ?? 0) + 1;
  arrivals.set(controlId, time);
  const steps = task.script[controlId] ?? [{ codes: ["AA"] }];
  return { time, ...steps[Math.min(time, steps.length) - 1] };
};
const fail = (error) => { tell({ error: String(error?.stack ?? error) }); process.exit(1); };

module.exports = { task, tell, b64, messages, tlsOptions, step, fail };
