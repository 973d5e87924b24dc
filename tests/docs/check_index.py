#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/language/checks.md names every code once, with its page and a golden file that shows it. Usage: check_index.py SOURCE_DIR"""
import pathlib
import re
import sys


def main():
    source = pathlib.Path(sys.argv[1])
    registry = dict(re.findall(r'X\(([EW]\d+), \w+, *"(.*?)"\)', (source / "compiler/diag/registry.h").read_text()))
    rows = re.findall(r"^\| \[([EW]\d+)\]\(\.\./errors/([EW]\d+)\.md\) \| (.*) \| `(.*)` \|$",
                      (source / "docs/language/checks.md").read_text(), re.M)
    problems = [f"{code} is missing" for code in registry if code not in {row[0] for row in rows}]
    problems += [f"{row[0]} stands {rows.count(row)} times" for row in set(rows) if rows.count(row) > 1]
    for code, page, title, golden in rows:
        if registry.get(code) != title:
            problems.append(f"{code} is called \"{registry.get(code)}\", not \"{title}\"")
        if page != code or not (source / "docs/errors" / f"{code}.md").is_file():
            problems.append(f"{code} has no page")
        shown = source / "tests/golden/diagnostics" / f"{golden}.txt"
        if not shown.is_file() or f"[{code}]" not in shown.read_text(errors="replace").split("=== expect")[-1]:
            problems.append(f"{golden}.txt does not show {code}")
    print("\n".join(problems))
    print(f"{len(rows)} codes, {len(problems)} problems")
    return 1 if problems or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
