"""Runs a module of ours over one page in a process of its own, for whoever has threads and so must not fork.

The page may have killed before. The process gets no password, ends with ours, and bounds itself as a horse does
(`horse.limit_memory`, `horse.limit_cpu`); what it prints on standard output is its answer.
"""

import os
import subprocess
import sys
from tempfile import TemporaryFile

import msgspec

from workers.settings import ENVIRONMENT_PREFIX

START = 60.0
"""Seconds that a process may take to load its libraries on a busy machine."""

MOST_ANSWER = 200_000_000
"""Bytes of an answer; it is hardly larger than the page, whose size has a limit."""

MOST_WORDS = 40_000


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended. `code`: as of a subprocess, None when it was given up; `words`: of its standard error."""

    code: int | None
    answer: bytes
    words: str


def run_apart(module: str, order: bytes, *, seconds: float) -> Ended:
    """Run `python -m module PARENT` with the order on its input, for so many seconds beside its start.

    Files, not pipes: nothing that the process does can make us wait, or hold more than we read.
    """
    with TemporaryFile() as told, TemporaryFile() as answered, TemporaryFile() as words:
        told.write(order)
        told.seek(0)
        process = subprocess.Popen(  # noqa: S603 - this very program
            # -P: a folder "workers" in the working directory is not ours.
            [sys.executable, "-P", "-m", module, str(os.getpid())],
            stdin=told,
            stdout=answered,
            stderr=words,
            env=environment(),
            start_new_session=True,
        )
        code: int | None = None
        try:
            code = process.wait(START + seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.kill()
            process.wait()
        answered.seek(0)
        words.seek(0)
        said = words.read(MOST_WORDS).decode("utf-8", "replace").strip()
        return Ended(code=code, answer=answered.read(MOST_ANSWER), words=said)


def environment() -> dict[str, str]:
    """Our own variables without our settings, which hold passwords."""
    return {name: value for name, value in os.environ.items() if not name.startswith(ENVIRONMENT_PREFIX)}


def own_output() -> int:
    """In the process: keep standard output for the answer, and send what libraries print there nowhere."""
    output = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return output
