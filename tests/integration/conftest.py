"""The command line as a user has it: a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


def processes():
    """Process ids that are alive, with the parent and the command of each."""
    told = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=3) for line in told.splitlines()]
    return {int(pid): (int(parent), command) for pid, parent, state, command in rows if not state.startswith("Z")}


class Family:
    """A process and all below it."""

    def __init__(self, pid):
        alive = processes()
        self.pids = {pid}
        while more := {child for child, (parent, _) in alive.items() if parent in self.pids} - self.pids:
            self.pids |= more
        self._first = pid
        self._alive = alive

    def child(self, words):
        """The first process's child whose command holds the words."""
        (pid,) = [pid for pid in self.pids if self._alive[pid][0] == self._first and words in self._alive[pid][1]]
        return pid

    def survivors(self, seconds=20.0):
        """Those still alive after a while; empty as soon as there are none."""
        deadline = time.monotonic() + seconds
        while (alive := self.pids & set(processes())) and time.monotonic() < deadline:
            time.sleep(0.1)
        return alive


class CommandLine:
    """Runs `pagemill` in a folder, with the environment of the test and nothing of Pagemill's but what it is given."""

    def __init__(self, folder):
        self.folder = folder
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith("PAGEMILL_")}
        self._started = []

    def __call__(self, *arguments, stdin=None, **variables):
        """Run to the end; answers the CompletedProcess with text, its streams apart."""
        return subprocess.run(
            self._command(arguments),
            cwd=self.folder,
            env=self.variables | variables,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, *arguments, **variables):
        """Run beside the test; what is still alive at its end is killed."""
        process = subprocess.Popen(
            self._command(arguments),
            cwd=self.folder,
            env=self.variables | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    @staticmethod
    def family(process):
        """The process and all that it has started by now."""
        return Family(process.pid)

    def end(self):
        for process in self._started:
            process.kill()
            process.communicate()

    @staticmethod
    def _command(arguments):
        return [sys.executable, "-P", "-m", "workers.cli", *map(str, arguments)]


@pytest.fixture
def pagemill(tmp_path):
    """The command line, in an empty folder."""
    command_line = CommandLine(tmp_path)
    yield command_line
    command_line.end()


@pytest.fixture
def mill(pagemill, redis_client, redis_url):
    """The command line on an empty server."""
    pagemill.variables["PAGEMILL_REDIS_URL"] = redis_url
    return pagemill


@pytest.fixture(scope="session")
def pages():
    """The example pages."""
    return REPOSITORY / "examples" / "pages"
