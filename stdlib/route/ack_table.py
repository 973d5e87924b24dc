#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ack_table.py OUT.inc ack.csv: the acknowledgement table as one `{commit, application},` per cell, in the order of the words
below. The first row that fits a cell decides it. Stops if a cell has no row, a row decides nothing, or a word is unknown."""
import csv
import itertools
import pathlib
import sys

MESSAGES = ["message", "answer"]
VERDICTS = ["accept", "error", "unfit", "reject", "not_now"]
ASKED = ["empty", "AL", "NE", "ER", "SU"]
COMMIT = ["", "CA", "CE", "CR"]
APPLICATION = ["", "AA", "AE", "AR"]


def words(row, column, known):
    given = row[column].split()
    if given == ["*"]:
        return known
    unknown = [word for word in given if word not in known]
    if unknown or not given:
        sys.exit(f"ack.csv: {column} of {row} takes {known} or *")
    return given


def code(row, column, known):
    if row[column] not in known:
        sys.exit(f"ack.csv: {column} of {row} takes {known}")
    return "none" if not row[column] else row[column].lower()


def main():
    rows = list(csv.DictReader(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()))
    cells = {}
    for row in rows:
        fits = itertools.product(
            words(row, "message", MESSAGES), words(row, "verdict", VERDICTS), words(row, "msh_15", ASKED), words(row, "msh_16", ASKED)
        )
        fresh = [cell for cell in fits if cell not in cells]
        if not fresh:
            sys.exit(f"ack.csv: earlier rows leave nothing to {row}")
        for cell in fresh:
            cells[cell] = f"{{Code::{code(row, 'commit', COMMIT)}, Code::{code(row, 'application', APPLICATION)}}},"
    every = list(itertools.product(MESSAGES, VERDICTS, ASKED, ASKED))
    missing = [cell for cell in every if cell not in cells]
    if missing:
        sys.exit(f"ack.csv: no row for {missing}")
    pathlib.Path(sys.argv[1]).write_text("".join(f"{cells[cell]}  // {' '.join(cell)}\n" for cell in every), encoding="utf-8")


if __name__ == "__main__":
    main()
