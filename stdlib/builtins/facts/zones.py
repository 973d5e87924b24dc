#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the time zones of the IANA database as a C++ source: zones.py /usr/share/zoneinfo OUT. Reads the compiled files (RFC
8536), so what the functions answer is fixed when the program is built and the same on every machine that runs it."""
import pathlib
import re
import struct
import sys

OFFSET = re.compile(r"(?:<[^>]+>|[A-Za-z]+)([+-]?\d+(?::\d+){0,2})?")
RULE = re.compile(r",M(\d+)\.(\d+)\.(\d+)(?:/([+-]?\d+(?::\d+){0,2}))?")


def seconds(text):
    sign = -1 if text.startswith("-") else 1
    parts = [int(part) for part in text.lstrip("+-").split(":")] + [0, 0]
    return sign * (parts[0] * 3600 + parts[1] * 60 + parts[2])


def read(path):
    data = path.read_bytes()
    if data[:4] != b"TZif" or data[4:5] < b"2":
        return None
    counts = struct.unpack(">6l", data[20:44])
    isut, isstd, leap, times, types, chars = counts
    at = 44 + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    isut, isstd, leap, times, types, chars = struct.unpack(">6l", data[at + 20:at + 44])
    at += 44
    since = struct.unpack(f">{times}q", data[at:at + 8 * times])
    at += 8 * times
    kinds = data[at:at + times]
    at += times
    offsets = [struct.unpack(">l", data[at + 6 * i:at + 6 * i + 4])[0] for i in range(types)]
    at += 6 * types + chars + 12 * leap + isstd + isut
    footer = data[at:].decode("ascii").strip("\n")
    changes = [(-(2**62), offsets[0])]
    for when, kind in zip(since, kinds):
        if offsets[kind] != changes[-1][1]:
            changes.append((when, offsets[kind]))
    return changes, footer


def read_footer(footer, changes):
    """standard offset, summer offset, and the two rules as month, week, day, second of the day; no rules: no summer time."""
    if not footer:
        return f"{{{changes[-1][1]}, 0, false, {{}}, {{}}}}"
    match = OFFSET.match(footer)
    standard = -seconds(match.group(1))
    rest = footer[match.end():]
    if not rest:
        return f"{{{standard}, 0, false, {{}}, {{}}}}"
    match = OFFSET.match(rest)
    summer = -seconds(match.group(1)) if match.group(1) else standard + 3600
    rules = RULE.findall(rest[match.end():])
    if len(rules) != 2:
        raise SystemExit(f"zones.py: cannot read the rule {footer}")
    written = ["{%s, %s, %s, %d}" % (m, w, d, seconds(t or "2")) for m, w, d, t in rules]
    return f"{{{standard}, {summer}, true, {written[0]}, {written[1]}}}"


def main():
    root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    wanted = re.compile(r"^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/|^(UTC|GMT)$")
    zones, names, changes = {}, [], []
    for path in sorted(root.rglob("*"), key=lambda p: str(p.relative_to(root)).encode()):
        name = str(path.relative_to(root))
        if not wanted.match(name) or not path.is_file():
            continue
        zone = read(path)
        if zone is None:
            continue
        key = (tuple(zone[0]), zone[1])
        if key not in zones:
            zones[key] = len(zones), len(changes)
            changes += zone[0]
        names.append((name, zones[key][0]))
    if len(names) < 300:
        raise SystemExit(f"zones.py: only {len(names)} time zones in {root}; is the package tzdata installed?")
    lines = ["// Written by stdlib/builtins/facts/zones.py.", '#include "stdlib/builtins/facts/zone_data.h"', "",
             "namespace smarthl7::builtins {", ""]
    lines += ["const std::int64_t kZoneSince[] = {" + ", ".join(str(when) for when, _ in changes) + "};"]
    lines += ["const std::int32_t kZoneOffsets[] = {" + ", ".join(str(offset) for _, offset in changes) + "};"]
    lines += ["const Zone kZones[] = {"]
    lines += ["    {%d, %d, %s}," % (first, len(key[0]), read_footer(key[1], key[0])) for key, (_, first) in zones.items()]
    lines += ["};", "const ZoneName kZoneNames[] = {"]
    lines += ['    {"%s", %d},' % name for name in names]
    lines += ["};", f"const std::size_t kZoneNameCount = {len(names)};", "", "}  // namespace smarthl7::builtins", ""]
    out.write_text("\n".join(lines), encoding="ascii")


main()
