// SPDX-License-Identifier: Apache-2.0
// How long the diagnostics take: printed, not asserted. What they say is asserted.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Client, position } from "./client.mjs";

const flow = (i) => `
/// What lab ${i} has agreed to send.
message result_${i} = hl7 2.5.1 ORU_R01 {
  one PATIENT_RESULT
  require PID-3, PID-5, OBR-4.1, PV1-3.4.1
  OBX-11 in "P", "F", "C", "X"
}

source lab_${i} = mllp {
  listen   "127.0.0.1:${10000 + i}"
  insecure because "the analysers stand on the laboratory's own network"
  accept   ORU^R01
}

mapping normalise_${i} : result_${i} {
  each PID-3 {
    .4.1 = facilities[.4.1]   else dead "unknown facility '{.4.1}'"
  }
  PID-5[1].1.1 = upper(PID-5[1].1.1)
  each OBX where OBX-2 == "NM" {
    OBX-5[1] = number(OBX-5[1])   else keep
  }
  delete NTE where NTE-2 == "O"
}

destination mercy_${i} = mllp {
  connect  "10.0.0.5:${10000 + i}"
  insecure because "a private line"
  ack      within 5s
}

flow results_${i} {
  from lab_${i}
  validate result_${i}   else reject AE
  dedup by MSH-3, MSH-10 within 7d
  map normalise_${i}
  route PV1-3.4.1 {
    "MERCY"   -> mercy_${i}
    "TEST"    -> drop "a result of the test ward"
    otherwise -> dead "no hospital for facility '{PV1-3.4.1}'"
  }
}
`;
const head = 'language 1\n\ntable facilities from csv "facilities.csv" { key code  value namespace }\n';

const percentile = (times, p) => [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * p))].toFixed(1);
const line = (what, times) =>
  console.log(`${what}: median ${percentile(times, 0.5)} ms, 95 % ${percentile(times, 0.95)} ms, most ${percentile(times, 1)} ms (${times.length} times)`);

/// Milliseconds of processor time that the server has used: what is left of a time when the machine is busy with other things.
function processor(client) {
  const fields = readFileSync(`/proc/${client.process.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function project(files) {
  const folder = mkdtempSync(join(tmpdir(), "smarthl7-speed-"));
  writeFileSync(join(folder, "facilities.csv"), "code,namespace\nMERCY,2.16.840.1.113883.19.1\n");
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return folder;
}

/// Types a word letter by letter into a name and takes it back; each keystroke waits for its diagnostics.
async function type(client, document, name, rounds) {
  const times = [];
  const asked = [];
  const used = processor(client);
  const offset = document.text.indexOf(name) + name.length;
  for (let round = 0; round < rounds; ++round) {
    for (const [from, to, text] of [
      [offset, offset, "x"],
      [offset + 1, offset + 1, "y"],
      [offset, offset + 2, ""],
    ]) {
      const range = { start: position(document.text, from), end: position(document.text, to) };
      document.text = document.text.slice(0, from) + text + document.text.slice(to);
      const begin = performance.now();
      await document.change([{ range, text }]);
      const found = await client.diagnostics(document);
      times.push(performance.now() - begin);
      assert.equal(found.some((one) => one.code === "E0201"), text !== "", "the name is unknown while it is longer");
      const before = performance.now();
      const list = await client.request("textDocument/completion", { textDocument: document.id, position: range.start });
      assert.ok(list.items.length > 0);
      asked.push(performance.now() - before);
    }
  }
  console.log(`processor time for a keystroke with its diagnostics and a completion: ${((processor(client) - used) / times.length).toFixed(1)} ms`);
  return [times, asked];
}

test("a file of 5,000 lines", async () => {
  let text = head;
  let flows = 0;
  while (text.split("\n").length < 5000) text += flow(flows++);
  const folder = project([["big.route", text]]);
  const client = await Client.start({ folder });
  const begin = performance.now();
  const document = await client.open("big.route");
  assert.deepEqual(await client.diagnostics(document), []);
  console.log(`5,000 lines, ${flows} flows: opened and checked in ${(performance.now() - begin).toFixed(1)} ms`);
  const [times, asked] = await type(client, document, "  map normalise_60", 20);
  line("5,000 lines: keystroke to diagnostics", times);
  line("5,000 lines: completion", asked);
  const tokens = performance.now();
  assert.ok((await client.request("textDocument/semanticTokens/full", { textDocument: document.id })).data.length > 1000);
  console.log(`5,000 lines: semantic tokens ${(performance.now() - tokens).toFixed(1)} ms`);
  await client.stop();
  rmSync(folder, { recursive: true });
});

test("a project of 1,000 flows in 1,000 files", async () => {
  const files = [["tables.route", head]];
  for (let i = 0; i < 1000; ++i) files.push([`flow_${i}.route`, "language 1\n" + flow(i)]);
  const folder = project(files);
  const begin = performance.now();
  const client = await Client.start({ folder });
  const document = await client.open("flow_500.route");
  assert.deepEqual(await client.diagnostics(document), []);
  console.log(`1,000 flows: started, read and checked in ${(performance.now() - begin).toFixed(1)} ms`);
  const [times, asked] = await type(client, document, "  map normalise_500", 5);
  line("1,000 flows: keystroke to diagnostics", times);
  line("1,000 flows: completion", asked);
  await client.stop();
  rmSync(folder, { recursive: true });
});
