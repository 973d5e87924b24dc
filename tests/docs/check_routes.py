#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles every block of route text in the documentation: fenced with `route` alone it is a whole file; with `route fragment` it is a part
of one, which only has to be readable by `fmt`. Blocks with a file name belong to run_page.py, docs/errors to the tests of their codes.

Usage: check_routes.py PROGRAM SOURCE_DIR"""
import pathlib
import subprocess
import sys
import tempfile

from run_page import blocks

DATA = {"facilities.csv": "code,namespace,name\nMERCY01,MERCY,Mercy General\n"}


def main():
    program, source = sys.argv[1], pathlib.Path(sys.argv[2])
    pages = [page for page in [source / "README.md", *sorted((source / "docs").rglob("*.md"))] if "errors" not in page.parts]
    whole = fragments = failed = 0
    for page in pages:
        for start, info, lines in blocks(page.read_text(encoding="utf-8")):
            if info not in ("route", "route fragment"):
                continue
            with tempfile.TemporaryDirectory() as scratch:
                folder = pathlib.Path(scratch)
                (folder / "page.route").write_text("\n".join(lines) + "\n", encoding="utf-8")
                for name, text in DATA.items():
                    (folder / name).write_text(text)
                arguments = ["check", "page.route"] if info == "route" else ["fmt", "--stdout", "page.route"]
                done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
                if done.returncode != 0:
                    failed += 1
                    print(f"{page.relative_to(source)}:{start}:\n{done.stdout.decode()}{done.stderr.decode()}")
                whole += info == "route"
                fragments += info != "route"
    print(f"{whole} whole files and {fragments} fragments in {len(pages)} pages: {failed} do not hold")
    return 1 if failed or whole == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
