#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the schema files of this folder from a folder of tab-separated facts of the HL7 v2 standard.

usage: import.py FOLDER                  (run by hand when the facts change; the result is committed)

FOLDER holds structures.tsv, segments.tsv, datatypes.tsv and tables.tsv, one row per structure, field, component and
code, each with its version. The form of the schema files is described in README.md; compile.py reads them. What is
wrong in the facts is mended by corrections.txt and, where one rule holds for all versions, in mended_* here.
"""
import pathlib
import re
import sys
from collections import defaultdict

HERE = pathlib.Path(__file__).parent

VERSIONS = ["2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8", "2.8.1", "2.8.2"]

# Where a version has no structure of its own for the events of table 0354, the one that serves them: up to 2.3.1 one
# structure did for several that were told apart later, and 2.7 withdrew some.
STAND_INS = {
    "ADT_A05": "ADT_A01", "ADT_A12": "ADT_A09", "ADT_A15": "ADT_A09", "ADT_A21": "ADT_A02", "ADT_A37": "ADT_A24",
    "BAR_P05": "BAR_P01", "MFR_M04": "MFR_M01", "MFR_M05": "MFR_M01", "MFR_M06": "MFR_M01", "MFR_M07": "MFR_M01",
    "ORU_W01": "ORU_R01", "RPI_I04": "RPI_I01", "RQP_I04": "RQI_I01",
}

# Events that table 0354 leaves out or gives to another message: code, events, structure, first version.
MORE_EVENTS = [
    ("ORU", "R31 R32", "ORU_R30", "2.5"), ("ORU", "R40", "ORU_R01", "2.7"), ("ORF", "W02", "ORF_R04", "2.3"),
    ("QRY", "W02", "QRY_R02", "2.3"), ("RSP", "K22", "RSP_K21", "2.4"), ("RSP", "K24", "RSP_K23", "2.4"),
    ("QBP", "Q31 Q32", "QBP_Q11", "2.5"), ("PPP", "PCC", "PPP_PCB", "2.3"), ("LSR", "U13", "LSU_U12", "2.4"),
    ("TCR", "U11", "TCU_U10", "2.4"), ("QSX", "J02", "QCN_J01", "2.4"), ("QRY", "P04", "QRY_Q01", "2.3"),
    ("DSR", "P04 R03", "DSR_Q01", "2.3"), ("SDN", "S36", "SDR_S31", "2.7"), ("SCN", "S37", "SDR_S32", "2.7"),
    ("SLN", "S34 S35", "SLR_S28", "2.7"), ("STI", "S30", "SLR_S28", "2.7"), ("SMD", "S32", "SDR_S32", "2.7"),
    ("MFK", "M12 M13 M14 M15 M16 M17 M18", "MFK_M01", "2.5"), ("MFN", "M14", "MFN_Znn", "2.5"),
    ("CCR", "I17 I18", "CCR_I16", "2.7"), ("OSU", "O51 O52", "OSU_O41", "2.8"), ("OMQ", "O57", "OMQ_O42", "2.8"),
    ("ORX", "O58", "ORX_O43", "2.8"), ("ORL", "O53", "ORL_O41", "2.8.1"), ("ORL", "O54", "ORL_O42", "2.8.1"),
    ("ORL", "O55", "ORL_O43", "2.8.1"), ("ORL", "O56", "ORL_O44", "2.8.1"),
]

# Used by ID fields, but not complete: events, messages and coding systems may be a site's own (Z.., 99..), media types
# and subtypes (0191, 0291) come from outside HL7, and versions (0104) have a check of their own.
NEVER_CLOSED = {"0003", "0076", "0104", "0191", "0291", "0354", "0396"}


def number(version):
    return [int(part) for part in version.split(".")]


def rows(folder, name):
    with open(folder / name, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            yield line.rstrip("\n").split("\t")


# ---- the facts, as (segment or type) -> number -> (type, min, max, length, table, name)


class Facts:
    """One version."""

    def __init__(self):
        self.structures, self.segments, self.types = {}, defaultdict(dict), defaultdict(dict)


def mended_name(name):
    for wrong in ("\u0432\u0402\u201c", "\u0432\u0402\u201d"):  # a dash, decoded wrongly
        name = name.replace(wrong, "-")
    return " ".join(name.split())


def mended_part(kind, least, most, length, table, name):
    kind = "WD" if kind in ("wd", "") else kind
    table = table if re.fullmatch(r"\d{4}", table) and table != "9999" else "-"  # 9999: no table was assigned
    return (kind, least, most, length or "-", table, mended_name(name))


def fill_gaps(facts, before):
    """A number that is left out is a withdrawn field; it keeps the name that it had in an earlier version."""
    for name, parts in list(facts.segments.items()) + list(facts.types.items()):
        for at in range(1, max(parts)):
            if at not in parts:
                named = [old.segments[name][at][5] for old in before if at in old.segments.get(name, {})]
                parts[at] = ("WD", "0", "0", "-", "-", named[-1] if named else "Withdrawn")


def read(folder):
    facts = {version: Facts() for version in VERSIONS}
    for version, name, text in rows(folder, "structures.tsv"):
        facts[version].structures[name] = text
    for file in ("segments", "datatypes"):
        for version, name, at, label, kind, least, most, length, table in rows(folder, file + ".tsv"):
            target = facts[version].segments if file == "segments" else facts[version].types
            target[name][int(at)] = mended_part(kind, least, most, length, table, label)
    return facts


# ---- corrections.txt


def part_of(line):
    kind, limits, length, table, name = line.split(" ", 4)
    return (kind, *limits.split(".."), length, table, name)


def correct(facts, tables):
    """Applies the corrections in their order."""
    target = None
    for at, line in enumerate((HERE / "corrections.txt").read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#") or line.startswith("because "):
            continue
        try:
            if line.startswith("  "):
                target(line.strip())
                continue
            target = None
            word, versions, rest = line.split(" ", 2)
            if word == "code":
                code, meaning = rest.split(" ", 1)
                assert code not in tables[versions][1], "is there already"
                tables[versions][1][code] = meaning
                continue
            for version in versions.split(","):
                target = correct_one(facts, word, version, rest, target)
        except (AssertionError, KeyError, ValueError) as mistake:
            sys.exit(f"corrections.txt:{at}: {mistake!r}")


def correct_one(facts, word, version, rest, target):
    here = facts[version]
    name, _, rest = rest.partition(" ")
    if word == "within":
        old, new = rest.split(" =>")
        if here.structures[name].count(old) != 1:
            raise ValueError(f"{version}: not once there")
        here.structures[name] = " ".join(here.structures[name].replace(old, new.strip()).split())
    elif word == "remove":
        del here.structures[name]
    elif word == "structure" and rest:
        source, *other = rest.removeprefix("= ").split()
        here.structures[name] = facts[source].structures[other[0] if other else name]
    elif word == "structure":
        return chain(target, lambda text: here.structures.__setitem__(name, text))
    elif word == "segment" and rest:
        source = facts[rest.removeprefix("= ")]
        here.segments[name] = dict(source.segments[name])
        carry_types(here, source, here.segments[name])
    elif word == "segment":
        def add(line):
            where, part = line.split(" ", 1)
            here.segments[name][int(where)] = part_of(part)
        return chain(target, add)
    elif word in ("field", "add"):
        segment, _, field = name.partition("-")
        if word == "add":
            here.segments[segment][int(field)] = part_of(rest)
        else:
            parts = here.types[segment] if segment in here.types else here.segments[segment]
            kind, _, _, *more = parts[int(field)]
            parts[int(field)] = (kind, *rest.split(".."), *more)
    else:
        raise ValueError("not a correction")
    return None


def chain(first, second):
    return second if first is None else lambda line: (first(line), second(line))


def carry_types(here, source, parts):
    for part in parts.values():
        if part[0] in source.types and part[0] not in here.types:
            here.types[part[0]] = dict(source.types[part[0]])
            carry_types(here, source, here.types[part[0]])


# ---- events


def introduced(code, event):
    """The version an event came with, where a later one's structure would claim it earlier."""
    if code == "ADT":
        at = int(event[1:])
        return "2.1" if at <= 24 else "2.2" if at <= 37 else "2.3" if at <= 51 else "2.4"
    later = {"O25": "2.5", "O26": "2.5", "P05": "2.2", "P06": "2.3", "W01": "2.3"}
    return "2.4" if re.fullmatch("Q2[6-9]|Q30", event) else later.get(event, "2.1")


def events_of(version, structures, tables):
    """(code, event) -> structure, for one version."""
    found = {}
    for name in structures:
        code, _, event = name.partition("_")
        found[code, event or "-"] = name
    for structure, events in tables["0354"][1].items():
        target = structure if structure in structures else STAND_INS.get(structure)
        code = structure.partition("_")[0]
        for event in re.findall(r"\b[A-Z][A-Z0-9]{2}\b", events):
            if target in structures and number(introduced(code, event)) <= number(version) and (code, event) != ("PPG", "PCC"):
                found.setdefault((code, event), target)
    for code, events, structure, since in MORE_EVENTS:
        for event in events.split():
            if structure in structures and number(since) <= number(version):
                found.setdefault((code, event), structure)
    return found


# ---- tables


def users_of_tables(facts):
    users = defaultdict(set)
    for parts in list(facts.segments.values()) + list(facts.types.values()):
        for part in parts.values():
            if part[4] != "-":
                users[part[4]].add(part[0])
    return users


def tables_of(version, facts):
    """The tables that HL7 defines in a version and closes, and those that it leaves to the user.

    A table is HL7's own if fields of type ID use it and none of type IS does, and a user's if fields of type IS use it, or
    did before 2.7 made most of them CWE. 2.1 and 2.2 had only ID: there it is what the first versions that told the two
    apart say. The others (coding systems behind CE and CWE) are neither: their codes are open.
    """
    users = users_of_tables(facts[version])
    if number(version) < [2, 3]:
        judges = [users_of_tables(facts[other]) for other in ("2.3", "2.3.1", "2.4")]
        site = {table for table in users if any("IS" in judge[table] for judge in judges)}
        hl7 = {table for table in users if any("ID" in judge[table] for judge in judges)} - site
    else:
        judges = [users_of_tables(facts[other]) for other in VERSIONS if number(other) <= number(version)]
        hl7 = {table for table, kinds in users.items() if "ID" in kinds and "IS" not in kinds}
        site = {table for table in users if any("IS" in judge[table] for judge in judges)} - hl7
    return hl7 - NEVER_CLOSED, site


# ---- writing


def part_line(at, part):
    kind, least, most, length, table, name = part
    return f"  {at} {kind} {least}..{most} {length} {table} {name}"


def write_version(version, facts, tables):
    here = facts[version]
    out = [f"# HL7 {version}. Written by import.py.", f"version {version}", ""]
    closed, user = tables_of(version, facts)
    for word, numbers in (("closed", sorted(closed)), ("user", sorted(user))):
        for at in range(0, len(numbers), 20):
            out.append(f"{word} " + " ".join(numbers[at:at + 20]))
    for word, definitions in (("type", here.types), ("segment", here.segments)):
        for name, parts in sorted(definitions.items()):
            out += ["", f"{word} {name}"] + [part_line(at, part) for at, part in sorted(parts.items())]
    for name, text in sorted(here.structures.items()):
        out += ["", f"structure {name}", f"  {text}"]
    out.append("")
    by_structure = defaultdict(list)
    for (code, event), structure in events_of(version, here.structures, tables).items():
        by_structure[structure, code].append(event)
    for (structure, code), events in sorted(by_structure.items()):
        out.append(f"event {structure} {code} {' '.join(sorted(events))}")
    (HERE / f"{version}.schema").write_text("\n".join(out) + "\n", encoding="utf-8")


def write_tables(tables):
    out = ["# Tables: one edition for all versions. Written by import.py."]
    for table, (name, codes) in sorted(tables.items()):
        out += ["", f"table {table} {name}"]
        for code, meaning in sorted(codes.items()):
            out.append(f"  {code}\t{meaning}")
    (HERE / "tables.schema").write_text("\n".join(out) + "\n", encoding="utf-8")


def main():
    folder = pathlib.Path(sys.argv[1])
    tables = {}
    for table, name, code, meaning in rows(folder, "tables.tsv"):
        tables.setdefault(table, (name, {}))[1].setdefault(code, " ".join(meaning.split()))
    for _, name, *_ in rows(folder, "datatypes.tsv"):  # the table of value types lists the newest ones only
        if re.fullmatch(r"[A-Z]{2,3}", name):
            tables["0125"][1].setdefault(name, "")
    for name in ("CM", "DT", "DTM", "FT", "GTS", "ID", "IS", "NM", "SI", "SNM", "ST", "TM", "TN", "TX"):
        tables["0125"][1].setdefault(name, "")
    facts = read(folder)
    correct(facts, tables)
    write_tables(tables)
    for at, version in enumerate(VERSIONS):
        fill_gaps(facts[version], [facts[old] for old in VERSIONS[:at]])
        for name, parts in facts[version].segments.items():
            assert sorted(parts) == list(range(1, len(parts) + 1)), f"{version} {name}"
    for version in VERSIONS:
        write_version(version, facts, tables)


main()
