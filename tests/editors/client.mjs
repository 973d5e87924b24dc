// SPDX-License-Identifier: Apache-2.0
// A client of `smarthl7 lsp` made of Microsoft's own libraries: vscode-jsonrpc on the server's standard streams, the requests of
// vscode-languageserver-protocol. Documents are edited by ranges, as editors do.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const packages = process.env.EDITOR_PACKAGES; // where npm has put them
const require = createRequire(join(packages, "package.json"));
export const protocol = require("vscode-languageserver-protocol/node");
export const here = dirname(fileURLToPath(import.meta.url));

/// UTF-16 position of an offset: JavaScript strings count like the protocol.
export function position(text, offset) {
  const before = text.slice(0, offset);
  const line = before.split("\n").length - 1;
  return { line, character: offset - (before.lastIndexOf("\n") + 1) };
}

export class Document {
  constructor(client, path, text) {
    this.client = client;
    this.path = path;
    this.uri = path.includes(":") ? path : pathToFileURL(path).href;
    this.text = text;
    this.original = text;
    this.version = 1;
  }
  get id() {
    return { uri: this.uri };
  }
  /// The position of `needle`, moved by `delta` characters; the n-th one (from 1).
  at(needle, delta = 0, nth = 1) {
    let offset = -1;
    for (let i = 0; i < nth; ++i) {
      offset = this.text.indexOf(needle, offset + 1);
      if (offset < 0) throw new Error(`there is no ${nth}. "${needle}" in ${this.path}`);
    }
    return position(this.text, offset + delta);
  }
  range(needle, nth = 1) {
    return { start: this.at(needle, 0, nth), end: this.at(needle, needle.length, nth) };
  }
  async open() {
    await this.client.notify("textDocument/didOpen", {
      textDocument: { uri: this.uri, languageId: "route", version: this.version, text: this.text },
    });
    return this;
  }
  /// Replaces `old` by `text`, as one incremental edit.
  async replace(old, text, nth = 1) {
    const range = this.range(old, nth);
    let offset = -1;
    for (let i = 0; i < nth; ++i) offset = this.text.indexOf(old, offset + 1);
    this.text = this.text.slice(0, offset) + text + this.text.slice(offset + old.length);
    await this.change([{ range, text }]);
  }
  async insert(before, text) {
    await this.replace(before, text + before);
  }
  async set(text) {
    this.text = text;
    await this.change([{ text }]);
  }
  async change(contentChanges) {
    this.version += 1;
    await this.client.notify("textDocument/didChange", {
      textDocument: { uri: this.uri, version: this.version },
      contentChanges,
    });
  }
  /// The text with edits of the protocol applied.
  edited(edits) {
    const lines = this.text.split("\n");
    const offset = (p) => lines.slice(0, p.line).reduce((sum, l) => sum + l.length + 1, 0) + p.character;
    const sorted = [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start));
    let text = this.text;
    for (const edit of sorted) text = text.slice(0, offset(edit.range.start)) + edit.newText + text.slice(offset(edit.range.end));
    return text;
  }
  async close() {
    await this.client.notify("textDocument/didClose", { textDocument: this.id });
  }
}

export class Client {
  /// Starts the server in a copy of `project`.
  static async start({ project = join(here, "project"), capabilities = {}, options = {}, folder = null } = {}) {
    const client = new Client();
    client.folder = folder ?? mkdtempSync(join(tmpdir(), "smarthl7-lsp-"));
    client.owned = folder === null;
    if (client.owned) cpSync(project, client.folder, { recursive: true });
    client.process = spawn(process.env.SMARTHL7, ["lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    client.exited = new Promise((resolve) => client.process.on("exit", (code, signal) => resolve({ code, signal })));
    client.connection = protocol.createProtocolConnection(
      new protocol.StreamMessageReader(client.process.stdout),
      new protocol.StreamMessageWriter(client.process.stdin),
    );
    client.published = new Map();
    client.waiting = [];
    client.messages = [];
    client.registered = [];
    client.connection.onNotification("textDocument/publishDiagnostics", (params) => client.onPublish(params));
    client.connection.onNotification("window/showMessage", (params) => client.messages.push(params));
    client.connection.onNotification("window/logMessage", () => {});
    client.connection.onRequest("client/registerCapability", (params) => {
      client.registered.push(...params.registrations);
      return null;
    });
    client.connection.listen();
    client.initialized = await client.request("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(client.folder).href,
      workspaceFolders: [{ uri: pathToFileURL(client.folder).href, name: "project" }],
      capabilities: {
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
        workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
        ...capabilities,
      },
      initializationOptions: options,
    });
    await client.notify("initialized", {});
    return client;
  }
  request(method, params, ...token) {
    return this.connection.sendRequest(method, params, ...token);
  }
  notify(method, params) {
    return this.connection.sendNotification(method, params);
  }
  onPublish(params) {
    this.published.set(params.uri, params);
    this.waiting = this.waiting.filter((one) => !one(params));
  }
  /// The diagnostics of a document's newest version; waits for them.
  diagnostics(document) {
    const done = this.published.get(document.uri);
    if (done && (done.version ?? 0) >= document.version) return Promise.resolve(done.diagnostics);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no diagnostics for ${document.uri}`)), 20000);
      this.waiting.push((params) => {
        if (params.uri !== document.uri || (params.version ?? 0) < document.version) return false;
        clearTimeout(timer);
        resolve(params.diagnostics);
        return true;
      });
    });
  }
  /// Waits until the diagnostics of a document that is not open are what `wanted` says.
  publishedFor(uri, wanted) {
    const done = this.published.get(uri);
    if (done && wanted(done.diagnostics)) return Promise.resolve(done.diagnostics);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no such diagnostics for ${uri}`)), 20000);
      this.waiting.push((params) => {
        if (params.uri !== uri || !wanted(params.diagnostics)) return false;
        clearTimeout(timer);
        resolve(params.diagnostics);
        return true;
      });
    });
  }
  path(name) {
    return join(this.folder, name);
  }
  async open(name) {
    const path = this.path(name);
    return new Document(this, path, readFileSync(path, "utf8")).open();
  }
  async text(name, text) {
    return new Document(this, name.includes(":") ? name : this.path(name), text).open();
  }
  async stop() {
    await this.request("shutdown");
    await this.notify("exit");
    const exit = await this.exited;
    this.connection.dispose();
    if (this.owned) rmSync(this.folder, { recursive: true });
    return exit;
  }
}
