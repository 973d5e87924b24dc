#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tries the hub against HL7 software of others: each cell is one peer in one role, plain or over TLS, with one kind of answer.
Usage: run.py PROGRAM PACKAGES [CELL...]: the hub's executable, the folder with the Node packages, and parts of cell names
(`python3-hl7`, `TLS`, `AE`) if only those are to run. Exit code 0 if every cell holds. Files of a failed run are kept."""
import pathlib
import shutil
import sys
import tempfile
import unittest

import certificates
import receivers
import senders
from processes import Settings


class Result(unittest.TextTestResult):
    """Keeps the state of each cell for the matrix."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cells = {}

    def mark(self, test, state):
        if hasattr(test, "row"):
            self.cells[(test.peer, test.role, test.over_tls, test.id().rpartition("test_")[2])] = state

    def getDescription(self, test):
        return name_of(test) if hasattr(test, "row") else str(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.mark(test, "ok")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.mark(test, "FAILED")

    def addError(self, test, error):
        super().addError(test, error)
        self.mark(test, "FAILED")


def name_of(test):
    return f"{test.peer}, {test.role}, {'TLS' if test.over_tls else 'plain'}, {test.id().rpartition('test_')[2]}"


def print_matrix(rows, cells):
    columns = ["AA", "AE", "AR", "slow", "CA", "CE", "CR", "CA_AA", "CA_AE", "CA_AR", "elsewhere", "unasked", "5MiB", "kept"]
    width = {c: max(len(c), 6) + 1 for c in columns}
    print(f"\n{'peer':<24}{'role':<10}{'':<7}" + "".join(f"{c:<{width[c]}}" for c in columns))
    for peer, role, over_tls in dict.fromkeys((row.peer, row.role, row.over_tls) for row in rows):
        states = (cells.get((peer, role, over_tls, c), "-") for c in columns)
        print(f"{peer:<24}{role:<10}{'TLS' if over_tls else 'plain':<7}" + "".join(f"{s:<{width[c]}}" for c, s in zip(columns, states)).rstrip())
    for (peer, over_tls), why in senders.IMPOSSIBLE.items():
        print(f"{peer:<24}{'sender':<10}{'TLS' if over_tls else 'plain':<7}not possible: {why}")
    print(f"{'python3-hl7 mllp_send':<24}{'sender':<10}{'plain':<7}CA_AA, CA_AE not possible: it reads once after each message")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smarthl7-interop-"))
    settings = Settings(sys.argv[1], sys.argv[2], folder)
    made = certificates.make(folder)
    rows = [*senders.rows(settings, made), *receivers.rows(settings, made)]
    suite = unittest.TestSuite()
    for row in rows:
        tests = unittest.defaultTestLoader.loadTestsFromTestCase(row)
        suite.addTests(t for t in tests if all(part in name_of(t) for part in sys.argv[3:]))
    code = 0
    try:
        senders.Shared.start(settings)
        result = unittest.TextTestRunner(resultclass=Result, verbosity=2, stream=sys.stdout).run(suite)
    finally:
        code = senders.Shared.end()
    print_matrix(rows, result.cells)
    held = sum(state == "ok" for state in result.cells.values())
    print(f"{len(result.cells)} cells: {held} hold, {len(result.cells) - held} do not; the hub's exit codes are 0" if code == 0 else
          f"the hub ended with {code}")
    if result.wasSuccessful() and code == 0 and result.cells:
        shutil.rmtree(folder)
        return 0
    print(f"files are kept in {folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
