"""Corpus: the records of all files, one after the other; what cannot be read is told, counted and passed over."""

import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from zstandard import ZstdError

from pagemill.errors import PagemillError
from pagemill.limits import Limits
from workers.inputs.files import open_file
from workers.inputs.jsonl import numbered_lines
from workers.printable import printable
from workers.remember.parquet import is_parquet, read_parquet
from workers.remember.row import BadField, Row, to_row, wrong_type
from workers.store.corpus import Known

STANDARD_INPUT = "-"
MOST_TOLD = 10
"""Records with a bad field of one name that are told one by one; the others are counted."""


class Corpus:
    """Reads files as a stream, so that memory is bounded by one line, or by a row group of Parquet.

    `report` is told each problem, in one line. `skipped` counts records by the field that is at fault, `line` where
    there is no record; `broken` files that could not be read to their end.
    """

    def __init__(self, limits: Limits, report: Callable[[str], None]) -> None:
        self.skipped: Counter[str] = Counter()
        self.broken = 0
        self._limits = limits
        self._report = report

    def records(self, files: Sequence[str]) -> Iterator[Known]:
        """The records of all files in their order; `-` is JSONL from standard input."""
        for name in files:
            try:
                yield from self._of_file(name)
            except OSError as error:
                self._broken(name, error.strerror or str(error))
            except (EOFError, zlib.error, ZstdError) as error:
                self._broken(name, f"is compressed, and broken: {error}")
            except PagemillError as error:
                self._broken(name, str(error))

    def _of_file(self, name: str) -> Iterator[Known]:
        if name == STANDARD_INPUT:
            yield from self._lines(sys.stdin.buffer, "standard input")
        elif is_parquet(Path(name)):
            for number, read in enumerate(read_parquet(Path(name), Row.__struct_fields__), 1):
                yield from self._known(f"{name}: row {number}", lambda read=read: read)  # type: ignore[misc]
        else:
            with open_file(Path(name)) as stream:
                yield from self._lines(stream, name)

    def _lines(self, stream: BinaryIO, label: str) -> Iterator[Known]:
        decoder = msgspec.json.Decoder(Row)
        for number, line in numbered_lines(stream, self._limits):
            if line is None:
                self._skip(f"{label}:{number}", BadField("line", "is longer than a record can be: leave it out"))
            elif line.strip():
                yield from self._known(f"{label}:{number}", lambda line=line: decoder.decode(line))  # type: ignore[misc]

    def _known(self, place: str, read: Callable[[], Any]) -> Iterator[Known]:
        try:
            known = to_row(read(), self._limits)
        except BadField as error:
            self._skip(place, error)
        except msgspec.ValidationError as error:
            self._skip(place, wrong_type(error))
        except (ValueError, RecursionError) as error:
            self._skip(place, BadField("line", f"is no JSON: {error}: mend it, or leave it out"))
        else:
            yield known

    def _skip(self, place: str, error: BadField) -> None:
        self.skipped[error.field] += 1
        if (count := self.skipped[error.field]) <= MOST_TOLD:
            more = f" (others with a bad {error.field} are counted only)" if count == MOST_TOLD else ""
            self._report(f"{printable(place)}: {printable(str(error))}{printable(more)}")

    def _broken(self, name: str, problem: str) -> None:
        self.broken += 1
        self._report(f"{printable(name)}: {printable(problem)}")
