#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the schema files into the blob that dictionary.cc reads in place (its layout is in blob.h).

usage: compile.py OUTPUT FILE.schema...

The same input gives the same bytes. A mistake in a schema file ends with its file and line on stderr and exit code 1.
"""
import re
import struct
import sys

NONE = 0xFFFF
KINDS = {"segment": 0, "group": 1, "choice": 2, "any": 3}


class Mistake(Exception):
    pass


class Strings:
    def __init__(self):
        self.bytes, self.places = bytearray(), {}

    def add(self, text):
        raw = text.encode()
        if raw not in self.places:
            self.places[raw] = len(self.bytes)
            self.bytes += raw
        return struct.pack("<II", self.places[raw], len(raw))


def snake(name):
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def key(name):
    return int.from_bytes(name.encode(), "big") if len(name) == 3 else 0


class Node:
    def __init__(self, kind, name):
        self.kind, self.name, self.least, self.most, self.children = kind, name, 1, 1, []


def parse_structure(text):
    """HL7's abstract syntax: [X] optional, {X} repeats, NAME( ... ) a group, <A|B> a choice."""
    tokens = re.findall(r"[A-Za-z0-9_]+\(|[A-Za-z0-9_]+|\S", text)
    at = 0

    def take(expected=None):
        nonlocal at
        if at == len(tokens) or (expected and tokens[at] != expected):
            raise Mistake(f"expected {expected or 'more'} after: {' '.join(tokens[:at][-5:])}")
        at += 1
        return tokens[at - 1]

    def item():
        token = take()
        if token == "[" or token == "{":
            node = item()
            take("]" if token == "[" else "}")
            if token == "[":
                node.least = 0
            else:
                node.most = 0
            return node
        if token == "<":
            node = Node("choice", "")
            node.children.append(item())
            while tokens[at] == "|":
                take()
                node.children.append(item())
            take(">")
            return node
        if token.endswith("("):
            node = Node("group", token[:-1])
            node.children = items(")")
            take(")")
            return node
        if token == "ANYHL7SEGMENT":
            return Node("any", "")
        if not re.fullmatch(r"[A-Z][A-Z0-9]{2}", token):
            raise Mistake(f"not a segment name: {token}")
        return Node("segment", token)

    def items(end):
        found = []
        while at < len(tokens) and tokens[at] != end:
            found.append(item())
        return found

    children = items(None)
    if at != len(tokens):
        raise Mistake(f"more than a structure: {tokens[at]}")
    return children


class Schema:
    """One version's file."""

    def __init__(self):
        self.name, self.closed, self.user = "", set(), set()
        self.types, self.segments, self.structures, self.events = {}, {}, {}, []


def parse_part(line, expected):
    match = re.fullmatch(r"  (\d+) (\w+) (\d+)\.\.(\d+|\*) (\d+|-) (\d{4}|-) ?(.*)", line)
    if not match:
        raise Mistake("not a field or component")
    number, kind, least, most, length, table, name = match.groups()
    if int(number) != expected:
        raise Mistake(f"number {number} where {expected} is due")
    withdrawn = kind == "WD"
    return (kind, int(least), 0 if most == "*" else int(most), 0 if length == "-" else int(length),
            0 if table == "-" else int(table), name, withdrawn or most == "0")


def read(path, schemas, tables, titles):
    schema, target = None, None
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        try:
            if not line or line.startswith("#"):
                continue
            if line.startswith("  "):
                if isinstance(target, list):
                    target.append(parse_part(line, len(target) + 1))
                elif isinstance(target, dict):
                    code, _, meaning = line[2:].partition("\t")
                    target[code] = meaning
                elif isinstance(target, Node):
                    target.children = parse_structure(line)
                else:
                    raise Mistake("stands below nothing")
                continue
            word, _, rest = line.partition(" ")
            target = None
            if word == "version":
                schema = schemas.setdefault(rest, Schema())
                schema.name = rest
            elif word in ("closed", "user"):
                (schema.closed if word == "closed" else schema.user).update(int(table) for table in rest.split())
            elif word in ("type", "segment"):
                target = (schema.types if word == "type" else schema.segments).setdefault(rest, [])
            elif word == "structure":
                target = schema.structures[rest] = Node("group", rest)
            elif word == "event":
                structure, code, *events = rest.split()
                schema.events += [(key(code), key(event), code, "" if event == "-" else event, structure) for event in events]
            elif word == "title":
                name, _, title = rest.partition(" ")
                titles[name] = title
            elif word == "table":
                table, _, name = rest.partition(" ")
                target = {}
                tables[int(table)] = (name, target)
            else:
                raise Mistake(f"`{word}` is no declaration")
        except Mistake as mistake:
            sys.exit(f"{path}:{number}: {mistake}")


class Blob:
    def __init__(self):
        self.strings = Strings()
        self.sections = {name: bytearray() for name in
                         ("versions", "structures", "nodes", "definitions", "parts", "events", "tables", "codes",
                          "tables_of", "titles")}
        self.counts = dict.fromkeys(self.sections, 0)

    def put(self, section, packed):
        self.sections[section] += packed
        self.counts[section] += 1
        return self.counts[section] - 1

    def definitions(self, named, types):
        first = self.counts["definitions"]
        for name, parts in sorted(named.items()):
            start = self.counts["parts"]
            for kind, least, most, length, table, label, withdrawn in parts:
                datatype = NONE if withdrawn or kind == "varies" else types[kind]
                self.put("parts", self.strings.add(label) + self.strings.add(snake(label)) + self.strings.add(kind) +
                         struct.pack("<IHHHHI", length, least, most, table, datatype, 1 if withdrawn else 0))
            self.put("definitions", self.strings.add(name) + struct.pack("<II", start, len(parts)))
        return first, len(named)

    def nodes(self, node, parent, flat):
        index = len(flat)
        entry = [node, parent, 0]
        flat.append(entry)
        for child in node.children:
            self.nodes(child, index, flat)
        entry[2] = len(flat)

    def structures(self, schema):
        first = self.counts["structures"]
        segments = {name: index for index, name in enumerate(sorted(schema.segments))}
        for name, root in sorted(schema.structures.items()):
            flat = []
            self.nodes(root, NONE, flat)
            start = self.counts["nodes"]
            for node, parent, end in flat:
                segment = node.kind == "segment"
                self.put("nodes", self.strings.add(node.name) + struct.pack(
                    "<IHHHHHH", key(node.name) if segment else 0, KINDS[node.kind], node.least, node.most, parent, end,
                    segments.get(node.name, NONE) if segment else NONE))
            self.put("structures", self.strings.add(name) + struct.pack("<II", start, len(flat)))
        return first, len(schema.structures)

    def version(self, schema):
        used = {part[0] for parts in list(schema.types.values()) + list(schema.segments.values()) for part in parts
                if not part[6]}
        all_types = dict(schema.types)
        for kind in used - {"varies"}:
            all_types.setdefault(kind, [])
        types = {name: index for index, name in enumerate(sorted(all_types))}
        structures = self.structures(schema)
        segments = self.definitions(schema.segments, types)
        datatypes = self.definitions(all_types, types)
        names = {name: index for index, name in enumerate(sorted(schema.structures))}
        first_event = self.counts["events"]
        for code, event, code_name, event_name, structure in sorted(schema.events):
            self.put("events", self.strings.add(code_name) + self.strings.add(event_name) +
                     struct.pack("<III", code, event, names[structure]))
        tables = []
        for numbers in (schema.closed, schema.user):
            tables += [self.counts["tables_of"], len(numbers)]
            for table in sorted(numbers):
                self.put("tables_of", struct.pack("<H", table))
        self.put("versions", self.strings.add(schema.name) + struct.pack(
            "<12I", *structures, *segments, *datatypes, first_event, len(schema.events), *tables))

    def tables(self, tables):
        for number, (name, codes) in sorted(tables.items()):
            first = self.counts["codes"]
            for code, meaning in sorted(codes.items(), key=lambda item: item[0].encode()):
                self.put("codes", self.strings.add(code) + self.strings.add(meaning))
            self.put("tables", self.strings.add(name) + struct.pack("<III", number, first, len(codes)))

    def titles(self, titles):
        for name, title in sorted(titles.items()):
            self.put("titles", self.strings.add(name) + self.strings.add(title))

    def bytes(self):
        head = struct.pack("<4sI", b"SH7D", 3)
        offset = len(head) + 4 * (2 * len(self.sections) + 2)
        body = bytearray()
        for name, data in self.sections.items():
            head += struct.pack("<II", offset + len(body), self.counts[name])
            body += data + b"\0" * (-len(data) % 4)
        head += struct.pack("<II", offset + len(body), len(self.strings.bytes))
        return head + body + self.strings.bytes


def main():
    schemas, tables, titles = {}, {}, {}
    for path in sys.argv[2:]:
        read(path, schemas, tables, titles)
    blob = Blob()
    for name in sorted(schemas, key=lambda name: [int(number) for number in name.split(".")]):
        blob.version(schemas[name])
    blob.tables(tables)
    blob.titles(titles)
    with open(sys.argv[1], "wb") as out:
        out.write(blob.bytes())


main()
