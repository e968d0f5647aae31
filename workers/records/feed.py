"""The records stream as batches for a sink: as a group's consumer, or without a group from the start."""

import hashlib
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from redis import Redis
from redis.exceptions import RedisError

from pagemill.connection import Patience, describe, passes
from pagemill.group import Entry, GroupReader
from workers.records.lines import version_of
from workers.records.sinks import BATCH, Sink

TAKEOVER = 60.0
"""Seconds after which what another consumer let lie is taken over."""

_BLOCK = 1.0

_T = TypeVar("_T")

Complain = Callable[[str], None]


class GroupFeed:
    """Batches for one consumer of a group.

    First what it was given before and never acknowledged, then others' orphans, then new ones: with the same
    `name` a process takes up at once where the one before it died.
    """

    def __init__(self, client: Redis, stream: str, *, group: str, name: str, complain: Complain) -> None:
        self._client = client
        self._stream = stream
        self._group = group
        self.complain = complain
        self._reader = GroupReader(client, stream, group=group, name=name, takeover=round(TAKEOVER * 1000))

    def batches(self, *, follow: bool) -> Iterator[list[Entry]]:
        """Entries, until there are no more, or for ever; a lost connection is waited for when following."""
        self._reader.join()
        after = "0-0"
        while entries := self._ask(partial(self._reader.own, after, BATCH), follow=follow):
            after = entries[-1][0]
            yield entries
        look = 0.0
        while True:
            entries = []
            if time.monotonic() >= look:
                look = time.monotonic() + TAKEOVER / 4
                entries = self._ask(lambda: self._reader.orphans(BATCH), follow=follow)
            entries = entries or self._ask(lambda: self._reader.new(BATCH, _milliseconds(follow)), follow=follow)
            if not entries and not follow:
                return
            if entries:
                yield entries

    def acknowledge(self, ids: Sequence[str], *, follow: bool) -> None:
        """They are safe."""
        if ids:
            self._ask(lambda: self._client.xack(self._stream, self._group, *ids), follow=follow)

    def give_back(self, ids: Sequence[str]) -> None:
        """They are another's to take, at once."""
        self._reader.give_back(ids)

    def leave(self) -> None:
        """Leave the group, unless something is still held."""
        self._reader.leave()

    def _ask(self, call: Callable[[], _T], *, follow: bool) -> _T:
        return _patient(call, self._client, self.complain) if follow else call()


class PlainFeed:
    """Batches of the whole stream from its start, without a trace in Redis."""

    def __init__(self, client: Redis, stream: str, *, complain: Complain) -> None:
        self._client = client
        self._stream = stream
        self.complain = complain

    def batches(self, *, follow: bool) -> Iterator[list[Entry]]:
        """Entries, until there are no more, or for ever."""
        after = "0-0"
        while True:
            entries = self._read(after, follow=follow)
            if entries:
                after = entries[-1][0]
                yield entries
            elif not follow:
                return

    def acknowledge(self, ids: Sequence[str], *, follow: bool) -> None:
        """Nobody keeps a book of it."""

    def give_back(self, ids: Sequence[str]) -> None:
        """Nothing was taken."""

    def leave(self) -> None:
        """Nobody came."""

    def _read(self, after: str, *, follow: bool) -> list[Entry]:
        def ask() -> list[Any]:
            found = cast("Any", self._client.xread({self._stream: after}, count=BATCH, block=_milliseconds(follow)))
            return cast("list[Any]", found[0][1] if found else [])

        entries = _patient(ask, self._client, self.complain) if follow else ask()
        return [(entry.decode(), fields) for entry, fields in entries]


def pour(feed: "GroupFeed | PlainFeed", sink: Sink, *, follow: bool, limit: int | None, at_once: bool) -> int:
    """Write a feed's records into a sink, and acknowledge them when they are safe; answers how many there were.

    `at_once`: they are safe after each batch, else only when the sink is closed. The sink is closed in any case.
    """
    done = 0
    unsafe: list[str] = []
    complete = False
    try:
        for entries in feed.batches(follow=follow):
            taken = entries if limit is None else entries[: limit - done]
            sink.write(list(_records(taken, feed.complain)))
            done += len(taken)
            unsafe += [entry for entry, _ in taken]
            if at_once:
                sink.keep()
                feed.acknowledge(unsafe, follow=follow)
                unsafe = []
            if limit is not None and done >= limit:
                feed.give_back([entry for entry, _ in entries[len(taken) :]])
                break
        complete = True
    finally:
        sink.close(complete=complete)
    feed.acknowledge(unsafe, follow=follow)
    feed.leave()
    return done


def _records(entries: Sequence[Entry], complain: Complain) -> Iterator[bytes]:
    """The bodies of those that are records; the others are told, and left out."""
    for entry, fields in entries:
        body = fields.get(b"body", b"")
        if version_of(body):
            yield body
        else:
            why = "is no record" if fields else "trimmed before it was read"
            complain(f"entry {entry} of the records is left out: {why}")


def consumer_name(path: Path | None) -> str:
    """A name that is the same each time for the same file on the same machine, and for no file a new one."""
    if path is None:
        return f"terminal-{socket.gethostname()}-{time.time_ns():x}"
    place = f"{socket.gethostname()}:{path.resolve()}"
    return f"file-{hashlib.blake2b(place.encode('utf-8', 'surrogateescape'), digest_size=8).hexdigest()}"


def _milliseconds(follow: bool) -> int | None:  # noqa: FBT001 - a rule, not a choice
    return round(_BLOCK * 1000) if follow else None


def _patient(call: Callable[[], _T], client: Redis, complain: Complain) -> _T:
    """What `call` answers, however long the connection is lost."""
    patience = Patience(None)
    lost = False
    while True:
        try:
            return call()
        except RedisError as error:
            if not passes(error):
                raise
            if not lost:
                lost = True
                complain(f"{describe(error, client)}; trying on")
            patience.wait()
