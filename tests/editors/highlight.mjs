// SPDX-License-Identifier: Apache-2.0
// A route file as HTML, coloured by editors/textmate: node highlight.mjs FILE > page.html. For people to look at.
import { readFileSync } from "node:fs";
import { grammar, tokenize } from "./textmate.mjs";

const colours = [
  ["comment.line.documentation", "#6a9955; font-style: italic"],
  ["comment", "#6a9955"],
  ["string.regexp", "#d16969"],
  ["constant.character.escape", "#d7ba7d"],
  ["string", "#ce9178"],
  ["storage.type", "#569cd6; font-weight: bold"],
  ["keyword.control.import", "#c586c0"],
  ["keyword.control.outcome", "#d16d9e"],
  ["keyword.control", "#c586c0"],
  ["keyword.operator.word", "#569cd6"],
  ["keyword.operator", "#d4d4d4"],
  ["keyword.other.unit", "#b5cea8"],
  ["keyword", "#569cd6"],
  ["entity.name.type", "#4ec9b0"],
  ["entity.name", "#dcdcaa"],
  ["support.function", "#dcdcaa"],
  ["support.class", "#4ec9b0"],
  ["support.type.property-name", "#9cdcfe"],
  ["support", "#4ec9b0"],
  ["variable", "#9cdcfe"],
  ["constant.numeric", "#b5cea8"],
  ["constant", "#4fc1ff"],
];
const colour = (scopes) => {
  for (const scope of [...scopes].reverse()) {
    const found = colours.find(([prefix]) => scope.startsWith(prefix));
    if (found) return found[1];
  }
  return "#d4d4d4";
};
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const lines = tokenize(await grammar(), readFileSync(process.argv[2], "utf8"));
const html = lines.map((line) => line.map(([word, , scopes]) => `<span style="color: ${colour(scopes)}">${escape(word)}</span>`).join(""));
console.log(
  `<!doctype html><meta charset="utf-8"><body style="background: #1e1e1e; margin: 24px"><pre style="font: 14px/1.4 'DejaVu Sans Mono', monospace; color: #d4d4d4">${html.join("\n")}</pre>`,
);
