#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""embed.py OUT.inc FILE...: each file as `{"stem", R"(text)"},` for an array of names and texts."""
import pathlib
import sys

DELIMITER = "smarthl7"


def main():
    lines = []
    for name in sorted(sys.argv[2:]):
        path = pathlib.Path(name)
        text = path.read_text(encoding="utf-8")
        if f"){DELIMITER}\"" in text:
            sys.exit(f"{name}: holds the delimiter of the raw string")
        lines.append(f'{{"{path.stem}", R"{DELIMITER}({text}){DELIMITER}"}},\n')
    pathlib.Path(sys.argv[1]).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
