#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packages the VS Code extension and looks at what is in it: what its manifest names is there, the bundle loads but for `vscode`
itself, and the grammar is the generated one."""
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
folder, packages = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
# The Node of the lock file: Debian's is too old for the packager.
node = next(packages.glob("node_modules/node-linux-*/bin/node"))
environment = dict(os.environ, PATH=f"{node.parent}:{os.environ['PATH']}")

run = subprocess.run([ROOT / "editors/vscode/package", folder], capture_output=True, text=True, timeout=500, env=environment)
if run.returncode != 0:
    sys.exit(run.stderr or run.stdout)
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)


with zipfile.ZipFile(run.stdout.strip()) as vsix:
    names = set(vsix.namelist())
    manifest = json.loads(vsix.read("extension/package.json"))
    for path in [
        manifest["main"],
        manifest["contributes"]["languages"][0]["configuration"],
        manifest["contributes"]["grammars"][0]["path"],
    ]:
        check("extension/" + path.removeprefix("./") in names, f"{path} is named by the manifest and missing")
    check("extension.vsixmanifest" in names, "the manifest of the package is missing")
    check(any(name.lower().startswith("extension/license") for name in names), "the licence is missing")
    check(not any("node_modules" in name or "/src/" in name for name in names), "what is bundled is packaged twice")
    generated = (ROOT / "editors/textmate/route.tmLanguage.json").read_bytes()
    check(vsix.read("extension/syntaxes/route.tmLanguage.json") == generated, "the grammar is not the generated one")
    configuration = json.loads(vsix.read("extension/language-configuration.json"))
    check(configuration["comments"]["lineComment"] == "//", "comments")
    bundle = folder / "bundle.cjs"
    bundle.write_bytes(vsix.read("extension/dist/extension.js"))
# The bundle asks for `vscode` alone, which only the editor has, and for Node's own modules.
asked = set(re.findall(r'require\("([^"]+)"\)', bundle.read_text()))
builtin = set(json.loads(subprocess.run([node, "-p", "JSON.stringify(require('module').builtinModules)"], capture_output=True, text=True, check=True).stdout))
foreign = {name for name in asked if name.removeprefix("node:") not in builtin}
check(foreign == {"vscode"}, f"the bundle needs {sorted(foreign)}")
declared = {command["command"] for command in manifest["contributes"]["commands"]}
source = (ROOT / "editors/vscode/src/extension.js").read_text()
registered = set(re.findall(r'registerCommand\("([^"]+)"', source))
check(declared <= registered, f"declared and not registered: {sorted(declared - registered)}")
for failure in failures:
    print(failure)
print(f"{len(names)} files, {pathlib.Path(run.stdout.strip()).stat().st_size} bytes, {len(failures)} failures")
sys.exit(1 if failures else 0)
