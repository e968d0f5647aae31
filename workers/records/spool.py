"""Spool: what `run` has read of its records and outcomes, on disk, until it is written in the order of the input.

Several workers settle pages in any order, and an input may be larger than memory: SQLite sorts. With a path that
is kept it also lets a run go on where another was killed: what it had read is there, and nothing twice.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pagemill.errors import PagemillError
from workers.records.lines import version_of

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pages (id TEXT PRIMARY KEY, place INTEGER, pushes INTEGER, dated INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records
  (id TEXT, article TEXT, version INTEGER, body BLOB, UNIQUE (id, article, version));
CREATE TEMP TABLE outcomes (id TEXT, line BLOB);
"""
_PAGE = """INSERT INTO pages VALUES (?, ?, 1, ?)
  ON CONFLICT (id) DO UPDATE SET pushes = pushes + 1, dated = max(dated, excluded.dated)"""
_RECORDS = """SELECT body, coalesce(dated, 1) FROM records LEFT JOIN pages USING (id)
  WHERE ? OR place IS NOT NULL ORDER BY place, records.rowid"""
_OUTCOMES = """SELECT line FROM (
    SELECT line, place, pushes, outcomes.rowid AS row, row_number() OVER (PARTITION BY id ORDER BY outcomes.rowid) AS n
    FROM outcomes LEFT JOIN pages USING (id)
  ) WHERE ? OR n <= pushes ORDER BY place, row"""


class Spool:
    """Keeps records and outcomes of pages. `path` None: nothing outlives it."""

    def __init__(self, path: Path | None = None) -> None:
        try:
            # An empty name is SQLite's own temporary file, which it deletes.
            self._database = sqlite3.connect(path or "", isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL" if path else "PRAGMA journal_mode=OFF")
            self._database.execute("PRAGMA synchronous=NORMAL" if path else "PRAGMA synchronous=OFF")
            self._database.executescript(_SCHEMA)
            (last,) = self._database.execute("SELECT coalesce(max(place), 0) FROM pages").fetchone()
        except sqlite3.Error as error:
            raise _failed(path, error) from None
        self._path = path
        self._place: int = last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    def add_pages(self, pages: Iterable[tuple[str, bool]]) -> None:
        """Pages that are about to be pushed, in their order: the id, and whether it came with its time."""
        rows = []
        for page, dated in pages:
            self._place += 1
            rows.append((page, self._place, dated))
        self._write([(_PAGE, rows)])

    def add(self, records: Sequence[bytes], outcomes: Sequence[tuple[str, bytes]]) -> None:
        """Records as their JSON, and outcomes as page id and line, all or none; a record that is there stays.

        What is no record is left out: on a shared Redis anybody may have put it there.
        """
        found = [(version_of(body), body) for body in records]
        rows = [(one.id, one.article, one.version, body) for one, body in found if one]
        self._write(
            [
                ("INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?)", rows),
                ("INSERT INTO outcomes VALUES (?, ?)", outcomes),
            ]
        )

    def records(self, *, foreign: bool) -> Iterator[tuple[bytes, bool]]:
        """Each record's JSON, and whether its page came with its time; `foreign`: also of pages never pushed here."""
        yield from ((body, bool(dated)) for body, dated in self._read(_RECORDS, foreign))

    def outcomes(self, *, foreign: bool) -> Iterator[bytes]:
        """The lines of outcomes; without `foreign` at most one for each time that a page was pushed here."""
        yield from (line for (line,) in self._read(_OUTCOMES, foreign))

    def _read(self, query: str, foreign: bool) -> Iterator[Any]:  # noqa: FBT001 - the query's one parameter
        try:
            yield from self._database.execute(query, (foreign,))
        except sqlite3.Error as error:
            raise _failed(self._path, error) from None

    def _write(self, statements: Sequence[tuple[str, Sequence[Sequence[object]]]]) -> None:
        try:
            self._database.execute("BEGIN")
            for statement, rows in statements:
                self._database.executemany(statement, rows)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            raise _failed(self._path, error) from None


def _failed(path: Path | None, error: sqlite3.Error) -> PagemillError:
    return PagemillError(f"{path or 'the temporary spool'}: {error}")
