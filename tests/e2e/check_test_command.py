#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`smarthl7 test` as pipelines use it: exit codes, filter, JUnit XML against the rules of its common schema, JSON, lcov, and that
nothing that ran is a failure. Usage: check_test_command.py PROGRAM"""
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

PROGRAM = pathlib.Path(sys.argv[1]).resolve()

ROUTE = """language 1

setting city : text

environment here { city = "Rome" }

source lab = mllp { listen "0.0.0.0:2575"  insecure because "a test" }
destination mercy = mllp { connect "10.0.0.5:2575"  insecure because "a test" }

flow results {
  from lab
  when MSH-4 == city { -> mercy } otherwise { drop "another city" }
}
"""
MESSAGE = '''  send """
    MSH|^~\\\\&|LAB|Rome|HUB|HUB|20260101||ORU^R01^ORU_R01|1|P|2.5.1
    PID|1||P1||DOE^JO
    """
'''
PASSES = 'test "a message from Rome & <elsewhere>" {\n' + MESSAGE + "  expect mercy gets 1\n}\n"
FAILS = 'test "nothing comes \\"ever\\"" {\n' + MESSAGE + "  expect mercy gets 0\n}\n"

# Of the schema that CI servers share: attributes with those that must be there, and children in their order.
SCHEMA = {
    "testsuites": ({"name", "time", "tests", "failures", "disabled", "errors"}, set(), ["testsuite"]),
    "testsuite": ({"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"},
                  {"name", "tests"}, ["properties", "testcase", "system-out", "system-err"]),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, {"name", "value"}, []),
    "testcase": ({"name", "assertions", "time", "classname", "status"}, {"name", "classname"},
                 ["skipped", "error", "failure", "system-out", "system-err"]),
    "failure": ({"type", "message"}, set(), []),
    "error": ({"type", "message"}, set(), []),
}
problems = []


def expect(what, condition, shown=""):
    if not condition:
        problems.append(f"{what}: {shown}")


def run(*arguments):
    done = subprocess.run([PROGRAM, "test", *map(str, arguments)], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def check_schema(element):
    expect("element", element.tag in SCHEMA, element.tag)
    allowed, needed, children = SCHEMA.get(element.tag, (set(), set(), []))
    expect(f"attributes of {element.tag}", set(element.attrib) <= allowed and needed <= set(element.attrib), element.attrib)
    for name in ("tests", "failures", "errors", "skipped"):
        expect(name, element.attrib.get(name, "0").isdigit(), element.attrib)
    expect("time", float(element.attrib.get("time", "0")) >= 0, element.attrib)
    order = [children.index(child.tag) if child.tag in children else -1 for child in element]
    expect(f"children of {element.tag}", -1 not in order and (order == sorted(order) or element.tag == "testcase"), order)
    for child in element:
        check_schema(child)


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        lab = root / "lab.route"
        lab.write_text(ROUTE)
        code, out, error = run(root)
        expect("no tests", code == 1 and "no test has run: the project has no `test` blocks" in error, (code, out, error))

        tests = root / "tests.route"
        tests.write_text(PASSES)
        code, out, error = run(root)
        expect("passes", code == 0 and "1 test: 1 passed, 0 failed" in out, (code, out, error))
        expect("no colours in a pipe", "\x1b" not in out, out)

        tests.write_text(PASSES + FAILS)
        code, out, error = run(root)
        expect("fails", code == 1 and "2 tests: 1 passed, 1 failed" in out and "--seed 1" in out, (code, out, error))
        expect("place", "tests.route:13:3" in out and "mercy took 1 message, 0 were expected" in out, out)
        code, out, error = run(root, "--filter", "Rome")
        expect("filter", code == 0 and "1 left out" in out, (code, out, error))
        code, out, error = run(root, "--filter", "Oslo")
        expect("filter that fits none", code == 1 and "no title contains" in error and "nothing comes" in error, (code, out, error))
        code, out, error = run(root, "--set", "city=Oslo")
        expect("--set", code == 1 and "mercy took 0 messages" in out, (code, out, error))
        code, out, error = run(root, "--set", "city")
        expect("--set without value", code == 2, (code, error))
        code, out, error = run(root, "--env", "nowhere")
        expect("--env", code == 3 and "nowhere" in error, (code, error))

        code, out, error = run(root, "--format", "junit")
        expect("junit", code == 1, (code, error))
        tree = ET.fromstring(out)
        check_schema(tree)
        expect("root", tree.tag == "testsuites" and tree.attrib["tests"] == "2" and tree.attrib["failures"] == "1", tree.attrib)
        cases = list(tree.iter("testcase"))
        expect("cases", [c.attrib["name"] for c in cases] == ["a message from Rome & <elsewhere>", 'nothing comes "ever"'], cases)
        expect("failure", cases[1].find("failure") is not None and "tests.route:13:3" in cases[1].find("failure").text, out)

        trace = root / "coverage.info"
        code, out, error = run(root, "--json", "--coverage", "--coverage-lcov", trace)
        report = json.loads(out)
        expect("json", code == 1 and report["summary"]["failed"] == 1 and len(report["tests"]) == 2, out)
        expect("json place", report["tests"][1]["failures"][0]["range"]["start"] == {"line": 13, "column": 3}, out)
        [file] = report["coverage"]
        expect("coverage", file["file"] == "lab.route" and file["points"] == {"run": 2, "all": 3}, file)
        expect("never run", [p["line"] for p in file["never_run"]] == [12], file)
        expect("never taken", [p["way"] for p in file["never_taken"]] == ["where it does not"], file)
        lines = trace.read_text().splitlines()
        expect("lcov", lines[1] == f"SF:{lab}" and "DA:12,2" in lines and lines[-1] == "end_of_record", lines)
        expect("lcov ways", "BRDA:12,0,0,2" in lines and "BRDA:12,0,1,0" in lines and "BRH:1" in lines, lines)

        lab.write_text(ROUTE.replace("from lab", "from lap"))
        code, out, error = run(root)
        expect("errors of the project", code == 1 and "E0201" in error and "the project has errors" in error, (code, out, error))
        code, out, error = run(root / "none")
        expect("no such file", code == 3, (code, error))
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
