// SPDX-License-Identifier: Apache-2.0
// The scopes that the generated grammar gives to the words of examples.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { grammar, here, tokenize } from "./textmate.mjs";

let loaded;
before(async () => {
  loaded = await grammar();
});

/// Scopes of the words of a text, without what is only the file.
function scopes(text) {
  const found = new Map();
  for (const line of tokenize(loaded, text)) {
    for (const [word, scope] of line) if (!found.has(word.trim())) found.set(word.trim(), scope);
  }
  return (word) => found.get(word)?.replace(/\.route$/, "");
}

test("heads of declarations", () => {
  const of = scopes('language 1\nuse std.retry\nsetting hub_port : port = 2575\nmessage lab_result = hl7 2.5.1 ORU_R01 {\n}\nflow results {\n}\n');
  assert.equal(of("language"), "keyword.other.language");
  assert.equal(of("use"), "keyword.control.import");
  assert.equal(of("std.retry"), "entity.name.namespace");
  assert.equal(of("setting"), "storage.type.setting");
  assert.equal(of("hub_port"), "variable.other.setting");
  assert.equal(of("port"), "support.type");
  assert.equal(of("2575"), "constant.numeric");
  assert.equal(of("lab_result"), "entity.name.type.message");
  assert.equal(of("2.5.1"), "constant.numeric.version");
  assert.equal(of("ORU_R01"), "support.class.structure");
  assert.equal(of("flow"), "storage.type.declaration");
  assert.equal(of("results"), "entity.name.declaration");
});

test("options are options only where they stand", () => {
  const of = scopes('destination mercy = mllp {\n  connect "h:{port}"\n  tls { ca file "x.pem"  key secret hub_key }\n  order by patient\n  ack within 30s\n}\nflow order {\n  from connections\n}\n');
  assert.equal(of("destination"), "storage.type.connection");
  assert.equal(of("mllp"), "support.type.transport");
  assert.equal(of("connect"), "support.type.property-name.option");
  assert.equal(of("tls"), "support.type.property-name.option");
  assert.equal(of("ca"), "support.type.property-name.option");
  assert.equal(of("file"), "keyword.other.connective");
  assert.equal(of("patient"), "constant.language.option");
  assert.equal(of("30"), "constant.numeric");
  assert.equal(of("s"), "keyword.other.unit");
  assert.notEqual(of("connections"), "support.type.property-name.option", "in a flow it is a name");
  const retry = scopes("retry quick from std.retry.exponential { first 200ms  most 2s  give_up after 24h }\nflow next {\n  from a\n}\n");
  assert.equal(retry("most"), "support.type.property-name.option");
  assert.equal(retry("after"), "keyword.other.connective");
  assert.equal(retry("flow"), "storage.type.declaration", "the block has ended");
});

test("paths, functions, operators and outcomes", () => {
  const of = scopes('mapping m : a {\n  PID-5[1].1 = upper(PID.patient_name[1])   else keep\n  each OBX where OBX-2 == "NM" and not OBX-5 present {\n    .4.1 = facilities[.4.1]\n  }\n}\n');
  assert.equal(of("PID"), "support.class.segment");
  assert.equal(of("-5"), "variable.other.property.field");
  assert.equal(of(".1"), "variable.other.property.field");
  assert.equal(of(".4"), "variable.other.property.field");
  assert.equal(of(".patient_name"), "variable.other.property.name");
  assert.equal(of("upper"), "support.function.builtin");
  assert.equal(of("else"), "keyword.control");
  assert.equal(of("keep"), "keyword.control.outcome");
  assert.equal(of("each"), "keyword.control.item");
  assert.equal(of("where"), "keyword.control");
  assert.equal(of("=="), "keyword.operator");
  assert.equal(of("and"), "keyword.operator.word");
  assert.equal(of("present"), "keyword.operator.word");
});

test("strings: interpolation, escapes, patterns, blocks, and where they end", () => {
  const lines = tokenize(loaded, 'flow f {\n  dead "no \\"{PID-8}\\" here"\n  drop "unfinished\n  map x\n}\n');
  const text = lines[1].find(([word]) => word.includes("no "));
  assert.ok(text[2].includes("string.quoted.double.route"));
  const path = lines[1].find(([word]) => word === "PID");
  assert.equal(path[1], "support.class.segment.route");
  assert.ok(path[2].includes("meta.interpolation.route"));
  assert.ok(lines[1].some(([word, scope]) => word === '\\"' && scope === "constant.character.escape.route"));
  assert.ok(lines[3].some(([word, scope]) => word === "map" && scope === "keyword.control.item.route"), "a string ends on its line");
  const block = tokenize(loaded, 'test "t" {\n  send """\n  MSH|^~\\\\&|\n  """ to lab\n}\nflow g {\n}');
  assert.ok(block[2][0][2].includes("string.quoted.triple.route"));
  assert.equal(block[5][0][1], "storage.type.declaration.route");
  const pattern = tokenize(loaded, 'mapping m : a {\n  when PID-3[1].1 matches r"[0-9]{3}\\d" { }\n}');
  assert.ok(pattern[1].some(([word, scope]) => word.includes("[0-9]{3}\\d") && scope === "string.regexp.route"));
});

test("steps, arms, events and comments", () => {
  const of = scopes('// note\n/// doc\nsource a = mllp { accept ORU^R01, ADT^A04^ADT_A01 }\nflow f {\n  from a\n  validate m else reject AE\n  route type {\n    ORU^R01 -> b\n    otherwise -> drop "x"\n  }\n}\n');
  assert.equal(of("// note"), "comment.line.double-slash");
  assert.equal(of("/// doc"), "comment.line.documentation");
  assert.equal(of("ORU^R01"), "constant.other.event");
  assert.equal(of("ADT^A04^ADT_A01"), "constant.other.event");
  assert.equal(of("from"), "keyword.control.item");
  assert.equal(of("validate"), "keyword.control.item");
  assert.equal(of("reject"), "keyword.control.outcome");
  assert.equal(of("AE"), "constant.language.ack");
  assert.equal(of("->"), "keyword.operator");
});

test("no route file of the project leaves a block open", () => {
  const folders = ["../../examples/regional-lab", "../golden/format", "project"];
  let files = 0;
  for (const folder of folders) {
    for (const name of readdirSync(join(here, folder))) {
      if (!name.endsWith(".route")) continue;
      const text = readFileSync(join(here, folder, name), "utf8");
      const lines = tokenize(loaded, text + "\nflow the_end {\n}\n");
      const last = lines.findIndex((line) => line.some(([word]) => word === "the_end"));
      assert.equal(lines[last].find(([word]) => word === "the_end")[1], "entity.name.declaration.route", `${folder}/${name}`);
      files += 1;
    }
  }
  assert.ok(files >= 3, `${files} files`);
});
