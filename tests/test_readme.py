"""The README is true: its commands and programs run, in their order, and its links lead somewhere."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from workers.embedded import embedded_server

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text("utf-8")
DEFAULT_URL = "redis://localhost:6379/0"
OWN_SERVER = ("make", "pagemill run")
SERVES = ("pagemill worker", "pagemill records --follow")
PATIENCE = 60.0

BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [line.partition("  #")[0].strip() for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]


@pytest.fixture
def place(tmp_path, require):
    """A copy of the repository with this Python's environment, a server, and the variables to run a block there."""
    require("redis-cli")
    folder = tmp_path / "pagemill"
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.jsonl")
    shutil.copytree(REPOSITORY, folder, ignore=unwanted)
    (folder / ".venv").symlink_to(sys.prefix)
    with embedded_server() as server:
        shims = tmp_path / "bin"
        shims.mkdir()
        _shim(shims / "make", f'{shutil.which("make")} -o .venv/installed "$@"')
        _shim(shims / "redis-cli", f'{shutil.which("redis-cli")} -s {urlsplit(server.url).path} "$@"')
        path = os.pathsep.join([str(shims), str(Path(sys.prefix, "bin")), os.environ["PATH"]])
        yield Place(folder, path, server.url)


class Place:
    """Runs what the README says as a reader would; the server of this test stands for the one at the default URL."""

    def __init__(self, folder, path, url):
        self.folder = folder
        self.url = url
        self.bare = {name: value for name, value in os.environ.items() if not name.startswith("PAGEMILL_")}
        self.bare |= {"PATH": path, "PYTEST_ARGS": "--collect-only -q tests/test_readme.py"}
        self.variables = {**self.bare, "PAGEMILL_REDIS_URL": url}

    def run(self, *command):
        """The command's output; an exit code other than 0 fails the test with all that was printed."""
        brings_its_own = command[-1].startswith(OWN_SERVER)
        variables = self.bare if brings_its_own else self.variables
        done = subprocess.run(
            command, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, command):
        """A process that runs on, its output in a file."""
        with (self.folder / "served.txt").open("ab") as output:
            return subprocess.Popen(
                ["/bin/bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.variables,
                stdout=output,
                stderr=output,
            )


def test_every_block_runs(place):
    """Each command exits with 0, each program ends, in their order; then every page that was pushed is settled."""
    served = []
    try:
        for kind, text in BLOCKS:
            for step in _steps(kind, text.replace(DEFAULT_URL, place.url)):
                if step.startswith(SERVES):
                    served.append(place.start(step))
                elif kind == "python":
                    place.run(sys.executable, "-c", step)
                else:
                    place.run("/bin/bash", "-c", step)
        _await_settled(place)
        assert [process.poll() for process in served] == [None] * len(served), (place.folder / "served.txt").read_text()
    finally:
        for process in served:
            process.terminate()
            process.wait(PATIENCE)


def test_nothing_is_shown_that_is_not_run():
    """Every block of code is sh or python, or a drawing without a language."""
    fences = re.findall(r"^```(\w*)$", README, flags=re.MULTILINE)
    assert set(fences) <= {"sh", "python", ""}
    assert len(COMMANDS) > 15


def test_links_lead_somewhere():
    """A relative link names a file of the repository, an anchor a heading of it."""
    for target in re.findall(r"\]\(([^)]+)\)", README):
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        assert not path or (REPOSITORY / path).exists(), target
        if anchor:
            assert anchor in _headings((REPOSITORY / path).read_text("utf-8") if path else README), target


def _headings(text):
    lines = [line for line in text.splitlines() if line[:1] == "#"]
    return {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in lines}


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("docker")])
def test_compose_commands_name_what_the_file_has(command, require):
    """docker-compose knows the profiles and services that the README's commands name."""
    require("docker-compose")
    words = command.split()[2:]
    profiles = [word for flag, word in pairwise(words) if flag == "--profile"]
    options = [word for profile in profiles for word in ("--profile", profile)]
    services = subprocess.run(
        ["docker-compose", *options, "config", "--services"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    named = [word.partition("=")[0] for flag, word in pairwise(words) if flag == "--scale"]
    named += words[-1:] if profiles else []
    assert set(named) <= set(services)
    assert named


def _steps(kind, text):
    if kind == "python":
        return [text.replace('group="search-index"', 'group="search-index", follow=False')]
    lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
    return [line for line in lines if not line.startswith("docker")]


def _await_settled(place):
    deadline = time.monotonic() + PATIENCE
    while True:
        audit = json.loads(place.run("pagemill", "audit", "--json"))
        assert audit["ok"], audit
        if not audit["waiting"] and not audit["running"]:
            assert audit["pushed"] >= 20
            return
        assert time.monotonic() < deadline, audit
        time.sleep(0.5)


def _shim(path, command):
    path.write_text(f"#!/bin/sh\nexec {command}\n")
    path.chmod(0o755)
