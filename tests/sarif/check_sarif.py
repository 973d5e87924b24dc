#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the SARIF logs of `smarthl7 check` against the official schema of SARIF 2.1.0, and what they say against the files.

Usage: check_sarif.py PROGRAM SOURCE_DIR PACKAGES: the executable, the source tree, the folder with the Node packages.
Each golden file of diagnostics becomes a project; its log must be valid, name each diagnostic of `--format json` once, and
each place and fix must lie inside of its file."""
import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse

import jsonschema


def sections(text):
    found, name = [], None
    for line in text.splitlines(keepends=True):
        if line.startswith("=== "):
            name = line[4:].strip()
            found.append([name, ""])
        elif name:
            found[-1][1] += line
    return [(name, body) for name, body in found if name not in ("expect", "fixed")]


def check(program, folder, form):
    run = subprocess.run([program, "check", ".", "--format", form], cwd=folder, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    if run.returncode not in (0, 1):
        raise SystemExit(f"check --format {form} ended with {run.returncode}: {run.stderr.decode(errors='replace')}")
    return json.loads(run.stdout)


def lies_inside(folder, location):
    path = folder / urllib.parse.unquote(location["artifactLocation"]["uri"])
    lines = path.read_bytes().decode("utf-8", errors="replace").split("\n")
    region = location.get("region") or location["deletedRegion"]
    for line, column in ((region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])):
        if not (1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1]) + 1):
            return f"{path.name}:{line}:{column} is not in the file"
    return None


def problems_of(folder, log, plain):
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    told = []
    for result in run["results"]:
        if rules[result["ruleIndex"]] != result["ruleId"]:
            yield f"{result['ruleId']} has the index of {rules[result['ruleIndex']]}"
        region = result["locations"][0]["physicalLocation"]["region"]
        if "suppressions" not in result:
            told.append((result["ruleId"], region["startLine"], region["startColumn"]))
        places = [one["physicalLocation"] for one in result["locations"] + result.get("relatedLocations", [])]
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                places += [{"artifactLocation": change["artifactLocation"], **one} for one in change["replacements"]]
        for place in places:
            outside = lies_inside(folder, place)
            if outside:
                yield f"{result['ruleId']}: {outside}"
    expected = [(one["code"], one["range"]["start"]["line"], one["range"]["start"]["column"]) for one in plain]
    if told != expected:
        yield f"the log has {told}, --format json has {expected}"


def main():
    program, source, packages = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    schema = json.loads((packages / "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json").read_text())
    jsonschema.Draft4Validator.check_schema(schema)
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    if validator.is_valid({"version": "2.1.0", "runs": [{"results": []}]}):
        raise SystemExit("the schema takes a run without a tool: this test would see nothing")
    projects = {path.name: sections(path.read_text(errors="surrogateescape"))
                for path in sorted((source / "tests/golden/diagnostics").glob("*.txt")) if path.name != "CMakeLists.txt"}
    projects["nothing wrong"] = [("lab.route", 'source lab = mllp { listen "127.0.0.1:1"  insecure because "a test" }\n'
                                  'flow f {\n  from lab\n  drop "all"\n}\n')]
    failed = logs = results = silenced = fixes = 0
    for name, files in projects.items():
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            for file, body in files:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_text(body, errors="surrogateescape", newline="")
            log = check(program, folder, "sarif")
            found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(log)]
            found += problems_of(folder, log, check(program, folder, "json"))
            logs += 1
            results += len(log["runs"][0]["results"])
            silenced += sum("suppressions" in one for one in log["runs"][0]["results"])
            fixes += sum("fixes" in one for one in log["runs"][0]["results"])
            for problem in found:
                print(f"{name}: {problem}")
            failed += bool(found)
    print(f"{logs} logs, {results} results ({silenced} silenced, {fixes} with fixes): {failed} logs not as the schema or the files have it")
    return 1 if failed or not results or not silenced or not fixes else 0


if __name__ == "__main__":
    sys.exit(main())
