#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns phi_labels.txt, whose head describes its form, into the sorted tables that phi.cc reads.

usage: phi_labels.py OUTPUT INPUT

A mistake ends with its line on stderr and exit code 1: an unknown kind, a place said twice.
"""
import re
import sys

KINDS = ("none clinical name street place zip date age phone fax email ssn mrn plan account licence vehicle device url ip "
         "biometric photo other text unknown").split()
OWN, BY_TYPE, NO_KIND, STRONG = 100, 101, 102, 0x80


def kind(word):
    strong = word.endswith("!")
    number = KINDS.index(word.rstrip("!"))
    return number | STRONG if strong else number


def part(word):
    return {"*": OWN, ".": BY_TYPE}.get(word) if word in "*." else kind(word)


def add(table, key, value):
    if key in table and table[key] != value:
        raise ValueError(f"{key} is said twice")
    table[key] = value


def read(path):
    types, segments, fields = {}, {}, {}
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        try:
            head, _, parts = line.partition(":")
            names, _, said = head.partition("=")
            names, said = names.split(), said.strip()
            if names[0] == "type":
                value = (kind(said) if said else NO_KIND, tuple(part(word) for word in parts.split()))
                for name in names[1:]:
                    add(types, name, value)
            elif names[0] == "segment":
                for name in names[1:]:
                    add(segments, name, kind(said))
            else:
                if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", names[0]) or parts:
                    raise ValueError("no segment, type or field")
                for name in names[1:]:
                    add(fields, (names[0], int(name)), kind(said))
        except (ValueError, IndexError) as error:
            sys.exit(f"{path}:{number}: {error}")
    return types, segments, fields


def main():
    types, segments, fields = read(sys.argv[2])
    rows, parts = [], []
    for name, (own, below) in sorted(types.items()):
        rows.append(f'    {{"{name}", {own}, {len(parts)}, {len(below)}}},')
        parts += below
    out = ["// Written by phi_labels.py from phi_labels.txt."]
    out += [f"constexpr std::array<std::uint8_t, {len(parts)}> kParts = {{{', '.join(map(str, parts))}}};"]
    out += [f"constexpr std::array<TypeRow, {len(rows)}> kTypes = {{{{", *rows, "}};"]
    out += [f"constexpr std::array<SegmentRow, {len(segments)}> kSegments = {{{{"]
    out += [f'    {{"{name}", {own}}},' for name, own in sorted(segments.items())] + ["}};"]
    out += [f"constexpr std::array<FieldRow, {len(fields)}> kFields = {{{{"]
    out += [f'    {{"{name}", {number}, {own}}},' for (name, number), own in sorted(fields.items())] + ["}};"]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


main()
