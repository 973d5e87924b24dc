#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/operate/transports.md has a row for everything that is asked of a transport and a column for each transport that is built; each cell
names tests that exist, or says in words why there is nothing to test. Usage: check_transports.py SOURCE_DIR"""
import pathlib
import re
import sys

ROWS = ["in", "out", "TLS", "mutual TLS", "authentication", "retry", "restart in the middle", "foreign peer", "bad input"]


def built_connectors(source):
    """The connectors that the language knows and this version can run."""
    names = set()
    for path in (source / "stdlib/connectors").glob("*.cc"):
        for spec in re.findall(r"ConnectorSpec k\w+ ?= ?\{(.*?)\};", path.read_text(), re.S):
            if re.search(r"\.built = true", spec):
                names.add(re.search(r'\.name = "(\w+)"', spec).group(1))
    return names


def registered(source):
    """The Python files that a test runs, and those of the same folder that they import."""
    lists = "\n".join(path.read_text() for path in (source / "tests").rglob("CMakeLists.txt"))
    run = {path for path in (source / "tests").rglob("*.py") if path.name in lists}
    for path in list(run):
        run |= {path.parent / f"{name}.py" for name in re.findall(r"^(?:import|from) (\w+)", path.read_text(), re.M)}
    return run


def defines(path, name):
    text = path.read_text()
    if path.suffix == ".py":
        return re.search(rf"\bdef {re.escape(name)}\(", text) is not None
    return re.search(rf"\bTEST(_F|_P)?\(\w+, {re.escape(name)}\)", text) is not None


def main():
    source = pathlib.Path(sys.argv[1])
    page = source / "docs/operate/transports.md"
    run = registered(source)
    problems, tests = [], set()
    table = re.search(r"^\| +\|(.*)\|\n\|[-| ]+\|\n((?:\|.*\n)+)", page.read_text(), re.M)
    heads = [head.strip().strip("`") for head in table.group(1).split("|")]
    for name in sorted(built_connectors(source) ^ set(heads)):
        problems.append(f"{name}: " + ("has no column" if name not in heads else "is not built"))
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.group(2).splitlines()]
    for name in set(ROWS) ^ {row[0] for row in rows}:
        problems.append(f"{name}: " + ("has no row" if name in ROWS else "is a row that nobody asks for"))
    for row in rows:
        if len(row) != len(heads) + 1:
            problems.append(f"{row[0]}: {len(row) - 1} cells")
        for head, cell in zip(heads, row[1:]):
            links = re.findall(r"\[[^\]]+\]\(\.\./\.\./([^)#]+)#([^)]+)\)", cell)
            if not links and len(cell) < 15:
                problems.append(f"{row[0]}, {head}: neither a test nor a reason")
            for name, test in links:
                path = source / name
                if not path.is_file() or not defines(path, test):
                    problems.append(f"{row[0]}, {head}: {name} has no {test}")
                elif path.suffix == ".py" and path not in run:
                    problems.append(f"{row[0]}, {head}: {name} is run by no test")
                tests.add((name, test))
    print("\n".join(problems))
    print(f"{len(heads)} transports, {len(rows)} rows, {len(tests)} tests, {len(problems)} problems")
    return 1 if problems or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
