# SPDX-License-Identifier: Apache-2.0
"""The child processes of a run: peers that report in JSON lines, the hub, and the hub's questions. Each is ended by its id."""
import base64
import json
import pathlib
import queue
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
WITHIN = 60  # seconds that anything may take


class Failure(AssertionError):
    """A peer or the hub did not do its part; the text says which and shows its output."""


class Settings:
    """What the command line gave: the hub's executable, the installed Node packages, a scratch folder with certificates."""

    def __init__(self, program, packages, folder):
        self.program, self.packages, self.folder = program, pathlib.Path(packages).resolve(), pathlib.Path(folder)

    def node(self):
        found = sorted(self.packages.glob("node_modules/node-linux-*/bin/node"))
        if not found:
            raise Failure(f"no Node under {self.packages}; run tests/support/install_packages.sh tests/interop {self.packages}")
        return str(found[0])


class Peer:
    """A program under peers/ with its task; `next()` gives what it tells, line by line."""

    def __init__(self, settings, name, task):
        script = HERE / "peers" / name
        # Debian's interpreter, whatever stands first in PATH: python3-hl7 is installed for that one.
        runs = [settings.node()] if script.suffix == ".cjs" else ["/usr/bin/python3", "-B"]
        path = {"NODE_PATH": str(settings.packages / "node_modules"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        self.name = name
        self.errors = open(settings.folder / f"{script.stem}.err", "ab+")
        self.process = subprocess.Popen([*runs, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, env=path)
        with self.process.stdin as task_in:
            task_in.write(json.dumps(task).encode())
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def _last_words(self):
        self.errors.seek(0)
        return self.errors.read()[-2000:].decode(errors="replace")

    def next(self, within=WITHIN):
        try:
            told = self.lines.get(timeout=within)
        except queue.Empty:
            raise Failure(f"{self.name} tells nothing within {within} s\n{self._last_words()}") from None
        if told is None:
            raise Failure(f"{self.name} ended early\n{self._last_words()}")
        if "error" in told:
            raise Failure(f"{self.name}: {told['error']}")
        return told

    def all(self, within=WITHIN):
        """Everything until it ends by itself."""
        end, told = time.monotonic() + within, []
        while True:
            try:
                one = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise Failure(f"{self.name} did not end within {within} s, told {len(told)} lines\n{self._last_words()}") from None
            if one is None:
                break
            if "error" in one:
                raise Failure(f"{self.name}: {one['error']}")
            told.append(one)
        if self.process.wait(timeout=within) != 0:
            raise Failure(f"{self.name} ended with {self.process.returncode}\n{self._last_words()}")
        return told

    def told_so_far(self):
        told = []
        while not self.lines.empty():
            told.append(self.lines.get())
        return [t for t in told if t is not None]

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


class Hub:
    """The real hub with a route file of this folder, in a data folder of its own."""

    def __init__(self, settings, route, options="", **values):
        self.program = settings.program
        self.folder = settings.folder / pathlib.Path(route).stem / str(len(list(settings.folder.glob("*/*"))))
        self.folder.mkdir(parents=True)
        (self.folder / route).write_text((HERE / route).read_text().replace("// options", options))
        (self.folder / "tls").symlink_to(settings.folder / "tls")
        with open(self.folder / "hub.log", "wb") as log:
            self.process = subprocess.Popen(
                [self.program, "run", self.folder / route, "--data", self.folder / "data", "--secrets", settings.folder / "secrets",
                 *[part for name, value in values.items() for part in ("--set", f"{name}={value}")]],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.eventually(lambda: self.ask("status") or self.process.poll() is not None, "answers questions")
        if self.process.poll() is not None:
            raise Failure("the hub did not start\n" + (self.folder / "hub.log").read_text())
        self.ports = {s["name"]: int(s["listens"].rpartition(":")[2]) for s in self.ask("status")["sources"]}

    def ask(self, *words):
        done = subprocess.run([self.program, *map(str, words), "--data", self.folder / "data", "--json"], capture_output=True, timeout=WITHIN)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def source(self, name):
        return next(s for s in self.ask("status")["sources"] if s["name"] == name)

    def destination(self, name):
        status = self.ask("status")
        return {**next(d for d in status["store"]["destinations"] if d["name"] == name),
                **next(d for d in status["destinations"] if d["name"] == name)}

    def trace(self, control_id, state=None):
        """The trace of a message; with `state`, as soon as it is in that one."""
        if state is None:
            return self.ask("trace", control_id)
        self.eventually(lambda: (self.ask("trace", control_id) or {}).get("state") == state, f"{control_id} {state}",
                        lambda: json.dumps(self.ask("trace", control_id), indent=1))
        return self.ask("trace", control_id)

    def eventually(self, holds, what, more=lambda: ""):
        end = time.monotonic() + WITHIN
        while not holds():
            if time.monotonic() > end:
                raise Failure(f"not within {WITHIN} s: {what}\n{more()}\n" + (self.folder / "hub.log").read_text()[-2000:])
            time.sleep(0.02)  # between two questions to the hub, which has no event to wait for

    def end(self):
        """SIGTERM and the exit code: 0 if it drained."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def decoded(told, key):
    return base64.b64decode(told[key])
