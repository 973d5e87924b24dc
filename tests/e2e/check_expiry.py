#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Only `check` looks into certificates, with this machine's clock: an ended one fails it, and `compile` and `run` do not mind.
Usage: check_expiry.py PROGRAM"""
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
ROUTE = '''secret hub_key
source lab = mllp { listen "127.0.0.1:0"  tls { certificate file "hub.pem"  key secret hub_key } }
destination out = mllp { connect "127.0.0.1:9"  insecure because "a test on one machine" }
flow results { from lab  -> out }
'''
problems = []


def expect(what, condition, shown=""):
    if not condition:
        problems.append(f"{what}: {shown}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        (where / "lab.route").write_text(ROUTE, encoding="utf-8")

        def run(*words):
            return subprocess.run(words, cwd=where, capture_output=True, text=True, timeout=60, check=False)

        def certify(days):
            if days < 0:  # one that has ended cannot be made with every openssl: that of the explain page
                page = (ROOT / "docs/errors/E0716.md").read_text(encoding="utf-8")
                (where / "hub.pem").write_text(page[page.index("-----BEGIN"):page.index("```", page.index("-----END"))], encoding="ascii")
                return
            made = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=hub", "-days",
                       str(days), "-keyout", "hub_key", "-out", "hub.pem")
            expect("openssl", made.returncode == 0, made.stderr)

        for days, code, said in ((-3, 1, "[E0716]"), (10, 0, "[W0705]"), (400, 0, "")):
            certify(days)
            done = run(PROGRAM, "check", "lab.route")
            expect(f"{days} days: exit code", done.returncode == code, done.stdout)
            expect(f"{days} days: what it says", said in done.stdout and (said or "certificate" not in done.stdout), done.stdout)
            strict = run(PROGRAM, "check", "lab.route", "--deny", "warnings")
            expect(f"{days} days, as CI calls it", strict.returncode == (1 if days < 30 else 0), strict.stdout)
            compiled = run(PROGRAM, "compile", "lab.route", "-o", f"plan{days}")
            expect(f"{days} days: compile", compiled.returncode == 0, compiled.stderr)
        plans = {(where / f"plan{days}").read_bytes() for days in (-3, 10, 400)}
        expect("one project, one plan", len(plans) == 1)
    print(f"expiry: {len(problems)} failed")
    for problem in problems:
        print("FAILED", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
