// SPDX-License-Identifier: Apache-2.0
// Starts `smarthl7 lsp` and shows what VS Code has no place for by itself: pages of diagnostics, modules of the standard
// library, the output of tests.
"use strict";
const vscode = require("vscode");
const { LanguageClient, TransportKind, State } = require("vscode-languageclient/node");

let client;
let output;

function settings() {
  const all = vscode.workspace.getConfiguration("smarthl7");
  return { projects: all.get("projects"), pathHints: all.get("pathHints"), virtualDocuments: true };
}

function create() {
  const command = vscode.workspace.getConfiguration("smarthl7").get("path");
  return new LanguageClient(
    "smarthl7",
    "SmartHL7",
    { command, args: ["lsp"], transport: TransportKind.stdio },
    {
      documentSelector: [
        { scheme: "file", language: "route" },
        { scheme: "untitled", language: "route" },
      ],
      initializationOptions: settings(),
      // The server watches route files and tables by itself: it registers for them.
      synchronize: { configurationSection: "smarthl7" },
      outputChannel: output,
    },
  );
}

/// A command of the server, by its own name: the lens and the action name the commands below.
function ask(command, ...args) {
  return client.sendRequest("workspace/executeCommand", { command: `smarthl7.server.${command}`, arguments: args });
}

async function runTest(uri, title) {
  const documents = vscode.workspace.textDocuments.filter((one) => one.languageId === "route" && one.isDirty && !one.isUntitled);
  await Promise.all(documents.map((one) => one.save()));
  const run = await ask("runTest", ...[uri, title].filter((one) => one !== undefined));
  output.appendLine(run.output);
  if (!run.passed) output.show(true);
}

async function explain(code) {
  code ??= await vscode.window.showInputBox({ prompt: "The code of a diagnostic", placeHolder: "E0312" });
  if (!code) return;
  await vscode.commands.executeCommand("markdown.showPreview", vscode.Uri.parse(`smarthl7:/explain/${code.toUpperCase()}.md`));
}

const documents = {
  async provideTextDocumentContent(uri) {
    const page = /^\/explain\/(\w+)\.md$/.exec(uri.path);
    if (page) return ask("explain", page[1]);
    return client.sendRequest("smarthl7/standardText", { uri: uri.toString(true) });
  },
};

async function start() {
  client = create();
  try {
    await client.start();
  } catch (error) {
    const path = vscode.workspace.getConfiguration("smarthl7").get("path");
    const choice = await vscode.window.showErrorMessage(
      `SmartHL7: cannot start \`${path} lsp\`: ${error.message ?? error}. Set "smarthl7.path" to the executable.`,
      "Open settings",
    );
    if (choice) await vscode.commands.executeCommand("workbench.action.openSettings", "smarthl7.path");
  }
}

async function restart() {
  if (client?.state === State.Running) await client.stop();
  await start();
}

exports.activate = async function activate(context) {
  output = vscode.window.createOutputChannel("SmartHL7");
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("smarthl7.runTest", runTest),
    vscode.commands.registerCommand("smarthl7.runAllTests", () => {
      const uri = vscode.window.activeTextEditor?.document.uri.toString();
      return uri && runTest(uri);
    }),
    vscode.commands.registerCommand("smarthl7.explain", explain),
    vscode.commands.registerCommand("smarthl7.restart", restart),
    vscode.workspace.registerTextDocumentContentProvider("smarthl7", documents),
    vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("smarthl7.path") && restart()),
  );
  await start();
};

exports.deactivate = () => client?.stop();
