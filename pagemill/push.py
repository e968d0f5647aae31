"""Pushing entries into a queue: one script a chunk, tried again when the connection is lost, waiting for room."""

from collections.abc import Mapping, Sequence

import msgspec
from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from pagemill.backpressure import MemoryGauge
from pagemill.connection import Patience, address, describe, retrying
from pagemill.errors import PartialPush, QueueFull, RedisFailed, SettingsError
from pagemill.keys import Keys
from pagemill.limits import DEFAULT_LIMITS, Limits
from pagemill.script import Argument, Script
from pagemill.trace import check_installed

Fields = Mapping[str, bytes | str]
"""One page as its entry's fields (`pagemill.wire.encode`)."""

PUSH = Script("push.lua")


class Durability(msgspec.Struct, frozen=True, kw_only=True):
    """What a push waits for after Redis has taken the pages; by default for nothing more.

    `replicas`: so many replicas have them (WAIT). `aof`: they are on disk in the append-only file
    (WAITAOF, Redis 7.2 and later), the replicas' too. `seconds`: how long to wait; then RedisFailed.
    """

    replicas: int = 0
    aof: bool = False
    seconds: float = 1.0

    def command(self) -> list[Argument]:
        """The command that waits, or an empty list."""
        milliseconds = round(self.seconds * 1000)
        if self.aof:
            return ["WAITAOF", 1, self.replicas, milliseconds]
        return ["WAIT", self.replicas, milliseconds] if self.replicas else []


class PushSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a producer pushes.

    `limit`: the most pages that a queue may hold, waiting or in hand; None is no limit.
    `memory_share`: the share of Redis's maxmemory from which on nothing is pushed; None is no
    check, and without maxmemory, or without the right to INFO, there is none. `compress`: zstd on
    the wire. `limits`: what a page may weigh. `durability`: what to wait for. `retry_seconds`: how
    long to go on trying when the connection is lost. `tracing`: make OpenTelemetry spans through the
    program's own tracer provider, and let the trace travel with the page (pip install 'pagemill[otel]').
    Raises SettingsError for a value out of range.
    """

    limit: int | None = 1_000_000
    memory_share: float | None = 0.8
    compress: bool = True
    limits: Limits = DEFAULT_LIMITS
    durability: Durability = Durability()
    retry_seconds: float = 10.0
    tracing: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            msg = f"limit: {self.limit}: must be 1 or more, or None for no limit"
            raise SettingsError(msg)
        if self.memory_share is not None and not 0 < self.memory_share <= 1:
            msg = f"memory_share: {self.memory_share}: must be above 0 and at most 1, or None for no check"
            raise SettingsError(msg)
        if self.tracing:
            check_installed(sending=False)


class QueueWriter:
    """Writes entries into the queues under one prefix. Holds nothing that threads or a fork would have to share."""

    def __init__(self, client: Redis, keys: Keys, settings: PushSettings) -> None:
        self._client = client
        self._keys = keys
        self._settings = settings
        self._memory = MemoryGauge(client, settings.memory_share)

    def write(self, queue: str, entries: Sequence[Fields], patience: Patience) -> list[str]:
        """The ids of the entries, in order, when all are in. Waits for room as long as `patience` does.

        Raises QueueFull and PartialPush, whose `pushed` holds the ids of the first entries, which are in.
        """
        ids: list[str] = []
        full: QueueFull | None = None
        while True:
            # After a refusal a single entry asks for room, lest all who wait send megabytes in vain.
            step = 1 if full else len(entries)
            try:
                taken, full = self._attempt(queue, entries[len(ids) : len(ids) + step])
            except RedisError as error:
                raise PartialPush(str(describe(error, self._client)), ids) from error
            except RedisFailed as error:
                raise PartialPush(str(error), ids) from error
            ids += taken
            if len(ids) == len(entries):
                return ids
            if taken:
                patience.progress()
            if full and not patience.wait():
                full.pushed = ids
                raise full

    def _attempt(self, queue: str, entries: Sequence[Fields]) -> tuple[list[str], QueueFull | None]:
        return retrying(lambda: self._try(queue, entries), self._settings.retry_seconds, self._client)

    def _try(self, queue: str, entries: Sequence[Fields]) -> tuple[list[str], QueueFull | None]:
        """The ids of those that had room, and the reason why others had none."""
        if problem := self._memory.problem():
            return [], QueueFull(problem)
        try:
            ids = self._add(queue, entries)
        except OutOfMemoryError as error:
            full = QueueFull(f"Redis at {address(self._client)} has no memory left: start workers, or raise maxmemory")
            full.__cause__ = error
            return [], full
        if len(ids) < len(entries):
            limit = f"queue {queue!r} holds its limit of {self._settings.limit:,} pages"
            return ids, QueueFull(f"{limit}: start workers, push with block=True, or raise limit")
        return ids, None

    def _add(self, queue: str, entries: Sequence[Fields]) -> list[str]:
        arguments: list[Argument] = [self._settings.limit or 0, queue]
        for fields in entries:
            arguments.append(2 * len(fields))
            for name, value in fields.items():
                arguments += (name, value)
        keys = [self._keys.pages(queue), self._keys.queues]
        then = self._settings.durability.command()
        if then:
            ids, waited = PUSH.run_then(self._client, keys, arguments, then)
            self._check_waited(waited)
        else:
            ids = PUSH.run(self._client, keys, arguments)
        return [id_.decode() if isinstance(id_, bytes) else id_ for id_ in ids]

    def _check_waited(self, waited: int | Sequence[int]) -> None:
        wanted = self._settings.durability
        local, replicas = (0, waited) if isinstance(waited, int) else waited
        if replicas < wanted.replicas or (wanted.aof and not local):
            disk = ", nor is it on disk" if wanted.aof and not local else ""
            confirmed = f"{replicas} of {wanted.replicas} replicas confirmed them in {wanted.seconds:g} s{disk}"
            msg = f"Redis at {address(self._client)} took the pages, but {confirmed}"
            raise RedisFailed(msg)
