"""Intake: the pages of all inputs, one after the other; what cannot be read is told, counted and passed over."""

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

from zstandard import ZstdError

from pagemill.errors import PagemillError
from pagemill.limits import Limits
from pagemill.page import RawPage
from workers.inputs.files import Found, find, open_file, read_plain
from workers.inputs.jsonl import read_jsonl

STANDARD_INPUT = "-"


class Intake:
    """Reads inputs as a stream, so that memory is bounded by one page.

    `report` is told each problem, in one line; `bad` counts them. `skipped` counts the files in folders
    that are of no kind that holds pages. A body over its limit is cut just behind it: enough to be refused for it.
    """

    def __init__(self, limits: Limits, report: Callable[[str], None]) -> None:
        self.limits = limits
        self.bad = 0
        self.skipped = 0
        self._report = report

    def complain(self, problem: str) -> None:
        """Count a problem, and tell it."""
        self.bad += 1
        self._report(problem)

    def pages(self, inputs: Sequence[str]) -> Iterator[RawPage]:
        """The pages of all inputs in their order; those of a folder in the order of their names."""
        for name in inputs:
            if name == STANDARD_INPUT:
                yield from self._guarded("standard input", partial(self._lines, sys.stdin.buffer, "standard input"))
                continue
            for found in find(Path(name), self.complain):
                if found.kind is None:
                    self.skipped += 1
                else:
                    yield from self._guarded(str(found.path), partial(self._of_file, found))

    def _of_file(self, found: Found) -> Iterator[RawPage]:
        with open_file(found.path) as stream:
            if found.kind == "jsonl":
                yield from self._lines(stream, str(found.path))
            elif found.kind == "warc":
                from workers.inputs.warc import read_warc  # noqa: PLC0415 - an extra

                yield from read_warc(stream, str(found.path), self.limits, self.complain)
            else:
                yield read_plain(stream, found, self.limits)

    def _lines(self, stream: BinaryIO, label: str) -> Iterator[RawPage]:
        return read_jsonl(stream, label, self.limits, self.complain)

    def _guarded(self, label: str, read: Callable[[], Iterator[RawPage]]) -> Iterator[RawPage]:
        """The pages of one file up to where it cannot be read on."""
        try:
            yield from read()
        except OSError as error:
            self.complain(f"{label}: {error.strerror or error}")
        except (EOFError, zlib.error, ZstdError) as error:
            self.complain(f"{label}: is not {'zstd' if label.lower().endswith('.zst') else 'gzip'} to its end: {error}")
        except PagemillError as error:
            self.complain(f"{label}: {error}")
