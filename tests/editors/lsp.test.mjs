// SPDX-License-Identifier: Apache-2.0
// Each feature of `smarthl7 lsp` as a real client sees it.
import assert from "node:assert/strict";
import { writeFileSync, rmSync, mkdirSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Client, Document, position, protocol } from "./client.mjs";

let client;
let lab;
let ends;
before(async () => {
  client = await Client.start();
  lab = await client.open("lab.route");
  ends = await client.open("ends.route");
});
// Each test begins with the files as they are: one that fails leaves nothing to the next.
beforeEach(async () => {
  for (const document of [lab, ends]) if (document.text !== document.original) await document.set(document.original);
});
after(async () => {
  assert.deepEqual(await client.stop(), { code: 0, signal: null });
});

const codes = (diagnostics) => diagnostics.map((one) => one.code).sort();
const labels = (list) => list.items.map((item) => item.label);

/// Completes at the end of `text` put in place of `old`, then puts it back.
async function complete(document, old, text, behind = "") {
  const offset = document.text.indexOf(old) + text.length;
  await document.replace(old, text + behind);
  const list = await client.request("textDocument/completion", {
    textDocument: document.id,
    position: position(document.text, offset),
  });
  await document.set(document.original);
  return list;
}
const hover = async (document, needle, delta = 0, nth = 1) =>
  (await client.request("textDocument/hover", { textDocument: document.id, position: document.at(needle, delta, nth) }))?.contents
    .value ?? null;

describe("the server", () => {
  test("says what it can do", () => {
    const can = client.initialized.capabilities;
    assert.equal(can.positionEncoding, "utf-16");
    assert.equal(can.textDocumentSync.change, protocol.TextDocumentSyncKind.Incremental);
    for (const feature of ["hover", "definition", "references", "documentSymbol", "documentFormatting", "inlayHint"])
      assert.ok(can[feature + "Provider"], feature);
    assert.equal(client.initialized.serverInfo.name, "smarthl7");
    assert.equal(can.diagnosticProvider, undefined, "who publishes is not asked");
  });
  test("asks to be told of files", async () => {
    await client.diagnostics(lab);
    assert.deepEqual(
      client.registered.flatMap((one) => one.registerOptions.watchers.map((w) => w.globPattern)),
      ["**/*.route", "**/*.csv"],
    );
  });
});

describe("diagnostics", () => {
  test("of a project without mistakes are empty", async () => {
    assert.deepEqual(await client.diagnostics(lab), []);
    assert.deepEqual(await client.diagnostics(ends), []);
  });
  test("come as you type, at UTF-16 positions, and go", async () => {
    await lab.replace("unknown facility '{.4.1}'", "unknown 🧪 facility '{.4.99}'");
    const found = await client.diagnostics(lab);
    assert.deepEqual(codes(found), ["E0304"]);
    assert.equal(found[0].severity, protocol.DiagnosticSeverity.Error);
    assert.equal(found[0].source, "smarthl7");
    assert.deepEqual(found[0].range, lab.range(".4.99"));
    await lab.replace("unknown 🧪 facility '{.4.99}'", "unknown facility '{.4.1}'");
    assert.deepEqual(await client.diagnostics(lab), []);
  });
  test("of another file of the project follow", async () => {
    await ends.replace("destination mercy", "destination marcy");
    const found = await client.publishedFor(lab.uri, (list) => list.length > 0);
    assert.deepEqual(codes(found), ["E0201"]);
    assert.match(found[0].message, /there is no destination `mercy`\nhelp: did you mean `marcy`\?/);
    await ends.replace("destination marcy", "destination mercy");
    await client.publishedFor(lab.uri, (list) => list.length === 0);
  });
  test("name the other place too", async () => {
    await ends.replace("destination county", "destination mercy");
    const found = await client.diagnostics(ends);
    const twice = found.find((one) => one.code === "E0202");
    assert.equal(twice.relatedInformation[0].location.uri, ends.uri);
    assert.deepEqual(twice.relatedInformation[0].location.range, ends.range("mercy"));
    await ends.replace("destination mercy", "destination county", 2);
    assert.deepEqual(await client.diagnostics(ends), []);
  });
  test("of a text that is broken do not hide the rest", async () => {
    await lab.replace("  map normalise\n", "  map\n");
    assert.deepEqual(codes(await client.diagnostics(lab)), ["E0101"]);
    await lab.replace("  map\n", "  map normalise\n");
    assert.deepEqual(await client.diagnostics(lab), []);
  });
  test("can be asked for", async () => {
    await lab.replace("NTE-2", "NTE-29");
    const report = await client.request("textDocument/diagnostic", { textDocument: lab.id });
    assert.equal(report.kind, "full");
    assert.deepEqual(codes(report.items), ["E0303"]);
    const again = await client.request("textDocument/diagnostic", {
      textDocument: lab.id,
      previousResultId: report.resultId,
    });
    assert.deepEqual(again, { kind: "unchanged", resultId: report.resultId });
    const all = await client.request("workspace/diagnostic", { previousResultIds: [] });
    assert.deepEqual(
      all.items.map((item) => [item.uri, item.items.length]).sort(),
      [
        [ends.uri, 0],
        [lab.uri, 1],
      ].sort(),
    );
    await lab.replace("NTE-29", "NTE-2");
    assert.deepEqual(await client.diagnostics(lab), []);
  });
  test("follow files on disk", async () => {
    const path = client.path("more.route");
    const uri = pathToFileURL(path).href;
    writeFileSync(path, "language 1\nsecret unused\n");
    await client.notify("workspace/didChangeWatchedFiles", { changes: [{ uri, type: 1 }] });
    await client.publishedFor(uri, (list) => list.length === 1 && list[0].code === "W0201");
    assert.deepEqual(client.published.get(uri).diagnostics[0].tags, [protocol.DiagnosticTag.Unnecessary]);
    rmSync(path);
    await client.notify("workspace/didChangeWatchedFiles", { changes: [{ uri, type: 3 }] });
    await client.publishedFor(uri, (list) => list.length === 0);
    const csv = client.path("facilities.csv");
    writeFileSync(csv, "wrong,header\n");
    await client.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: pathToFileURL(csv).href, type: 2 }] });
    await client.publishedFor(lab.uri, (list) => list.length > 0);
    writeFileSync(csv, "code,namespace\nMERCY,2.16.840.1.113883.19.1\n");
    await client.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: pathToFileURL(csv).href, type: 2 }] });
    await client.publishedFor(lab.uri, (list) => list.length === 0);
  });
});

describe("completion", () => {
  test("at the left edge offers declarations, with their skeleton", async () => {
    const list = await complete(lab, "flow lab_results {", "fl", "\n\nflow lab_results {");
    const flow = list.items.find((item) => item.label === "flow");
    assert.equal(flow.insertTextFormat, protocol.InsertTextFormat.Snippet);
    assert.match(flow.textEdit.newText, /^flow \$\{1:name\} \{\n/);
    for (const word of ["source", "destination", "message", "mapping", "retry", "test", "alert", "use"])
      assert.ok(labels(list).includes(word), word);
    assert.ok(!labels(list).includes("validate"));
  });
  test("offers steps, and the names that fit", async () => {
    const steps = await complete(lab, "  map normalise", "  ma");
    for (const word of ["map", "validate", "route", "branch", "redact"]) assert.ok(labels(steps).includes(word), word);
    assert.deepEqual(labels(await complete(lab, "map normalise", "map ")), ["normalise"]);
    assert.deepEqual(labels(await complete(lab, "from lab_feed", "from ")), ["lab_feed"]);
    assert.deepEqual(labels(await complete(lab, "validate lab_result ", "validate ")), ["lab_result"]);
    const targets = labels(await complete(lab, "-> mercy", "-> "));
    assert.deepEqual(targets, ["county", "mercy", "dead", "drop"]);
    const reasons = labels(await complete(lab, "else reject AE", "else "));
    for (const word of ["reject", "continue", "keep", "dead", "drop", "->"]) assert.ok(reasons.includes(word), word);
  });
  test("offers fields with the standard's names for the version at hand", async () => {
    const list = await complete(lab, "PID-5[1].1.1 = upper(PID-5[1].1.1)", "PID-");
    const name = list.items.find((item) => item.label === "5");
    assert.match(name.detail, /^Patient Name XPN, 1\.\.\*/);
    assert.equal(list.items.length, 39, "2.5.1 has 39 fields of PID");
    const more = await complete(lab, "PID-5[1].1.1 = upper(PID-5[1].1.1)", "PID-5[1].1.1 = upper(PID-1");
    assert.ok(labels(more).includes("13"));
  });
  test("offers components, from the repetition too", async () => {
    const parts = await complete(lab, "PID-5[1].1.1 = upper(PID-5[1].1.1)", "PID-5[1].");
    assert.match(parts.items.find((item) => item.label === "1").detail, /^Family Name FN/);
    const below = await complete(lab, "PID-5[1].1.1 = upper(PID-5[1].1.1)", "PID-5[1].1.");
    assert.match(below.items.find((item) => item.label === "1").detail, /^Surname ST/);
    const repetition = await complete(lab, ".4.1 = facilities[.4.1]", ".");
    assert.match(repetition.items.find((item) => item.label === "4").detail, /^Assigning Authority HD, table 0363/);
    const chosen = await complete(lab, "PID-5[1].1.1 = upper(PID-5[1].1.1)", "PID-5[1].1.1 = upper(PID-3[.");
    assert.match(chosen.items.find((item) => item.label === "5").detail, /^Identifier Type Code ID, table 0203/);
  });
  test("offers fields by name and what a group holds", async () => {
    const named = await complete(lab, "PID-5[1].1.1 = upper(PID-5[1].1.1)", "PID.pat");
    assert.match(named.items.find((item) => item.label === "patient_name").detail, /^PID-5 XPN/);
    const group = await complete(lab, "delete NTE where NTE-2 == \"O\"", "delete OBSERVATION.");
    assert.ok(labels(group).includes("OBX"));
    assert.ok(!labels(group).includes("PID"));
  });
  test("offers segments, groups, functions and tables in expressions", async () => {
    const list = await complete(lab, "upper(PID-5[1].1.1)", "u");
    for (const word of ["upper", "facilities", "PID", "ORDER_OBSERVATION", "lab_port", "ZLR"]) assert.ok(labels(list).includes(word), word);
    const upper = list.items.find((item) => item.label === "upper");
    assert.equal(upper.detail, "upper(text : text) -> text");
    assert.match(upper.documentation.value, /gives `"SMITH"`/);
    assert.equal(list.items.find((item) => item.label === "PID").detail.split(",")[0], "Patient identification");
  });
  test("offers the codes of a coded field, in its quotes and without", async () => {
    const inside = await complete(lab, 'OBX-11 in "P", "F", "C", "X"', 'OBX-11 in "P", "', '"');
    const final = inside.items.find((item) => item.label === "F");
    assert.match(final.detail, /[Ff]inal/);
    assert.match(final.documentation.value, /table 0085/);
    const outside = await complete(lab, 'OBX-2 == "NM" and', "OBX-2 == ", " and");
    assert.ok(labels(outside).includes('"NM"'));
    const choice = await complete(lab, "PID-5[1].1.1 = upper(PID-5[1].1.1)", 'PID-8 = "', '"');
    assert.deepEqual(labels(choice).sort(), ["A", "F", "M", "N", "O", "U"]);
    const arm = await complete(lab, "route PV1-3.4.1 {\n    \"MERCY\"", "route PID-8 {\n    \"", '"');
    assert.ok(labels(arm).includes("F"));
  });
  test("offers options with their connectives, then their values and units", async () => {
    const list = await complete(ends, "  connections 4", "  co");
    const connections = list.items.find((item) => item.label === "connections");
    assert.match(connections.detail, /number/);
    assert.equal(list.items.find((item) => item.label === "ack").textEdit.newText, "ack within");
    assert.ok(labels(await complete(ends, "  connections 4", "  ack within ")).includes("30s"));
    assert.deepEqual(labels(await complete(ends, "  retry       quick", "  retry ")).filter((name) => !name.startsWith("std.")), ["quick"]);
    assert.ok(labels(await complete(ends, "  order       by patient", "  order by ")).includes("patient"));
    assert.deepEqual(labels(await complete(ends, "key         secret hub_key", "key secret ")), ["hub_key"]);
    const tls = labels(await complete(ends, "    key         secret hub_key", "    k"));
    assert.ok(tls.includes("certificate") && tls.includes("ca") && !tls.includes("retry"), tls.join());
    assert.ok(labels(await complete(ends, "accept   ORU^R01", "accept ")).includes("ADT^A01"));
    assert.ok(labels(await complete(ends, "first 200ms  most 2s", "first 200ms  m")).includes("most"));
  });
  test("offers the values of two words, as two words", async () => {
    const refusal = await complete(ends, "  ack         within 5s", "  on refusal ");
    assert.deepEqual(labels(refusal).slice(0, 3), ["go on", "hold key", "hold lane"]);
  });
  /// Completes in a block of its own, before the first retry.
  const inBlock = async (head, line) =>
    labels(await complete(ends, "retry quick from", `${head} {\n  ${line}`, "\n}\n\nretry quick from"));
  test("offers the methods, labels and secrets of a redaction", async () => {
    const methods = await inBlock("redaction r", "PID-5 ");
    assert.ok(methods.includes("remove") && methods.includes("shift") && !methods.includes("keep"), methods.join());
    const kinds = await inBlock("redaction r", "labels name, ");
    assert.ok(kinds.includes("date") && kinds.includes("direct"), kinds.join());
    assert.deepEqual(await inBlock("redaction r", "PID-3 hash "), ["key", "length"]);
    assert.deepEqual(await inBlock("redaction r", "PID-3 hash key secret "), ["hub_key"]);
    assert.deepEqual(await inBlock("redaction r", "PID-5 mask keep "), ["shape"]);
  });
  test("offers the metrics of an alert and where they are measured", async () => {
    const metrics = await inBlock("alert slow", "when ");
    assert.ok(metrics.includes("queued") && metrics.includes("p99 of delivery_time"), metrics.join());
    assert.ok(!metrics.includes("delivery_time"), "it has no single value");
    assert.deepEqual(await inBlock("alert slow", "when queued "), ["of"]);
    assert.deepEqual((await inBlock("alert slow", "when queued of ")).sort(), ["county", "mercy"]);
    assert.deepEqual(await inBlock("alert slow", "when p99 of delivery_time "), ["in", "of"]);
  });
  test("offers the columns of a table's file", async () => {
    assert.deepEqual(labels(await complete(lab, "value namespace", "value ")), ["code", "namespace"]);
  });
  test("offers files beside the route file", async () => {
    assert.deepEqual(labels(await complete(lab, 'csv "facilities.csv"', 'csv "fac', '"')), ["facilities.csv"]);
  });
  test("offers heads of declarations", async () => {
    const versions = labels(await complete(lab, "= hl7 2.5.1 ORU_R01 {", "= hl7 ", "{"));
    assert.equal(versions.length, 12);
    assert.ok(labels(await complete(lab, "= hl7 2.5.1 ORU_R01 {", "= hl7 2.5.1 OR", " {")).includes("ORU_R01"));
    assert.deepEqual(labels(await complete(ends, "source lab_feed = mllp", "source lab_feed = ")), ["file", "https", "mllp", "sftp"]);
    assert.ok(labels(await complete(ends, "use std.retry", "use std.")).includes("std.retry"));
    assert.ok(labels(await complete(ends, "setting lab_port : port = 2575", "setting lab_port : ")).includes("duration"));
  });
  test("offers nothing in comments", async () => {
    assert.deepEqual(labels(await complete(lab, "// And a second", "// And PID-")), []);
  });
});

describe("hover", () => {
  test("of a path gives the standard's names, type, table, PHI label and proof", async () => {
    const text = await hover(lab, "PID-5[1].1.1", 10);
    assert.match(text, /\*\*PID-5\.1\.1\*\* Patient Name \/ Family Name \/ Surname/);
    assert.match(text, /ST, 0\.\.1 - 2\.5\.1 ORU_R01/);
    assert.match(text, /PHI: direct \(name, 45 CFR 164\.514\(b\)\(2\)\(i\)\(A\)\)/);
    assert.match(text, /text` - /);
    const field = await hover(lab, "PID-5[1].1.1", 4);
    assert.match(field, /\*\*PID-5\*\* Patient Name\n\nXPN, 1\.\.\*/);
    const proven = await hover(lab, "NTE-2 ==", 4);
    assert.match(proven, /may be absent here/);
    assert.match(proven, /- `L` /);
    assert.match(await hover(lab, ".4.1 = facilities", 1), /PID-3\.4\*\* Patient Identifier List \/ Assigning Authority/);
  });
  test("of a segment says where it stands", async () => {
    const text = await hover(lab, "PID-5[1].1.1", 1);
    assert.match(text, /\*\*PID\*\* Patient identification/);
    assert.match(text, /39 fields/);
    assert.match(await hover(lab, "one PATIENT_RESULT", 6), /group of 2\.5\.1 ORU_R01/);
  });
  test("of functions, options, declarations and codes", async () => {
    assert.match(await hover(lab, "upper(", 1), /upper\(text : text\) -> text[\s\S]*The text in capitals/);
    assert.match(await hover(ends, "connections 4", 2), /\*\*connections\*\* number[\s\S]*unless said: `1`/);
    assert.match(await hover(lab, "map normalise", 6), /mapping normalise : lab_result[\s\S]*The identifiers as the hospitals expect/);
    assert.match(await hover(lab, "validate lab_result", 12), /Two lines of it/);
    assert.match(await hover(lab, '"F", "C"', 1), /`F` [\s\S]*table 0085/);
    assert.match(await hover(ends, "{lab_port}", 3), /unless an environment says otherwise: `2575`/);
    assert.match(await hover(lab, "facilities[", 3), /rows of `facilities\.csv`; columns code, namespace/);
    assert.match(await hover(ends, "= mllp", 3), /\*\*mllp\*\* /);
  });
  test("of a step says what comes in", async () => {
    assert.match(await hover(lab, "  dedup by", 3), /^comes in: `lab_result`, identified/);
    assert.match(await hover(lab, "  validate lab", 3), /^comes in: `hl7`/);
  });
  test("of nothing is nothing", async () => {
    assert.equal(await hover(lab, "// And a second", 5), null);
  });
});

test("signature help follows the arguments", async () => {
  await lab.replace("upper(PID-5[1].1.1)", 'replace(PID-5[1].1.1, "a,", ');
  const help = await client.request("textDocument/signatureHelp", {
    textDocument: lab.id,
    position: lab.at('"a,", ', 6),
  });
  assert.equal(help.activeParameter, 2);
  const label = help.signatures[0].label;
  assert.match(label, /^replace\(/);
  assert.equal(help.signatures[0].parameters.length, 3);
  const [begin, end] = help.signatures[0].parameters[0].label;
  assert.match(label.slice(begin, end), /^text : text$/);
  await lab.replace('replace(PID-5[1].1.1, "a,", ', "upper(PID-5[1].1.1)");
  assert.equal(await client.request("textDocument/signatureHelp", { textDocument: lab.id, position: lab.at("delete NTE") }), null);
});

describe("navigation", () => {
  const ask = (method, document, needle, delta, more = {}) =>
    client.request("textDocument/" + method, { textDocument: document.id, position: document.at(needle, delta), ...more });
  test("goes to definitions, in other files too", async () => {
    assert.deepEqual(await ask("definition", lab, "-> mercy", 4), { uri: ends.uri, range: ends.range("mercy") });
    assert.deepEqual(await ask("definition", lab, "map normalise", 5), { uri: lab.uri, range: lab.range("normalise") });
    assert.deepEqual(await ask("definition", ends, "{lab_port}", 2), { uri: ends.uri, range: ends.range("lab_port") });
    assert.deepEqual(await ask("definition", lab, "facilities[", 2), { uri: lab.uri, range: lab.range("facilities") });
    const file = await ask("definition", lab, '"facilities.csv"', 4);
    assert.equal(file.uri, pathToFileURL(client.path("facilities.csv")).href);
  });
  test("goes to a segment of the site", async () => {
    await lab.replace('  delete NTE where NTE-2 == "O"', "  delete ZLR where ZLR-2 == 1");
    const field = await ask("definition", lab, "ZLR-2", 5);
    assert.deepEqual(field, { uri: lab.uri, range: lab.range("run") });
    assert.deepEqual(await ask("definition", lab, "ZLR-2", 1), { uri: lab.uri, range: lab.range("ZLR") });
    await lab.replace("  delete ZLR where ZLR-2 == 1", '  delete NTE where NTE-2 == "O"');
  });
  test("finds references", async () => {
    const all = await ask("references", ends, "destination mercy", 14, { context: { includeDeclaration: true } });
    assert.deepEqual(all, [
      { uri: ends.uri, range: ends.range("mercy") },
      { uri: lab.uri, range: { start: lab.at("-> mercy", 3), end: lab.at("-> mercy", 8) } },
    ]);
    const uses = await ask("references", lab, "mapping normalise", 10, { context: { includeDeclaration: false } });
    assert.equal(uses.length, 1);
    const port = await ask("references", ends, "lab_port", 1, { context: { includeDeclaration: true } });
    assert.equal(port.length, 3, "the setting, its value in an environment, and the interpolation");
    const marked = await ask("documentHighlight", ends, "lab_port", 1);
    assert.deepEqual(marked.map((one) => one.kind).sort(), [2, 2, 3]);
  });
  test("renames across files", async () => {
    const prepared = await ask("prepareRename", lab, "-> mercy", 4);
    assert.equal(prepared.placeholder, "mercy");
    const renamed = await ask("rename", lab, "-> mercy", 4, { newName: "mercy_west" });
    assert.deepEqual(Object.keys(renamed.changes).sort(), [ends.uri, lab.uri].sort());
    const newLab = lab.edited(renamed.changes[lab.uri]);
    const newEnds = ends.edited(renamed.changes[ends.uri]);
    assert.match(newLab, /-> mercy_west\n/);
    assert.match(newEnds, /destination mercy_west = mllp/);
    const [oldLab, oldEnds] = [lab.text, ends.text];
    await lab.set(newLab);
    await ends.set(newEnds);
    // Between the two edits the project is wrong, and may be told so; in the end it is right.
    await client.diagnostics(lab);
    assert.deepEqual(await client.diagnostics(ends), []);
    await client.publishedFor(lab.uri, (found) => found.length === 0);
    await lab.set(oldLab);
    await ends.set(oldEnds);
  });
  test("does not take words of options for names", async () => {
    await ends.insert("retry quick from", "secret patient\n\n");
    const renamed = await ask("rename", ends, "secret patient", 8, { newName: "other" });
    assert.equal(renamed.changes[ends.uri].length, 1, "`order by patient` is an option's word");
    await ends.replace("secret patient\n\n", "");
  });
  test("refuses names that cannot be", async () => {
    const refused = (newName) => assert.rejects(ask("rename", lab, "-> mercy", 4, { newName }), (error) => (refused.last = error.message) !== "");
    await refused("each");
    assert.match(refused.last, /word of the language/);
    await refused("normalise");
    assert.match(refused.last, /is a mapping already/);
    await refused("Mercy West");
    assert.match(refused.last, /is no name/);
    await refused("mercyWest");
    assert.match(refused.last, /capitals/);
    await assert.rejects(ask("prepareRename", ends, "std.retry.exponential", 12), /belongs to the standard library/);
    assert.equal(await ask("prepareRename", lab, "// And a second", 5), null);
  });
});

describe("symbols", () => {
  test("of a document", async () => {
    const symbols = await client.request("textDocument/documentSymbol", { textDocument: lab.id });
    assert.deepEqual(
      symbols.map((one) => [one.name, one.detail]),
      [
        ["facilities", "table"],
        ["lab_result", "message"],
        ["normalise", "mapping"],
        ["lab_results", "flow"],
      ],
    );
    assert.deepEqual(
      symbols[1].children.map((one) => one.name),
      ["ZLR", "a final numeric result has units"],
    );
    assert.deepEqual(
      symbols[1].children[0].children.map((one) => one.name),
      ["ZLR-1", "ZLR-2"],
    );
    assert.equal(symbols[3].children.length, 5);
  });
  test("of the workspace", async () => {
    const found = await client.request("workspace/symbol", { query: "lbrs" });
    assert.deepEqual(found.map((one) => one.name).sort(), ["lab_result", "lab_results"]);
    const all = await client.request("workspace/symbol", { query: "" });
    assert.ok(all.some((one) => one.name === "mercy" && one.location.uri === ends.uri));
  });
});

describe("formatting", () => {
  test("of a whole document gives the one format", async () => {
    assert.deepEqual(await client.request("textDocument/formatting", { textDocument: lab.id, options: {} }), []);
    const good = lab.text;
    await lab.set(good.replace("  map normalise\n", "    map   normalise\n\n\n").replace("  require PID-3, PID-5,", "  require PID-3,PID-5,"));
    const edits = await client.request("textDocument/formatting", { textDocument: lab.id, options: {} });
    assert.equal(lab.edited(edits), good.replace("  map normalise\n", "  map normalise\n\n"));
    assert.ok(edits.every((edit) => edit.range.end.line - edit.range.start.line <= 2), "only the lines that change");
    await lab.set(good);
  });
  test("of a range leaves the rest", async () => {
    const good = lab.text;
    await lab.set(good.replace("  map normalise", "    map   normalise").replace("  require PID-3, PID-5,", "  require PID-3,PID-5,"));
    const range = { start: lab.at("flow lab_results"), end: lab.at("route PV1") };
    const edits = await client.request("textDocument/rangeFormatting", { textDocument: lab.id, range, options: {} });
    assert.equal(edits.length, 1);
    assert.match(lab.edited(edits), /\n {2}map normalise\n/);
    assert.match(lab.edited(edits), /require PID-3,PID-5,/);
    await lab.set(good);
  });
  test("of a broken document is refused", async () => {
    await lab.replace("  map normalise", "  map");
    assert.equal(await client.request("textDocument/formatting", { textDocument: lab.id, options: {} }), null);
    await lab.replace("  map\n", "  map normalise\n");
  });
});

describe("code actions", () => {
  const actions = (range, only) =>
    client.request("textDocument/codeAction", { textDocument: lab.id, range, context: { diagnostics: [], ...(only ? { only } : {}) } });
  test("fix what a diagnostic knows to fix", async () => {
    await lab.replace("PID-5[1].1.1 = upper(PID-5[1].1.1)", "PID-5.1.1 = uper(PID-5[1].1.1)");
    const found = await client.diagnostics(lab);
    assert.deepEqual(codes(found), ["E0312", "E0405"]);
    const fixes = await actions(lab.range("uper"));
    const fix = fixes.find((one) => one.kind === "quickfix");
    assert.equal(fix.title, "write `upper`");
    assert.equal(fix.diagnostics[0].code, "E0405");
    assert.match(lab.edited(fix.edit.changes[lab.uri]), /= upper\(PID-5/);
    const all = await actions(lab.range("uper"), ["source.fixAll"]);
    assert.equal(all.length, 1);
    await lab.set(lab.edited(all[0].edit.changes[lab.uri]));
    assert.deepEqual(await client.diagnostics(lab), []);
    assert.deepEqual(await actions(lab.range("upper")), []);
  });
});

test("a warning can be allowed, and its reason is asked for", async () => {
  await ends.insert("secret hub_key", "secret spare\n\n");
  const found = await client.diagnostics(ends);
  assert.deepEqual(codes(found), ["W0201"]);
  const actions = await client.request("textDocument/codeAction", {
    textDocument: ends.id,
    range: found[0].range,
    context: { diagnostics: found, only: ["quickfix"] },
  });
  const allow = actions.find((one) => one.title.startsWith("Allow W0201"));
  const before = ends.text;
  await ends.set(ends.edited(allow.edit.changes[ends.uri]));
  assert.deepEqual(codes(await client.diagnostics(ends)), ["E0215", "W0201"]);
  await ends.replace("// allow W0201 because \n", "// allow W0201 because next month's feed needs it\n");
  assert.deepEqual(await client.diagnostics(ends), []);
  await ends.set(before);
  await ends.replace("secret spare\n\n", "");
});

describe("semantic tokens", () => {
  const decode = (document, data, legend) => {
    const lines = document.text.split("\n");
    const tokens = [];
    let [line, character] = [0, 0];
    for (let i = 0; i < data.length; i += 5) {
      character = data[i] === 0 ? character + data[i + 1] : data[i + 1];
      line += data[i];
      tokens.push([lines[line].slice(character, character + data[i + 2]), legend.tokenTypes[data[i + 3]]]);
    }
    return tokens;
  };
  test("full, as delta, and of a range", async () => {
    const legend = client.initialized.capabilities.semanticTokensProvider.legend;
    const full = await client.request("textDocument/semanticTokens/full", { textDocument: lab.id });
    const tokens = decode(lab, full.data, legend);
    const of = (text) => tokens.find((token) => token[0] === text)?.[1];
    assert.equal(of("lab_result"), "type");
    assert.equal(of("normalise"), "function");
    assert.equal(of("PID"), "class");
    assert.equal(of("-5"), "property");
    assert.equal(of(".4"), "property");
    assert.equal(of("mercy"), "interface");
    assert.equal(of("facilities"), "struct");
    assert.equal(of("upper"), "function");
    await lab.replace("number(OBX-5[1])", "number( OBX-5[1])");
    const delta = await client.request("textDocument/semanticTokens/full/delta", {
      textDocument: lab.id,
      previousResultId: full.resultId,
    });
    assert.ok(delta.edits.length === 1 && delta.edits[0].data.length < 20, "a small change is a small delta");
    const patched = [...full.data];
    for (const edit of delta.edits) patched.splice(edit.start, edit.deleteCount, ...(edit.data ?? []));
    const again = await client.request("textDocument/semanticTokens/full", { textDocument: lab.id });
    assert.deepEqual(patched, again.data);
    await lab.replace("number( OBX-5[1])", "number(OBX-5[1])");
    const range = { start: lab.at("flow lab_results"), end: lab.at("dedup by") };
    const some = decode(lab, (await client.request("textDocument/semanticTokens/range", { textDocument: lab.id, range })).data, legend);
    assert.ok(some.some((token) => token[0] === "lab_feed") && !some.some((token) => token[0] === "facilities"));
  });
});

test("inlay hints name the fields", async () => {
  const hints = await client.request("textDocument/inlayHint", {
    textDocument: lab.id,
    range: { start: lab.at("mapping normalise"), end: lab.at("flow lab_results") },
  });
  const hint = hints.find((one) => JSON.stringify(one.position) === JSON.stringify(lab.at("PID-5[1].1.1", 12)));
  assert.equal(hint.label, "Surname");
  assert.match(hint.tooltip, /Patient Name \/ Family Name \/ Surname/);
  assert.ok(hints.every((one) => one.position.line > lab.at("mapping normalise").line));
});

test("folding keeps the closing brace in sight", async () => {
  const folds = await client.request("textDocument/foldingRange", { textDocument: lab.id });
  const line = (needle) => lab.at(needle).line;
  const fold = folds.find((one) => one.startLine === line("flow lab_results"));
  assert.equal(fold.endLine, lab.text.split("\n").lastIndexOf("  }"));
  assert.ok(folds.some((one) => one.startLine === line("each PID-3")));
  assert.ok(folds.some((one) => one.kind === "comment" && one.startLine === line("// Grüße")));
});

test("document links lead to files", async () => {
  const links = await client.request("textDocument/documentLink", { textDocument: lab.id });
  assert.deepEqual(links, [
    {
      range: { start: lab.at('"facilities.csv"', 1), end: lab.at('"facilities.csv"', 15) },
      target: pathToFileURL(client.path("facilities.csv")).href,
    },
  ]);
});

describe("documents", () => {
  test("that are no files are checked alone", async () => {
    const draft = await client.text("untitled:Untitled-1", "flow x {\n  from nowhere\n}\n");
    const found = await client.diagnostics(draft);
    assert.ok(codes(found).includes("E0201"));
    await draft.close();
    await client.publishedFor(draft.uri, (list) => list.length === 0);
  });
  test("with CRLF and a lone CR keep their places", async () => {
    const draft = await client.text("untitled:Untitled-2", 'language 1\r\nsecret a\r\nflow "😀"\r\n');
    const found = await client.diagnostics(draft);
    assert.ok(found.every((one) => one.range.start.line <= 2));
    assert.ok(found.some((one) => one.range.start.line === 2));
    await draft.replace("secret a", "secret b");
    const symbols = await client.request("textDocument/documentSymbol", { textDocument: draft.id });
    assert.deepEqual([symbols[0].name, symbols[0].range.start], ["b", { line: 1, character: 0 }]);
    await draft.close();
  });
  test("of another folder belong to another project", async () => {
    mkdirSync(client.path("deep/er"), { recursive: true });
    const other = await client.text("deep/er/other.route", "language 1\nsecret mercy\n");
    const found = await client.diagnostics(other);
    assert.deepEqual(codes(found), ["W0201"], "`mercy` is no second declaration here");
    await other.close();
  });
});

test("a client that asks for diagnostics and opens virtual documents", async () => {
  const other = await Client.start({
    capabilities: { general: { positionEncodings: ["utf-8", "utf-16"] } },
    options: { diagnostics: "pull", virtualDocuments: true, pathHints: false },
  });
  const can = other.initialized.capabilities;
  assert.equal(can.positionEncoding, "utf-8");
  assert.equal(can.diagnosticProvider.interFileDependencies, true);
  const file = await other.open("ends.route");
  await file.replace("retry       quick", "retry       quikc");
  const report = await other.request("textDocument/diagnostic", { textDocument: file.id });
  assert.deepEqual(codes(report.items), ["E0201"]);
  assert.equal(other.published.size, 0, "nothing is published");
  const place = await other.request("textDocument/definition", { textDocument: file.id, position: file.at("std.retry.exponential", 12) });
  assert.equal(place.uri, "smarthl7:/std.retry.route");
  const module = await other.request("smarthl7/standardText", { uri: place.uri });
  assert.match(module.split("\n")[place.range.start.line], /^retry exponential/);
  const actions = await other.request("textDocument/codeAction", {
    textDocument: file.id,
    range: report.items[0].range,
    context: { diagnostics: report.items },
  });
  const explain = actions.find((one) => one.title === "Explain E0201");
  assert.equal(explain.command.command, "smarthl7.explain", "the client's own command");
  const page = await other.request("workspace/executeCommand", { command: "smarthl7.server.explain", arguments: explain.command.arguments });
  assert.match(page, /^# E0201/);
  const lab = await other.open("lab.route");
  const all = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  assert.deepEqual(await other.request("textDocument/inlayHint", { textDocument: lab.id, range: all }), []);
  // Behind characters outside of ASCII, columns count bytes.
  await lab.replace("// Grüße aus", "secret grüße // aus");
  const bytes = await other.request("textDocument/diagnostic", { textDocument: lab.id });
  assert.ok(bytes.items.length > 0);
  assert.deepEqual(await other.stop(), { code: 0, signal: null });
});

test("a test runs from its lens", async () => {
  const text = `${lab.original}
test "a result for the county reaches the county" {
  send """
    MSH|^~\\\\&|LAB|LAB|HUB|HUB|20260101120000||ORU^R01^ORU_R01|1|P|2.5.1
    PID|1||4711^^^MERCY||MUSTER^ERIKA
    PV1|1|I|^^^COUNTY
    OBR|1|||GLU^Glucose
    OBX|1|NM|GLU||5.4|mmol/L||N|||F
    """ to lab_feed
  expect ack AA
  expect county gets 1
}

test "it reaches Mercy" {
  expect mercy gets 1
}
`;
  const path = client.path("lab.route");
  writeFileSync(path, text);
  await lab.set(text);
  const lenses = await client.request("textDocument/codeLens", { textDocument: lab.id });
  assert.deepEqual(
    lenses.map((lens) => lens.command.title),
    ["Run all 2 tests", "Run test", "Run test"],
  );
  const run = (lens) => client.request("workspace/executeCommand", { command: lens.command.command, arguments: lens.command.arguments });
  const good = await run(lenses[1]);
  assert.ok(good.passed, good.output);
  const bad = await run(lenses[2]);
  assert.ok(!bad.passed, bad.output);
  assert.match(bad.output, /it reaches Mercy/);
  assert.equal((await run(lenses[0])).passed, false);
  assert.deepEqual(
    client.messages.slice(-3).map((message) => message.type),
    [protocol.MessageType.Info, protocol.MessageType.Error, protocol.MessageType.Error],
  );
  writeFileSync(path, lab.original);
});
