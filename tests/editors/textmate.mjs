// SPDX-License-Identifier: Apache-2.0
// Tokens of a text by editors/textmate, with VS Code's own reader of grammars.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(join(process.env.EDITOR_PACKAGES, "package.json"));
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");
export const here = dirname(fileURLToPath(import.meta.url));

export async function grammar() {
  const wasm = readFileSync(join(process.env.EDITOR_PACKAGES, "node_modules/vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const path = join(here, "../../editors/textmate/route.tmLanguage.json");
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(path, "utf8"), path),
  });
  return registry.loadGrammar("source.route");
}

/// Lines of [text, innermost scope, all scopes].
export function tokenize(loaded, text) {
  let stack = textmate.INITIAL;
  return text.split("\n").map((line) => {
    const result = loaded.tokenizeLine(line, stack);
    stack = result.ruleStack;
    return result.tokens.map((token) => [line.slice(token.startIndex, token.endIndex), token.scopes.at(-1), token.scopes]);
  });
}
