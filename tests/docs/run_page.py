#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows pages of the documentation word by word in a clean folder: writes the files that they show, runs the commands that they
show, and holds what comes against what they print.

Usage: run_page.py PROGRAM PAGE...

Blocks of a page, by what stands after their three backquotes:
  route FILE, hl7 FILE, csv FILE, ...   the file is written
  route FILE replace                    declarations of the same kind and name are replaced in it, others added
  console                               lines that begin with `$ ` are run, what follows them must be their output
  console exit=N                        the same, for commands that end with N
  anything else                         is left alone; `tests/docs/check_routes.py` sees to blocks of `route` alone
In expected output `…` stands for anything on its line, and a line of it alone for any lines. A command that ends in ` &` runs on until
the page ends; the next one waits until it has said something. A command that only looks is asked again for a while, since a hub
delivers in its own time."""
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import os
import signal

LOOKS = ("messages", "trace", "status", "dead", "ambiguous", "tables")
FENCE = re.compile(r"^```(.*)$")


class Failure(Exception):
    pass


def blocks(text):
    info, lines, start = None, [], 0
    for number, line in enumerate(text.split("\n"), 1):
        fence = FENCE.match(line)
        if fence and info is None:
            info, lines, start = fence.group(1).strip(), [], number
        elif fence:
            yield start, info, lines
            info = None
        elif info is not None:
            lines.append(line)


def declarations(text):
    """Pieces of a route file: (key or None, lines). A piece begins in column 1 with its comments."""
    pieces, pending = [], []
    for line in text.split("\n"):
        head = re.match(r'^([a-z]+)\s+("[^"]*"|[\w.]+)', line)
        if head:
            pieces.append([(head.group(1), head.group(2)), pending + [line]])
            pending = []
        elif line.startswith("//"):
            pending.append(line)
        elif pieces and not pending:
            pieces[-1][1].append(line)
        else:
            pending.append(line)
    return pieces, pending


def replaced(old, new):
    pieces, rest = declarations(old)
    for key, lines in declarations(new)[0]:
        at = next((i for i, piece in enumerate(pieces) if piece[0] == key), None)
        if at is None:
            pieces.append([key, ["", *lines]])
        else:
            pieces[at][1] = lines if not pieces[at][1] or pieces[at][1][0] else ["", *lines]
    text = "\n".join(line for _, lines in pieces for line in lines) + "\n".join(["", *rest])
    return re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"


def fits(expected, actual):
    def line_fits(pattern, line):
        return re.fullmatch(".*?".join(re.escape(part) for part in pattern.split("…")), line) is not None

    if not expected:
        return not actual
    if expected[0].strip() == "…":
        return any(fits(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and line_fits(expected[0], actual[0]) and fits(expected[1:], actual[1:])


class Page:
    def __init__(self, program, path, folder):
        self.path, self.folder, self.behind, self.commands, self.files = path, folder, [], 0, 0
        self.environment = dict(os.environ, PATH=f"{pathlib.Path(program).resolve().parent}:{os.environ['PATH']}", NO_COLOR="1", LC_ALL="C.UTF-8")

    def run(self, command):
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        lines = done.stdout.decode(errors="replace").split("\n")
        while lines and not lines[-1].strip():
            lines.pop()
        return [line.rstrip() for line in lines], done.returncode

    def start(self, command, where):
        log = open(self.folder / f".output-{len(self.behind)}", "wb+")
        child = subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self.behind.append(child)
        for _ in range(600):
            if (self.folder / f".output-{len(self.behind) - 1}").stat().st_size > 0:
                # Its first line says that it begins; give it the moment that it takes to listen everywhere.
                time.sleep(0.5)
                break
            time.sleep(0.05)
        if child.poll() is not None:
            said = (self.folder / f".output-{len(self.behind) - 1}").read_text(errors="replace")
            raise Failure(f"{where}: `{command}` ended with {child.returncode}: {said}")

    def console(self, start, lines, code):
        steps = []
        for offset, line in enumerate(lines, 1):
            if line.startswith("$ "):
                steps.append([start + offset, line[2:], []])
            elif steps:
                steps[-1][2].append(line.rstrip())
        for number, command, expected in steps:
            while expected and not expected[-1].strip():
                expected.pop()
            where = f"{self.path}:{number}"
            self.commands += 1
            if command.endswith(" &"):
                self.start(command[:-2].strip(), where)
                continue
            word = command.split()
            patient = word[0] in ("ls", "cat", "wc", "grep") or (word[0] == "smarthl7" and len(word) > 1 and word[1] in LOOKS)
            deadline = time.monotonic() + (20 if patient else 0)
            while True:
                actual, got = self.run(command)
                if (fits(expected, actual) and got == code) or time.monotonic() >= deadline:
                    break
                time.sleep(0.2)
            if got != code:
                raise Failure(f"{where}: `{command}` ended with {got}, not {code}:\n" + "\n".join(actual))
            if not fits(expected, actual):
                raise Failure(f"{where}: `{command}` printed\n" + "\n".join(actual) + "\n--- the page has\n" + "\n".join(expected))

    def follow(self):
        for start, info, lines in blocks(self.path.read_text(encoding="utf-8")):
            word = info.split()
            if not word:
                continue
            if word[0] == "console":
                self.console(start, lines, int(word[1].removeprefix("exit=")) if len(word) > 1 else 0)
            elif len(word) > 1 and re.fullmatch(r"[\w./-]+", word[1]):
                file = self.folder / word[1]
                file.parent.mkdir(parents=True, exist_ok=True)
                text = "\n".join(lines) + "\n"
                if word[2:] == ["replace"]:
                    text = replaced(file.read_text(encoding="utf-8"), text)
                file.write_text(text, encoding="utf-8")
                self.files += 1

    def end(self):
        for child in self.behind:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        for child in self.behind:
            try:
                child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def main():
    program, failed = sys.argv[1], 0
    for name in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as scratch:
            page = Page(program, pathlib.Path(name).resolve(), pathlib.Path(scratch))
            try:
                page.follow()
                print(f"{name}: {page.files} files written, {page.commands} commands run, all as the page says")
                if page.commands == 0:
                    raise Failure(f"{name}: no command was run")
            except Failure as failure:
                failed += 1
                print(failure)
            finally:
                page.end()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
