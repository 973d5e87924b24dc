#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The object files that the simulation runs are the service's own.

Reads how `smarthl7` and `tests.sim.histories` are linked (build.ninja) and compiled (compile_commands.json) and what they hold
(nm): the archives of the runtime are the same files in both, no source of theirs is compiled a second time, nothing that the
tests link defines one of their symbols, and each of their functions has the same size in both programs.
Usage: same_objects.py BUILD_FOLDER
"""
import json
import pathlib
import re
import subprocess
import sys

FOLDERS = ["env", "eval", "flow", "store", "store/sqlite", "transport", "transport/mllp"]
ARCHIVES = {f"runtime/{folder}/libruntime.{folder.replace('/', '.')}.a" for folder in FOLDERS}
SERVICE, HISTORIES = "smarthl7", "tests/sim/tests.sim.histories"


def link_of(ninja, program):
    """Objects and archives that the program is linked from, as ninja's link step names them."""
    found = re.search(rf"^build {re.escape(program)}: CXX_EXECUTABLE_LINKER\S* ([^|\n]*)\|([^|\n]*)", ninja, re.M)
    assert found, f"build.ninja does not link {program}"
    return found.group(1).split(), [word for word in found.group(2).split() if word.endswith(".a")]


def archives_differ(service, histories):
    """Runtime archives that only one of the two has."""
    wrong = [f"{archive}: the service is not linked with it" for archive in ARCHIVES - set(service)]
    wrong += [f"{archive}: the histories are not linked with it" for archive in ARCHIVES - set(histories)]
    names = {pathlib.PurePath(archive).name: archive for archive in ARCHIVES}
    for archive in histories:
        name = pathlib.PurePath(archive).name
        if name in names and archive != names[name]:
            wrong.append(f"{archive}: another file than the service's {names[name]}")
    return wrong


def compiled_twice(commands):
    counts = {}
    for entry in commands:
        counts.setdefault(entry["file"], []).append(entry.get("output", ""))
    return [f"{file}: compiled {len(outputs)} times" for file, outputs in counts.items()
            if len(outputs) > 1 and re.search(rf"/runtime/({'|'.join(FOLDERS)})/[^/]*\.cc$", file)]


def strong_symbols(files, kinds="TDBR"):
    """Name and size of every function and object that the files define, but for those that many files may define."""
    out = subprocess.run(["nm", "-S", "--defined-only", *files], capture_output=True, text=True, check=True).stdout
    symbols = {}
    for line in out.splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in kinds:
            symbols[words[3]] = int(words[1], 16)
    return symbols


def defined_again(runtime, others):
    return [f"{name}: defined by the tests too" for name in runtime if name in others]


def sizes_differ(runtime, service, histories):
    both = [name for name in runtime if name in service and name in histories]
    wrong = [f"{name}: {service[name]} bytes in the service, {histories[name]} in the histories"
             for name in both if not service[name] == histories[name] == runtime[name]]
    return wrong, len(both)


def see_what_is_wrong(runtime, service, histories, links, commands):
    """A check that finds nothing must be able to find something."""
    name = next(name for name in runtime if name in service and name in histories)
    assert archives_differ(links[0], [a for a in links[1] if "flow" not in a])
    assert archives_differ(links[0], links[1] + ["tests/sim/libruntime.flow.a"])
    one = next(entry for entry in commands if "/runtime/flow/" in entry["file"])
    assert compiled_twice(commands + [one])
    assert defined_again(runtime, {name: 1})
    assert sizes_differ(runtime, service, {**histories, name: histories[name] + 1})[0]


def main():
    build = pathlib.Path(sys.argv[1])
    ninja = (build / "build.ninja").read_text()
    commands = json.loads((build / "compile_commands.json").read_text())
    objects, ours = link_of(ninja, HISTORIES)
    links = (link_of(ninja, SERVICE)[1], ours)
    wrong = archives_differ(*links) + compiled_twice(commands)
    runtime = strong_symbols([build / archive for archive in sorted(ARCHIVES)])
    others = strong_symbols([build / file for file in objects] + [build / archive for archive in ours if archive.startswith("tests/")])
    wrong += defined_again(runtime, others)
    linked = "TDBRtdbr"  # in a program the linker has made most of them local
    service, histories = strong_symbols([build / SERVICE], linked), strong_symbols([build / HISTORIES], linked)
    different, same = sizes_differ(runtime, service, histories)
    wrong += different
    see_what_is_wrong(runtime, service, histories, links, commands)
    assert same > 500, f"only {same} symbols of the runtime are in both programs"
    for text in wrong:
        print(text)
    print(f"{len(ARCHIVES)} archives, {same} symbols in both programs: {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
