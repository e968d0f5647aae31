"""A pool of workers as a process of its own, which ends with us."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from tempfile import TemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from pagemill.errors import PagemillError
from workers.printable import printable

GRACE = 15.0
"""Seconds to finish the page in hand in, before it is killed."""

_TAIL = 4_096


class PoolProcess:
    """`pagemill worker` with variables of its own; inside its context, and stopped at its end.

    Its log goes into a temporary file, whose last line tells why it ended; where PAGEMILL_LOG_LEVEL is set,
    somebody wants to read along: then to our standard error.
    """

    def __init__(self, queue: str, variables: Mapping[str, str]) -> None:
        self._queue = queue
        self._variables = variables
        self._process: subprocess.Popen[bytes] | None = None
        self._log: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def started(self) -> bool:
        """Whether it was started."""
        return self._process is not None

    def start(self, workers: int) -> None:
        """Start it with so many workers."""
        read_along = "PAGEMILL_LOG_LEVEL" in os.environ
        if not read_along:
            self._log = TemporaryFile(prefix="pagemill-")  # noqa: SIM115 - closed by stop
        own = {"PAGEMILL_LOG_FORMAT": "json", "PAGEMILL_LOG_LEVEL": "warning"} if self._log else {}
        # -P: a folder "workers" in the working directory is not ours.
        command = [sys.executable, "-P", "-m", "workers.cli", "worker", "--workers", str(workers)]
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [*command, "--queues", self._queue, "--owner", str(os.getpid())],
            env={**os.environ, **own, **self._variables},
            stdin=subprocess.DEVNULL,
            stdout=self._log or sys.stderr,
            stderr=self._log or sys.stderr,
            start_new_session=True,  # Ctrl-C is ours to handle
        )

    def check(self) -> None:
        """Raise PagemillError if it has ended."""
        if self._process is None or self._process.poll() is None:
            return
        status = self._process.returncode
        ended = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        words = self.last_words()
        msg = f"the pool of workers {ended}" + (f": {words}" if words else "")
        raise PagemillError(msg)

    def stop(self) -> None:
        """Have it finish what is in hand; kill it when that takes too long. It takes its workers along."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        if self._log:
            self._log.close()

    def last_words(self) -> str:
        """The last line of its log, escaped; empty where there is none."""
        if self._log is None:
            return ""
        end = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, end - _TAIL))
        lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        return printable(_said(lines[-1])) if lines else ""


def _said(line: str) -> str:
    """The event and the error of a JSON log line; another line as it is."""
    try:
        event = msgspec.json.decode(line, type=dict[str, object])
    except msgspec.DecodeError:
        return line.removeprefix("pagemill: ")
    return " ".join(str(event[name]) for name in ("event", "error") if name in event)


def available_processors() -> int:
    """Processors that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
