"""Consumer: iterates over the records, as one of a group that shares them."""

import logging
import os
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self, TypedDict, TypeVar, Unpack

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from pagemill.connection import DEFAULT_URL, Patience, address, connect, describe, passes, retrying
from pagemill.errors import MalformedEntry, SettingsError, brief
from pagemill.group import Entry, GroupReader
from pagemill.keys import DEFAULT_PREFIX, Keys
from pagemill.record import Record
from pagemill.trace import read_traceparent

_LOG = logging.getLogger(__name__)
_DECODER = msgspec.json.Decoder(Record)
_LOOKS_A_TAKEOVER = 4  # how often leases are renewed and orphans looked for in the time of a takeover

_T = TypeVar("_T")

OnError = Callable[[str, Mapping[Any, Any], Exception], None]
"""Is told the id, the fields and the error of an entry that is no record."""


class ReadOptions(TypedDict, total=False):
    """A consumer's settings, as it takes them by name; `ReadSettings` tells what each means."""

    batch: int
    block_seconds: float
    takeover_seconds: float
    retry_seconds: float
    follow: bool
    on_error: OnError | None


class ReadSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a consumer reads.

    `batch`: records fetched at a time. `block_seconds`: how long one wait for new records lasts,
    and so how long `stop` may take. `takeover_seconds`: a record that a consumer was given and that
    saw no sign of life for so long goes to another; set it above what one record takes you.
    `retry_seconds`: how long the first connection is tried (a lost one is tried for ever).
    `follow`: wait for more at the end, instead of ending. `on_error`: is called, beside a warning in
    the log, with an entry that is no record. Raises SettingsError for a value out of range.
    """

    batch: int = 100
    block_seconds: float = 1.0
    takeover_seconds: float = 60.0
    retry_seconds: float = 10.0
    follow: bool = True
    on_error: OnError | None = None

    def __post_init__(self) -> None:
        for name in ("batch", "block_seconds", "takeover_seconds"):
            if getattr(self, name) <= 0:
                msg = f"{name}: {getattr(self, name)}: must be above 0"
                raise SettingsError(msg)


class Consumer:
    """Iterates over the records as one of the group `group`: each record goes to one consumer of a group.

    A record is acknowledged when the loop comes back for the next. One whose loop body raised, or
    was left by `break`, stays unacknowledged and is given again: to the next iteration over this
    consumer, or to another after `takeover_seconds`. A record may so come twice, never not at all:
    write it by its `article` or `id`, so that twice does no harm.

    `redis`: a URL, or a redis-py client. `name`: by default new at each start. `options`: see
    `ReadSettings`. A new group begins at the oldest record. Not for several threads: give each its own.
    """

    def __init__(
        self,
        redis: str | Redis = DEFAULT_URL,
        *,
        group: str,
        name: str | None = None,
        prefix: str = DEFAULT_PREFIX,
        **options: Unpack[ReadOptions],
    ) -> None:
        if not group:
            msg = "group: must not be empty"
            raise SettingsError(msg)
        self.group = group
        self.name = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.settings = ReadSettings(**options)
        self._client = connect(redis)
        self._owned = isinstance(redis, str)
        takeover = round(1000 * self.settings.takeover_seconds)
        stream = Keys(prefix).records
        self._reader = GroupReader(self._client, stream, group=group, name=self.name, takeover=takeover)
        self._joined = self._stopped = self._in_doubt = False
        self._held: deque[Entry] = deque()
        self._interval = self.settings.takeover_seconds / _LOOKS_A_TAKEOVER
        self._next_look = self._next_renewal = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def traceparent(self) -> str | None:
        """The trace that made the page of the record in hand, as W3C writes it; None where it was not traced.

        Its maker's span: link yours to it, or make yours its child (docs/tracing.md shows how).
        """
        return read_traceparent(self._held[0][1]) if self._held else None

    def stop(self) -> None:
        """End the loop, after the record in hand. May be called from another thread or a signal handler."""
        self._stopped = True

    def close(self) -> None:
        """Give back what was fetched and not handed out, leave the group if nothing is held, close the connections."""
        try:
            if self._joined:
                self._give_back()
                self._reader.leave()
        except RedisError as error:
            _LOG.warning("consumer %s could not leave its group: %s", self.name, describe(error, self._client))
        if self._owned:
            self._client.close()

    def __iter__(self) -> Iterator[Record]:
        """Records, oldest first. Raises RedisFailed when Redis cannot be reached at the start, or refuses."""
        try:
            yield from self._records()
        except RedisError as error:
            if not (self._stopped and passes(error)):
                raise describe(error, self._client) from error

    def _records(self) -> Iterator[Record]:
        retrying(self._reader.join, self.settings.retry_seconds, self._client)
        self._joined = True
        self._held = deque(self._own())
        while not self._stopped and (self._held or self._fetch() or self.settings.follow):
            if not self._held:
                continue
            entry_id, fields = self._held[0]
            record = self._decode(entry_id, fields)
            if record is not None:
                yield record
            self._held.popleft()
            self._ask(partial(self._reader.acknowledge, entry_id))
            self._renew()
        self._give_back()

    def _own(self) -> Iterator[Entry]:
        """What this name holds already: from a loop that was left, or from a process of the same name."""
        after = "0-0"
        while entries := self._ask(partial(self._reader.own, after, self.settings.batch)):
            yield from entries
            after = entries[-1][0]

    def _fetch(self) -> bool:
        """Fetch a batch: of orphans when it is time to look for them, else of new records. False: there are none."""
        batch = self.settings.batch
        self._fetch_again()
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + self._interval
            self._held += self._ask(partial(self._reader.orphans, batch))
        if not self._held:
            block = round(1000 * self.settings.block_seconds) if self.settings.follow else None
            self._held += self._ask(partial(self._reader.new, batch, block))
        self._fetch_again()
        self._next_renewal = time.monotonic() + self._interval
        return bool(self._held)

    def _fetch_again(self) -> None:
        """What Redis gave us in replies that were lost: it lies under our name, and nobody else may take it yet."""
        while self._in_doubt and not self._held:
            self._in_doubt = False
            self._held += self._ask(partial(self._reader.own, "0-0", self.settings.batch))
            self._in_doubt |= bool(self._held)  # there may be more

    def _renew(self) -> None:
        """Keep what is fetched from being taken over while the loop is at work; let go of what was."""
        if self._held and time.monotonic() >= self._next_renewal:
            self._next_renewal = time.monotonic() + self._interval
            mine = self._ask(partial(self._reader.renew, [entry_id for entry_id, _ in self._held]))
            self._held = deque(entry for entry in self._held if entry[0] in mine)

    def _give_back(self) -> None:
        held = [entry_id for entry_id, _ in self._held]
        self._held.clear()
        self._reader.give_back(held)

    def _ask(self, call: Callable[[], _T]) -> _T:
        """What `call` answers, however long Redis has a fault that passes; a group that was destroyed is made again."""
        patience = Patience(None)
        lost = False
        while True:
            try:
                answer = call()
            except RedisError as error:
                if str(error).startswith("NOGROUP"):
                    _LOG.warning("group %r is gone: it begins again at the oldest record", self.group)
                    call = partial(self._join_first, call)
                elif not passes(error) or self._stopped:
                    raise
                elif not lost:
                    lost = self._in_doubt = True
                    _LOG.warning("%s; trying on", describe(error, self._client))
                patience.wait()
            else:
                if lost:
                    _LOG.warning("Redis at %s answers again", address(self._client))
                return answer

    def _join_first(self, call: Callable[[], _T]) -> _T:
        self._reader.join()
        return call()

    def _decode(self, entry_id: str, fields: Mapping[Any, Any]) -> Record | None:
        """The record in an entry. One that is none is reported, lest it block the group for ever."""
        try:
            return _record(fields)
        except (msgspec.DecodeError, UnicodeError, RecursionError, MalformedEntry) as error:
            _LOG.warning("entry %s of the records is left out: %s", entry_id, brief(str(error), 200))
            if self.settings.on_error:
                self.settings.on_error(entry_id, fields, error)
            return None


def _record(fields: Mapping[Any, Any]) -> Record:
    body = fields.get(b"body", fields.get("body"))
    if body is None:
        raise MalformedEntry("body", "missing" if fields else "trimmed before it was read")
    return _DECODER.decode(body)
