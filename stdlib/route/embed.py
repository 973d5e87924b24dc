#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUT.inc FILE...: each file as `{"stem", R"(text)"},` for an array of names and texts."""
import pathlib
import re
import sys

DELIMITER = "smarthl7"


def main():
    out = b""
    for name in sorted(sys.argv[2:]):
        path = pathlib.Path(name)
        text = path.read_bytes()
        if f'){DELIMITER}"'.encode() in text:
            sys.exit(f"{name}: holds the delimiter of the raw string")
        # A byte that is not UTF-8 (the page about it shows one) becomes an escape between two raw strings.
        text = re.sub(
            "[\udc80-\udcff]",
            lambda byte: f'){DELIMITER}" "\\x{ord(byte[0]) - 0xDC00:02X}" R"{DELIMITER}(',
            text.decode("utf-8", "surrogateescape"),
        ).encode()
        out += f'{{"{path.stem}", R"{DELIMITER}('.encode() + text + f'){DELIMITER}"}},\n'.encode()
    pathlib.Path(sys.argv[1]).write_bytes(out)


if __name__ == "__main__":
    main()
