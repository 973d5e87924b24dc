#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the tree against the rules that no compiler checks: include edges, banned calls, headers that open with their
contract, READMEs, explicit lists. Prints `file:line: what`, exits 1 on a finding. Warnings do not fail."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Which folder may include which: the one table. A folder may always include itself and what is below it.
EDGES = {
    "stdlib/base": [],
    "stdlib/hl7": ["stdlib/base"],
    "stdlib/builtins": ["stdlib/base", "stdlib/hl7"],
    "stdlib/connectors": ["stdlib/base"],
    "stdlib/route": ["stdlib/base", "stdlib/hl7"],
    "stdlib/tables": ["stdlib/base"],
    "compiler/source": ["stdlib"],
    "compiler/diag": ["stdlib", "compiler/source"],
    "compiler/syntax": ["stdlib", "compiler/source", "compiler/diag"],
    "compiler/plan": ["stdlib"],
    "compiler/resolve": ["stdlib", "compiler/source", "compiler/diag", "compiler/syntax"],
    "compiler/check": ["stdlib", "compiler/source", "compiler/diag", "compiler/syntax", "compiler/resolve", "compiler/plan", "compiler/lower"],
    "compiler/lower": ["stdlib", "compiler/source", "compiler/diag", "compiler/syntax", "compiler/resolve", "compiler/check", "compiler/plan"],
    "compiler/format": ["stdlib", "compiler/source", "compiler/diag", "compiler/syntax"],
    "compiler/driver": ["stdlib", "compiler"],
    "compiler/lsp": ["stdlib", "compiler"],
    "compiler/docs": ["stdlib", "compiler"],
    "runtime/env": ["stdlib/base"],
    "runtime/observe": ["stdlib/base"],
    "runtime/eval": ["stdlib", "compiler/plan"],
    "runtime/store": ["stdlib/base", "runtime/env", "runtime/observe"],
    "runtime/transport": ["stdlib", "runtime/env", "runtime/observe"],
    "runtime/flow": ["stdlib", "compiler/plan", "runtime/env", "runtime/eval", "runtime/store", "runtime/transport", "runtime/observe"],
    "runtime/alert": ["stdlib", "compiler/plan", "runtime/env", "runtime/eval", "runtime/store", "runtime/flow", "runtime/observe"],
    "runtime/api": ["stdlib", "compiler/plan", "runtime/env", "runtime/flow", "runtime/store", "runtime/observe"],
    "runtime/sim": ["stdlib", "compiler/plan", "runtime/env", "runtime/eval", "runtime/store", "runtime/transport", "runtime/flow", "runtime/observe"],
    "runtime/trial": ["stdlib", "compiler/source", "compiler/diag", "compiler/plan", "runtime/env", "runtime/eval", "runtime/store", "runtime/transport", "runtime/flow", "runtime/sim", "runtime/alert"],
    "runtime/app": ["stdlib", "compiler", "runtime"],
}
TESTS_MAY_ADD = ["runtime/env", "runtime/sim", "compiler", "tests", "stdlib"]

# Headers of third parties that stay inside one folder.
CONFINED = {
    r"boost/asio|boost/beast": ["runtime/env/real", "runtime/api", "runtime/transport/https", "tests/bench"],
    r"tao/pegtl": ["compiler/syntax"],
    r"sqlite3\.h": ["runtime/store", "tests/bench", "tests/outage"],
    r"cjose/": ["runtime/transport/oauth"],
    r"libxml/": ["stdlib/hl7"],
    r"libssh/": ["runtime/transport/sftp"],
    r"capnp/|kj/|plan\.capnp\.h": ["compiler/plan"],
    r"re2/": ["compiler/check", "runtime/eval"],
    r"CLI/": ["runtime/app"],
    r"openssl/": ["stdlib/base", "runtime/transport/tls", "runtime/env/real", "tests", "runtime/app"],
}

BANNED = [
    (r"\bstd::system_clock::now|std::chrono::(system|steady|high_resolution)_clock::now", ["runtime/env/real", "tests", "_test.cc", "runtime/app/"], "time comes from an Executor or a Clock"),
    (r"\bstd::(random_device|mt19937\w*)\b", ["tests"], "randomness comes from env::Random"),
    (r"\bco_spawn\b", ["runtime/env/real"], "start coroutines through a Gate"),
    (r"\bsprintf\s*\(|\bstrcpy\s*\(|\bstrcat\s*\(", [], "unbounded writes"),
    (r"\bstd::this_thread::sleep_for\b|\busleep\s*\(|[^_]\bsleep\s*\(\d", ["tests"], "waits go through executors and deadlines"),
    (r"\bGTEST_SKIP\b|\bDISABLED_", [], "a test runs or is not there"),
    (r"\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b", [], "unfinished work belongs in no source"),
]

CAPTURING_COROUTINE = re.compile(r"\[[^\]\n]*[&=\w][^\]\n]*\]\s*\([^)]*\)\s*(mutable\s*)?->\s*(env::)?Task<")

findings, warnings = [], []


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def inside(path, folder):
    return path == folder.rstrip("/") or path.startswith(folder if folder.endswith("/") else folder + "/")


def check_source(path, name):
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = text.splitlines()
    is_test = bool(re.search(r"_(test|fuzz|bench)\.cc$", name)) or name.startswith("tests/") or "/testing/" in name
    if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:2]):
        findings.append(f"{name}:1: the SPDX line is missing")
    if name.endswith(".h") and not is_test:
        if len(lines) < 4 or not lines[1].startswith("//"):
            findings.append(f"{name}:2: a header opens with its purpose, ownership, threads and failures")
        if "#pragma once" not in text:
            findings.append(f"{name}:1: #pragma once is missing")
    limit = 800
    if len(lines) > limit:
        warnings.append(f"{name}: {len(lines)} lines")
    folder = next((f for f in EDGES if inside(name, f)), None)
    for number, line in enumerate(lines, 1):
        include = re.match(r'\s*#include\s+["<]([^">]+)[">]', line)
        if include:
            target = include.group(1)
            own = next((f for f in EDGES if inside(target, f)), None)
            if folder and own and own != folder:
                allowed = EDGES[folder] + (TESTS_MAY_ADD if is_test else [])
                if not any(inside(own, a) for a in allowed):
                    findings.append(f"{name}:{number}: {folder} must not include {own}")
            for pattern, places in CONFINED.items():
                if re.search(pattern, target) and not any(inside(name, p) or name.startswith(p) for p in places):
                    findings.append(f"{name}:{number}: <{target}> stays inside {', '.join(places)}")
            continue
        code = re.sub(r"//.*$", "", line)
        for pattern, places, why in BANNED:
            where = line if "TODO" in pattern else code
            allowed = any(inside(name, p) or name.startswith(p) for p in places) or ("tests" in places and is_test)
            if re.search(pattern, where) and not allowed:
                findings.append(f"{name}:{number}: {why}")
        if CAPTURING_COROUTINE.search(code):
            findings.append(f"{name}:{number}: a capturing lambda must not be a coroutine")
    if name.endswith(".cc") and not is_test:
        own = path.with_suffix(".h")
        if own.exists():
            first = next((line for line in lines if line.startswith("#include")), "")
            if f'"{own.relative_to(ROOT)}"' not in first:
                findings.append(f"{name}:1: a source includes its own header first")


def check_readmes():
    for top in ["stdlib", "compiler", "runtime", "tests", "examples"]:
        for folder in [ROOT / top] + sorted(p for p in (ROOT / top).iterdir() if p.is_dir()):
            if not any(folder.iterdir()):
                continue
            readme = folder / "README.md"
            if not readme.exists():
                findings.append(f"{folder.relative_to(ROOT)}: no README.md")
            elif len(readme.read_text(encoding="utf-8").splitlines()) > 30 and top != "examples":
                findings.append(f"{readme.relative_to(ROOT)}: more than 30 lines")


def check_lists():
    """Every file of a kind stands in its explicit list."""
    for listing, pattern in [("stdlib/builtins/all.cc", "stdlib/builtins/*.cc"), ("stdlib/connectors/all.cc", "stdlib/connectors/*.cc")]:
        text = (ROOT / listing).read_text(encoding="utf-8")
        for file in sorted(ROOT.glob(pattern)):
            if file.name in ("all.cc", "spec.cc", "value.cc", "moment.cc", "to_moment.cc", "calculate.cc", "common.cc", "declarations.cc", "utf8.cc", "person_name.cc", "ordering.cc", "pattern.cc", "reference.cc") or file.name.endswith("_test.cc"):
                continue
            constant = "k" + "".join(word.capitalize() for word in file.stem.split("_"))
            if not re.search(rf"\b({file.stem}|{constant})\b", text):
                findings.append(f"{listing}: `{file.stem}` is missing")


def check_decisions():
    """Each decision record has a number of its own, and says it."""
    seen = {}
    for record in sorted((ROOT / "docs/adr").glob("*.md")):
        number = record.name[:4]
        if number in seen:
            findings.append(f"{record.relative_to(ROOT)}: {seen[number]} has this number too")
        seen[number] = record.name
        if not record.read_text(encoding="utf-8").startswith(f"# {number}: "):
            findings.append(f"{record.relative_to(ROOT)}:1: the title does not begin with its number")


def main():
    for path in tracked():
        name = str(path.relative_to(ROOT))
        if path.suffix in (".cc", ".h"):
            check_source(path, name)
    check_readmes()
    check_lists()
    check_decisions()
    for line in warnings:
        print("warning:", line)
    for line in findings:
        print(line)
    print(f"{len(findings)} findings, {len(warnings)} warnings")
    return 1 if findings else 0


sys.exit(main())
