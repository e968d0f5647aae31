"""One run of the mill over inputs: pushes pages, and reads what becomes of them in step."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, cast

import msgspec
from redis import Redis
from redis.exceptions import ResponseError

from pagemill.errors import PagemillError, QueueFull
from pagemill.limits import Limits
from pagemill.outcomes import Outcome
from pagemill.page import RawPage
from pagemill.producer import CHUNK_PAGES, Producer
from workers.pool_process import PoolProcess, available_processors
from workers.readings import totals
from workers.records.spool import Spool
from workers.rq_keys import QUEUES, queue_key
from workers.settings import Settings
from workers.store.contract import Ledger
from workers.store.redis_store import RedisStore

MOST_PAGES = 2_000
MOST_BYTES = 256_000_000
"""What may lie in Redis, of pages not settled: enough to keep many workers at work, on any input."""

PAGES_A_WORKER = 500
"""Below so many pages a single worker is done before a second one has started, and settles them in their order."""

STALLED = 60.0
"""Seconds without any progress after which a person wants to be told; a page that hangs may take as long."""

_CHUNK_BYTES = 16_000_000
_PATIENCE = 2.0  # seconds: an input that is slow need not wait for its 500th page
_READ = 1_000
_NO_LIMITS = Limits(max_body=2**40, max_url=2**40, max_id=2**40, max_meta=2**40, max_headers=2**40)


class Summary(msgspec.Struct, frozen=True):
    """What became of a run's pages. `pages`: all that were settled; reasons: of rejected and of dead ones."""

    pages: int
    seconds: float
    outcomes: dict[str, int]
    reasons: dict[str, int]


class Run:
    """Pushes pages into one queue, and puts the records and outcomes that come of them into a spool.

    `pushed` and `settled` count its pages so far; `total` is how many there are, once the input has been read.
    `shared`: the mill has other users, whose records and outcomes pass by as well. Pages over a limit are
    pushed all the same: it is the mill that rejects them. Methods raise redis's errors and PagemillError.
    """

    def __init__(self, client: Redis, settings: Settings, spool: Spool, *, shared: bool) -> None:
        self.queue = settings.queues[0]
        self.pushed = 0
        self.settled = 0
        self.total: int | None = None
        self._client = client
        self._settings = settings
        self._spool = spool
        self._group = self.queue if shared else "run"
        self._shared = shared
        self._producer = Producer(
            client,
            queue=self.queue,
            prefix=settings.prefix,
            limit=None,
            memory_share=settings.memory_share,
            compress=settings.compress,
            limits=_NO_LIMITS,
            tracing=settings.tracing,
        )
        self._sent: deque[tuple[int, int]] = deque()
        self._after = "0-0"
        self._before = _Counts(0, {}, {})

    def begin(self) -> None:
        """Make the queue and the group, and note where the streams and the books stand."""
        store = RedisStore(self._client, self._settings)
        store.open([self.queue])
        try:
            self._client.xgroup_create(self._keys.records, self._group, "$" if self._shared else "0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise
        newest = cast("list[tuple[bytes, Any]]", self._client.xrevrange(self._keys.settled, count=1))
        self._after = newest[0][0].decode() if newest else "0-0"
        self._before = self._counts(store.ledger())
        self.pushed = self.unsettled()  # a run that was killed left them
        self._keep(self._read_records("0"))  # what a run that was killed had been given

    def push(self, pages: Sequence[RawPage], meanwhile: Callable[[], None]) -> None:
        """Push a chunk; while Redis has no room, read on (what we do not read may be what fills it) and call."""
        self._spool.add_pages((_known_as(page), page.fetched_at is not None) for page in pages)
        rest: Iterator[RawPage] = iter(pages)
        while True:
            try:
                self._producer.push_many(rest, block=True, timeout=0.2)
                break
            except QueueFull as full:
                rest = chain(full.rest, rest)
                self.catch_up(0)
                meanwhile()
        self.pushed += len(pages)
        self._sent.append((len(pages), sum(len(page.body) for page in pages)))

    def unsettled(self) -> int:
        """Pages that wait or are in hand."""
        return self._client.xlen(self._keys.pages(self.queue))

    def has_room(self) -> bool:
        """Whether more may be pushed now."""
        depth = self.unsettled()
        while self._sent and sum(pages for pages, _ in self._sent) - self._sent[0][0] >= depth:
            self._sent.popleft()
        return depth < MOST_PAGES and sum(size for _, size in self._sent) < MOST_BYTES

    def catch_up(self, wait: float) -> bool:
        """Read what was settled since; waits up to `wait` seconds for something. Answers whether there was any."""
        entries = self._read_settled(wait)
        records = self._read_records(">")
        self._keep(records, [_outcome(fields) for _, fields in entries])
        if entries:
            self._after = entries[-1][0].decode()
        self.settled = len(entries) + self.settled
        return bool(entries or records)

    def summary(self, seconds: float) -> Summary:
        """The books' account of this run. Raises PagemillError when a page is not accounted for."""
        counts = self._counts(RedisStore(self._client, self._settings).ledger())
        outcomes = {name: n - self._before.outcomes.get(name, 0) for name, n in counts.outcomes.items()}
        reasons = {name: n - self._before.reasons.get(name, 0) for name, n in counts.reasons.items()}
        missing = counts.missing - self._before.missing
        if missing:
            msg = f"{missing:,} of {self.pushed:,} pages are not accounted for: somebody deleted entries of the queue"
            raise PagemillError(msg)
        return Summary(
            pages=sum(outcomes.values()),
            seconds=round(seconds, 3),
            outcomes={outcome.value: outcomes.get(outcome, 0) for outcome in Outcome},
            reasons={name.partition("|")[2]: n for name, n in reasons.items() if n},
        )

    def end(self) -> None:
        """Leave a shared mill as it was: without this run's group and, when all is settled, its queue."""
        if not self._shared:
            return
        self._client.xgroup_destroy(self._keys.records, self._group)
        ledger = RedisStore(self._client, self._settings).ledger()
        if self.unsettled() or ledger.outcomes.get(self.queue, {}).get(Outcome.DEAD):
            return
        fields = [f"{self.queue}|{name}" for name in ledger.outcomes.get(self.queue, {})]
        fields += [f"{self.queue}|{name}" for name in ledger.reasons.get(self.queue, {})]
        with self._client.pipeline() as pipe:
            pipe.delete(self._keys.pages(self.queue))
            pipe.srem(self._keys.queues, self.queue)
            pipe.srem(QUEUES, queue_key(self.queue))
            if fields:
                pipe.hdel(self._keys.ledger, *fields)
            pipe.execute()

    @property
    def _keys(self) -> Any:
        return self._settings.keys

    def _read_settled(self, wait: float) -> list[tuple[bytes, dict[bytes, bytes]]]:
        block = max(1, int(wait * 1000)) if wait else None
        found = cast("Any", self._client.xread({self._keys.settled: self._after}, count=_READ, block=block))
        return found[0][1] if found else []

    def _read_records(self, after: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """New records for `>`; for an id what this run was given behind it, and has not acknowledged."""
        found = cast("Any", self._client.xreadgroup(self._group, "run", {self._keys.records: after}, count=_READ))
        return found[0][1] if found else []

    def _keep(
        self, records: Sequence[tuple[bytes, dict[bytes, bytes]]], outcomes: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        """Into the spool first, acknowledged then."""
        if records or outcomes:
            self._spool.add([fields.get(b"body", b"") for _, fields in records if fields], outcomes)
        if records:
            self._client.xack(self._keys.records, self._group, *(entry for entry, _ in records))

    def _counts(self, ledger: Ledger) -> "_Counts":
        own = [queue for queue in ledger.queues if queue.queue == self.queue]
        settled = {self.queue: ledger.outcomes.get(self.queue, {})}
        known = sum(settled[self.queue].values()) + sum(queue.waiting + queue.running for queue in own)
        return _Counts(
            missing=sum(queue.pushed or 0 for queue in own) - known,
            outcomes=totals(settled),
            reasons=dict(ledger.reasons.get(self.queue, {})),
        )


class _Counts(msgspec.Struct, frozen=True):
    missing: int
    outcomes: dict[str, int]
    reasons: dict[str, int]


class Stall:
    """Tells, once a minute, that nothing moves, with the last that the pool had to say."""

    def __init__(self, run: Run, pool: PoolProcess, complain: Callable[[str], None]) -> None:
        self._run = run
        self._pool = pool
        self._complain = complain
        self._seen = (0, 0)
        self._since = time.monotonic()

    def look(self) -> None:
        """To be called now and then."""
        seen, now = (self._run.pushed, self._run.settled), time.monotonic()
        if seen != self._seen:
            self._seen, self._since = seen, now
        elif now - self._since > STALLED:
            self._since = now
            words = self._pool.last_words()
            self._complain(f"no page was settled for {STALLED:.0f} s" + (f": {words}" if words else ""))


def mill(
    run: Run, pages: Iterable[RawPage], pool: PoolProcess, *, workers: int | None, show: Callable[[], None]
) -> None:
    """Push all pages, start the pool, and read until all is settled; `show` is called every tenth of a second.

    Without `workers` the pool is started when it is known how many are wanted: all that there are processors
    for, or, when the input ends before that many are worth their start, one for each 500 pages begun.
    """
    most = available_processors()
    patience = time.monotonic() + _PATIENCE

    def go_on(*, start: bool = False) -> None:
        if not pool.started and (start or workers or wanted(run.pushed, most) == most or time.monotonic() > patience):
            pool.start(workers or wanted(run.pushed, most))
        pool.check()
        show()

    for chunk in chunks(pages):
        while not run.has_room():
            go_on(start=True)
            run.catch_up(0.1)
        run.push(chunk, lambda: go_on(start=True))
        run.catch_up(0)
        go_on()
    run.total = run.pushed
    while run.unsettled():
        go_on(start=True)
        run.catch_up(0.1)
    while run.catch_up(0):
        show()


def wanted(pages: int, most: int) -> int:
    """How many workers so many pages want: one for each 500 begun, as long as there are processors."""
    return max(1, min(most, -(-pages // PAGES_A_WORKER)))


def chunks(pages: Iterable[RawPage]) -> Iterator[list[RawPage]]:
    """Pages by up to 64, or 16 MB."""
    iterator = iter(pages)
    for page in iterator:
        chunk, size = [page], len(page.body)
        for other in islice(iterator, CHUNK_PAGES - 1):
            chunk.append(other)
            size += len(other.body)
            if size >= _CHUNK_BYTES:
                break
        yield chunk


def _known_as(page: RawPage) -> str:
    """The id as the mill will tell it: an overlong one is cut."""
    return page.id.encode()[:128].decode("utf-8", "replace")


def _outcome(fields: dict[bytes, bytes]) -> tuple[str, bytes]:
    told = {name.decode(): value.decode("utf-8", "replace") for name, value in fields.items()}
    similarity = told.get("similarity", "")
    page = told.get("id", "")
    line = {
        "id": page,
        "url": told.get("url", ""),
        "outcome": told.get("outcome", ""),
        "reason": told.get("reason") or None,
        "of": told.get("of") or None,
        "similarity": float(similarity) if similarity else None,
    }
    return page, msgspec.json.encode(line)
