#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the schema files of this folder from a folder of tab-separated facts of the HL7 v2 standard.

usage: import.py FOLDER VERSION...       (run by hand when the facts change; the result is committed)

FOLDER holds structures.tsv, segments.tsv, datatypes.tsv and tables.tsv, one row per structure, field, component and
code, each with its version. The form of the schema files is described in README.md; compile.py reads them.
"""
import pathlib
import re
import sys
from collections import defaultdict

HERE = pathlib.Path(__file__).parent

# Up to 2.3.1 one structure served events that have their own from 2.4 on.
OLDER = {"ADT_A05": "ADT_A01", "ADT_A21": "ADT_A02", "ADT_A15": "ADT_A09", "ADT_A37": "ADT_A24"}

# Used by ID fields, but not complete: events, messages and coding systems may be a site's own (Z.., 99..), media types
# and subtypes (0191, 0291) come from outside HL7, and versions (0104) have a check of their own.
NEVER_CLOSED = {"0003", "0076", "0104", "0191", "0291", "0354", "0396"}

# Where the facts contradict the versions before and after without reason: (min, max).
CORRECTED = {("2.3", "OBR", 27): ("0", "*")}


def rows(folder, name):
    with open(folder / name, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            yield line.rstrip("\n").split("\t")


def limits(least, most):
    return f"{least}..{most}"


def part_line(number, kind, least, most, length, table, name):
    if kind in ("wd", ""):
        kind = "WD"
    table = table if re.fullmatch(r"\d{4}", table) else "-"
    return f"  {number} {kind} {limits(least, most)} {length or '-'} {table} {name.strip()}"


def events_of(structures, tables):
    """(code, event) -> structure, for one version."""
    found = {}
    for name in structures:
        code, _, event = name.partition("_")
        found[code, event or "-"] = name
    for structure, events in tables["0354"][1].items():
        target = structure if structure in structures else OLDER.get(structure)
        if target not in structures:
            continue
        code = structure.partition("_")[0]
        for event in re.findall(r"\b[A-Z][A-Z0-9]{2}\b", events):
            found.setdefault((code, event), target)
    return found


def closed_tables(segments, datatypes):
    """A table is HL7's own if fields of type ID use it (and none of type IS does)."""
    users = defaultdict(set)
    for parts in list(segments.values()) + list(datatypes.values()):
        for part in parts:
            if re.fullmatch(r"\d{4}", part[5]):
                users[part[5]].add(part[1])
    return sorted(table for table, kinds in users.items()
                  if "ID" in kinds and "IS" not in kinds and table not in NEVER_CLOSED)


def write_version(version, structures, segments, datatypes, tables):
    out = [f"# HL7 {version}. Written by import.py.", f"version {version}", ""]
    closed = closed_tables(segments, datatypes)
    for at in range(0, len(closed), 20):
        out.append("closed " + " ".join(closed[at:at + 20]))
    known = set(segments)
    for name, parts in sorted(datatypes.items()):
        out += ["", f"type {name}"] + [part_line(*part) for part in parts]
    for name, parts in sorted(segments.items()):
        out += ["", f"segment {name}"] + [part_line(*part) for part in parts]
    kept = {}
    for name, text in sorted(structures.items()):
        lost = [word for word in re.findall(r"[A-Za-z0-9_]+(?![A-Za-z0-9_]|\()", text)
                if word not in known and word != "ANYHL7SEGMENT" and len(word) != 3]
        if lost:
            print(f"{version} {name}: left out, content of {', '.join(lost)} is not given", file=sys.stderr)
        else:
            kept[name] = re.sub(r"<(\w+)>", r"\1", text)  # a choice of one
    for name, text in kept.items():
        out += ["", f"structure {name}", f"  {text}"]
    out.append("")
    by_structure = defaultdict(list)
    for (code, event), structure in events_of(kept, tables).items():
        by_structure[structure, code].append(event)
    for (structure, code), events in sorted(by_structure.items()):
        out.append(f"event {structure} {code} {' '.join(sorted(events))}")
    (HERE / f"{version}.schema").write_text("\n".join(out) + "\n", encoding="utf-8")


def write_tables(tables):
    out = ["# Tables: one edition for all versions. Written by import.py."]
    for number, (name, codes) in sorted(tables.items()):
        out += ["", f"table {number} {name}"]
        for code, meaning in sorted(codes.items()):
            out.append(f"  {code}\t{meaning}")
    (HERE / "tables.schema").write_text("\n".join(out) + "\n", encoding="utf-8")


def main():
    folder, versions = pathlib.Path(sys.argv[1]), sys.argv[2:]
    tables = {}
    for number, name, code, meaning in rows(folder, "tables.tsv"):
        tables.setdefault(number, (name, {}))[1].setdefault(code, " ".join(meaning.split()))
    for _, name, *_ in rows(folder, "datatypes.tsv"):  # the table of value types lists the newest ones only
        if re.fullmatch(r"[A-Z]{2,3}", name):
            tables["0125"][1].setdefault(name, "")
    for name in ("DT", "DTM", "FT", "GTS", "ID", "IS", "NM", "SI", "ST", "TM", "TN", "TX"):
        tables["0125"][1].setdefault(name, "")
    write_tables(tables)
    for version in versions:
        structures = {row[1]: row[2] for row in rows(folder, "structures.tsv") if row[0] == version}
        segments, datatypes = defaultdict(list), defaultdict(list)
        for target, name in ((segments, "segments.tsv"), (datatypes, "datatypes.tsv")):
            for row in rows(folder, name):
                if row[0] == version:  # number, type, min, max, length, table, name
                    least, most = CORRECTED.get((version, row[1], int(row[2])), (row[5], row[6]))
                    target[row[1]].append((int(row[2]), row[4], least, most, row[7], row[8], row[3]))
        for parts in list(segments.values()) + list(datatypes.values()):
            parts.sort()
        write_version(version, structures, segments, datatypes, tables)


main()
