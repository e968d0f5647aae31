"""Where records are written to: JSONL and Parquet."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pagemill.errors import PagemillError
from workers.records.lines import Version, version_of
from workers.records.outputs import whole_file

BATCH = 500
"""Records that are written, brought to disk and then acknowledged together."""


class Sink(Protocol):
    """A place for records. What `write` returned from is safe once `keep` has returned."""

    def write(self, bodies: Sequence[bytes]) -> None:
        """Write records, each as its JSON."""

    def keep(self) -> None:
        """Bring what was written to disk."""

    def close(self, *, complete: bool) -> None:
        """End it. With `complete` false a file that would have been written whole does not appear."""


class StreamSink:
    """Lines on an open stream, such as standard output; `change` is what a line goes through."""

    def __init__(self, stream: BinaryIO, change: Any = None) -> None:
        self._stream = stream
        self._change = change

    def write(self, bodies: Sequence[bytes]) -> None:
        """One line each."""
        for body in bodies:
            self._stream.write((self._change(body) if self._change else body) + b"\n")

    def keep(self) -> None:
        """Out of our buffer."""
        self._stream.flush()

    def close(self, *, complete: bool) -> None:  # noqa: ARG002 - the stream is another's
        """The stream stays open."""
        self._stream.flush()


class AppendSink:
    """A JSONL file that is added to. A record that its end holds already is not written again.

    Records are acknowledged after they are on disk. A process that dies between the two is given its last batch
    again: its records are the file's last lines, and a line that it did not finish is cut off. So each record is
    in the file once, as long as one process writes it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b")
        self._written = self._last_versions()

    def write(self, bodies: Sequence[bytes]) -> None:
        """One line each, but for those that are there."""
        for body in bodies:
            if not self._written or version_of(body) not in self._written:
                self._file.write(body + b"\n")

    def keep(self) -> None:
        """On disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self, *, complete: bool) -> None:  # noqa: ARG002 - a line is whole or it is not there
        """Close the file."""
        self._file.close()

    def _last_versions(self) -> frozenset[Version]:
        """The versions in the last lines: as many as are acknowledged together."""
        found = [version_of(line) for line in self._last_lines(BATCH)]
        versions = frozenset(version for version in found if version)
        if None in found:
            msg = f"{self._file.name}: holds something else than records: name another file"
            raise PagemillError(msg)
        return versions

    def _last_lines(self, count: int) -> list[bytes]:
        """The last whole lines; a torn one at the end is cut off."""
        end = self._file.seek(0, os.SEEK_END)
        tail, start = b"", end
        while start and tail.count(b"\n") <= count:
            start = max(0, start - (1 << 20))
            self._file.seek(start)
            tail = self._file.read(end - start)
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            self._file.truncate(start + whole)
        lines = tail[:whole].splitlines()
        return lines[-count:]


class WholeSink:
    """A JSONL file that appears when it is complete, in the place of an older one."""

    def __init__(self, path: Path) -> None:
        self._context = whole_file(str(path))
        self._file = self._context.__enter__()

    def write(self, bodies: Sequence[bytes]) -> None:
        """One line each."""
        self._file.writelines(body + b"\n" for body in bodies)

    def keep(self) -> None:
        """Nothing is safe before the end."""

    def close(self, *, complete: bool) -> None:
        """Give the file its name, or drop it."""
        end_file(self._context, complete=complete)


def end_file(context: Any, *, complete: bool) -> None:
    """Leave the context of a whole file: so that it appears, or so that it does not."""
    if complete:
        context.__exit__(None, None, None)
        return
    dropped = PagemillError("not complete")
    try:
        context.__exit__(PagemillError, dropped, None)
    except PagemillError as error:
        if error is not dropped:
            raise
