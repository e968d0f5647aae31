"""Producer: pushes pages into a queue, with back-pressure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypedDict, Unpack

from redis import Redis

from pagemill.connection import DEFAULT_URL, Patience, connect
from pagemill.errors import InvalidPage, PartialPush, QueueFull, RedisFailed
from pagemill.keys import DEFAULT_PREFIX, DEFAULT_QUEUE, Keys, check_queue
from pagemill.limits import Limits
from pagemill.page import RawPage, check_limits
from pagemill.push import Durability, Fields, PushSettings, QueueWriter
from pagemill.wire import ZSTD_LEVEL, encode

if TYPE_CHECKING:
    from pagemill.sending import Sending

__all__ = ["CHUNK_BYTES", "CHUNK_PAGES", "Durability", "PageFields", "Producer", "PushOptions", "PushSettings"]

CHUNK_PAGES = 64
CHUNK_BYTES = 1 << 20
"""`push_many` sends a chunk when it holds so many pages, or so many bytes of bodies on the wire."""


class PageFields(TypedDict, total=False):
    """RawPage's fields, as `push` takes them by name."""

    url: str
    body: bytes
    content_type: str | None
    status: int
    headers: Mapping[str, str]
    fetched_at: datetime | None
    source: str | None
    id: str
    meta: Mapping[str, Any]


class PushOptions(TypedDict, total=False):
    """A producer's settings, as it takes them by name; `PushSettings` tells what each means."""

    limit: int | None
    memory_share: float | None
    compress: bool
    limits: Limits
    durability: Durability
    retry_seconds: float
    tracing: bool


class Producer:
    """Pushes pages into one queue, or into others by name.

    `redis`: a URL, or a redis-py client. `options`: see `PushSettings`. Any number of threads may
    share one, and a child process may go on with it after a fork. A lost reply is answered by
    sending again, so that a page may lie in the queue twice; that is harmless, since the second is
    settled as a duplicate. Raises SettingsError.
    """

    def __init__(
        self,
        redis: str | Redis = DEFAULT_URL,
        *,
        queue: str = DEFAULT_QUEUE,
        prefix: str = DEFAULT_PREFIX,
        **options: Unpack[PushOptions],
    ) -> None:
        self.queue = check_queue(queue)
        self.settings = PushSettings(**options)
        self._client = connect(redis)
        self._owned = isinstance(redis, str)
        self._keys = Keys(prefix)
        self._writer = QueueWriter(self._client, self._keys, self.settings)
        self._trace = _sending() if self.settings.tracing else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; a client that was given stays open."""
        if self._owned:
            self._client.close()

    def push(
        self,
        page: RawPage | None = None,
        /,
        *,
        queue: str | None = None,
        block: bool = False,
        timeout: float | None = None,
        **fields: Unpack[PageFields],
    ) -> str:
        """Push one page, given whole or by its fields, and return its entry's id when Redis has it.

        With `block` a full queue is waited for, `timeout` seconds at most (None: for ever).

        Raises InvalidPage or PageTooLarge before anything is sent, QueueFull, and RedisFailed when
        Redis cannot be reached or refuses.
        """
        if page is None:
            page = RawPage(**fields)
        elif fields:
            msg = f"push takes a page or its fields, not both: {', '.join(fields)}"
            raise TypeError(msg)
        name = self._queue(queue)
        entry = self._encode(page, name)
        try:
            return self._write(name, [entry], Patience(timeout if block else 0))[0]
        except PartialPush as error:
            raise RedisFailed(str(error)) from error.__cause__

    def push_many(
        self,
        pages: Iterable[RawPage],
        /,
        *,
        queue: str | None = None,
        block: bool = False,
        timeout: float | None = None,
    ) -> list[str]:
        """Push pages in chunks and return their entries' ids, in order. A generator is never held whole.

        Whatever stops it, the pages before are in. A page that is none or is over a limit raises
        InvalidPage or PageTooLarge: `pushed` holds the ids of those before it, and the same iterator,
        given again, goes on behind it. An exception of the iterable's own comes through. QueueFull
        and PartialPush hold `pushed`, and in `rest` the pages already taken that did not go in.
        `timeout` is for the whole call.
        """
        name = self._queue(queue)
        patience = Patience(timeout if block else 0)
        ids: list[str] = []
        try:
            for chunk, entries in self._chunks(pages, name):
                try:
                    ids += self._write(name, entries, patience)
                except (QueueFull, PartialPush) as error:
                    error.rest = chunk[len(error.pushed) :]
                    error.pushed = ids + error.pushed
                    raise
        except InvalidPage as error:
            error.pushed = ids
            raise
        return ids

    def _queue(self, queue: str | None) -> str:
        return self.queue if queue is None else check_queue(queue)

    def _write(self, queue: str, entries: Sequence[Fields], patience: Patience) -> list[str]:
        if self._trace is None:
            return self._writer.write(queue, entries, patience)
        with self._trace.send(self._keys.pages(queue), entries):
            return self._writer.write(queue, entries, patience)

    def _encode(self, page: RawPage, queue: str) -> Fields:
        if not isinstance(page, RawPage):
            raise InvalidPage("page", type(page).__name__, "must be a RawPage")
        check_limits(page, self.settings.limits)
        fields = encode(page, level=ZSTD_LEVEL if self.settings.compress else None)
        return fields if self._trace is None else fields | self._trace.create(self._keys.pages(queue))

    def _chunks(self, pages: Iterable[RawPage], queue: str) -> Iterator[tuple[list[RawPage], list[Fields]]]:
        """Pages beside their entries. What stops the iterable is raised behind the pages before it."""
        chunk: list[RawPage] = []
        entries: list[Fields] = []
        size = 0
        stopped: Exception | None = None
        try:
            for page in pages:
                entries.append(self._encode(page, queue))
                chunk.append(page)
                size += len(entries[-1]["body"])
                if len(chunk) >= CHUNK_PAGES or size >= CHUNK_BYTES:
                    yield chunk, entries
                    chunk, entries, size = [], [], 0
        except Exception as error:  # noqa: BLE001  # raised below, whatever it is
            stopped = error
        if chunk:
            yield chunk, entries
        if stopped is not None:
            raise stopped


def _sending() -> "Sending":
    from pagemill.sending import Sending  # noqa: PLC0415 - OpenTelemetry is loaded by who uses it alone

    return Sending()
