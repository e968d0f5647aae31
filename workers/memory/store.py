"""MemoryStore: the store in plain Python. It is the specification of `workers/lua` that runs, and serves unit tests."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from pagemill.entry_id import time_of
from pagemill.outcomes import Outcome
from workers.memory.dead import MemoryDead
from workers.memory.output import MemoryOutput
from workers.memory.profiles import MemoryProfiles
from workers.memory.queue import Fields, MemoryQueue, order
from workers.memory.recall import Article, Decision, Recollection
from workers.settings import Settings
from workers.site_profiles import site_of_host
from workers.store.contract import DeadLetter, Ledger, Mark, OutputFull, QueueCount, Settled, Settlement, Taken
from workers.store.near_memory import Met
from workers.store.ring_layout import KEY

_DAY = 86_400_000


class MemoryStore:
    """Pages, records and the ledger in this process; see Store for what each method promises.

    `clock` is what Redis's clock is to the other store: entry ids, leases and all ages come from it.
    It never blocks: `take` answers at once, whatever it may wait.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.queues: dict[str, MemoryQueue] = {}
        self.memory = Recollection(settings)
        self.sites = MemoryProfiles(
            articles=settings.profile_articles, sites=settings.profile_sites, age=int(settings.profile_days * _DAY)
        )
        self.output = MemoryOutput(settings.records_limit, trims=settings.records_at_limit == "trim")
        self.dead = MemoryDead(settings.dead_bytes, int(settings.dead_days * _DAY))
        self.settled: deque[Fields] = deque(maxlen=settings.settled_limit)
        self._outcomes: Counter[tuple[str, Outcome]] = Counter()
        self._reasons: Counter[tuple[str, str]] = Counter()
        self._clock = clock
        self._lease = int(settings.lease_seconds * 1000)

    def push(self, queue: str, fields: Fields) -> str:
        """Add a page's entry to a queue; answers its entry id."""
        return self._queue(queue).push(fields, self._now())

    def open(self, queues: Sequence[str]) -> None:
        """Make the queues."""
        for queue in queues:
            self._queue(queue)

    def take(self, consumer: str, queues: Sequence[str], most: int, *, wait: float = 0) -> list[Taken]:  # noqa: ARG002
        """New pages from the first queue that has any."""
        taken = (self._queue(queue).take(consumer, most, self._now()) for queue in queues)
        return next(filter(None, taken), [])

    def adopt(self, consumer: str, queues: Sequence[str], most: int) -> list[Taken]:
        """Pages that came back: several without a blot, or one to be tried alone."""
        now, suspect = self._now(), self.settings.suspect_deliveries
        adopted = (
            self._queue(queue).adopt(consumer, most, expired=now - self._lease, now=now, suspect=suspect)
            for queue in queues
        )
        return next(filter(None, adopted), [])

    def renew(self, consumer: str, held: Sequence[tuple[str, str]]) -> int:
        """Renew the leases of what is still this consumer's."""
        return sum(self._queue(queue).renew(consumer, [entry], self._now()) for queue, entry in held)

    def hand_back(self, consumer: str, queues: Sequence[str], *, leave: bool = False) -> int:  # noqa: ARG002
        """Hand back all that this consumer holds; a consumer is no more than its name here."""
        return sum(self._queue(queue).hand_back(consumer, self._now() - self._lease) for queue in queues)

    def forget_consumers(self, queues: Sequence[str]) -> int:  # noqa: ARG002
        """None to forget: a consumer that holds nothing leaves nothing here."""
        return 0

    def mark(self, consumer: str, queue: str, entry: str, mark: Mark) -> tuple[int, int] | None:
        """Hold a death against a page, or take one back."""
        return self._queue(queue).mark(consumer, entry, mark)

    def peek(self, queue: str, entry: str) -> Taken | None:
        """A page as it lies on its queue."""
        fields = self._queue(queue).find(entry)
        return None if fields is None else Taken(queue=queue, entry=entry, fields=fields)

    def recall(self, bytes_keys: Sequence[bytes]) -> list[bool]:
        """Which of these pages' bytes are remembered, and will be for some while."""
        now = self._now()
        return [self.memory.find_bytes(key, now) is not None for key in bytes_keys]

    def profiles(self, sites: Sequence[str]) -> list[bytes]:
        """What is known of these sites."""
        now = self._now()
        return [self.sites.read(site, now) for site in sites]

    def commit(self, settlements: Sequence[Settlement]) -> list[Settled]:
        """Settle a batch, all or nothing."""
        if not settlements:
            return []
        now = _time(self._now())
        drafts = sum(one.verdict == "draft" for one in settlements)
        if drafts and (group := self.output.make_room(drafts)):
            raise OutputFull(group)
        self.memory.articles.rotate(len(settlements), _milliseconds(now))
        settled = [self._settle(one, now) for one in settlements]
        self.output.keep_newest()
        self.dead.expire(_milliseconds(now))
        return settled

    def commit_and_take(
        self, settlements: Sequence[Settlement], *, consumer: str, queues: Sequence[str], most: int
    ) -> tuple[list[Settled], list[Taken]]:
        """Commit, then take."""
        return self.commit(settlements), self.take(consumer, queues, most)

    def ledger(self) -> Ledger:
        """The books."""
        queues = sorted(self.queues)
        return Ledger(
            queues=[_count(self.queues[queue]) for queue in queues],
            outcomes={name: {o: n for (queue, o), n in self._outcomes.items() if queue == name} for name in queues},
            reasons={
                name: {reason: n for (queue, reason), n in self._reasons.items() if queue == name}
                for name in sorted({queue for queue, _ in self._reasons})
            },
            records=len(self.output.entries),
            groups=self.output.lags(),
            dead=len(self.dead.letters),
            dead_bytes=self.dead.size,
            dead_expired=self.dead.expired,
            dead_replayed=self.dead.replayed,
            dead_dropped=self.dead.dropped,
            records_trimmed=self.output.trimmed,
            remembered=len(self.memory.articles),
        )

    def dead_letters(self, *, most: int = 100, after: str = "") -> list[DeadLetter]:
        """Dead letters, the oldest first."""
        return self.dead.oldest(most, after)

    def dead_letter(self, letter: str) -> DeadLetter | None:
        """One dead letter, or None."""
        return self.dead.letters.get(letter)

    def replay(self, letter: str) -> str | None:
        """Put a dead letter back on its queue as a new page."""
        found = self.dead.replay(letter)
        return self.push(found.queue, found.fields or {b"v": b"1"}) if found else None

    def drop(self, letter: str) -> bool:
        """Forget a dead letter for good."""
        return self.dead.drop(letter)

    def _queue(self, name: str) -> MemoryQueue:
        return self.queues.setdefault(name, MemoryQueue(name))

    def _now(self) -> int:
        return _milliseconds(self._clock())

    def _settle(self, one: Settlement, now: datetime) -> Settled:
        """Decide, and only then acknowledge: whoever comes second drops its result."""
        decision = self._decide(one, _milliseconds(now))
        if decision is None:
            return Settled("stale")
        lease = self._queue(one.queue).settle(one.entry)
        if lease is None:
            return Settled("gone")
        if one.verdict == "draft":
            self.memory.remember(_met(one), decision, _milliseconds(now))
        elif one.verdict == "same":
            self.memory.keep_unread(one.bytes_key, decision, _milliseconds(now))
        if decision.article:
            self.output.publish(_record(one, decision, decision.article, now), _milliseconds(now))
            self.sites.learn(site_of_host(one.host), one.imprint, _milliseconds(now))
        if decision.outcome == Outcome.DEAD:
            self.dead.bury(one, lease.fields or {}, at=now)
        self._count(one, decision)
        return Settled(decision.outcome, decision.of)

    def _decide(self, one: Settlement, now: int) -> Decision | None:
        if one.verdict in ("rejected", "dead"):
            return Decision(Outcome(one.verdict))
        if one.verdict == "same":
            return self.memory.decide_unread(one.bytes_key, now)
        return self.memory.decide(_met(one), now)

    def _count(self, one: Settlement, decision: Decision) -> None:
        self._outcomes[one.queue, decision.outcome] += 1
        reason = decision.reason or one.reason
        if reason:
            self._reasons[one.queue, f"{decision.outcome}|{reason}"] += 1
        self.settled.append(
            _fields(
                id=one.id,
                url=one.url,
                outcome=decision.outcome,
                reason=reason,
                of=decision.of,
                similarity=decision.similarity,
            )
        )


def _met(one: Settlement) -> Met:
    """A page as the memory meets it: the keys of its bytes, text and article are cut, those of the index parted."""
    bytes_key, text_key, article_key = (key[:KEY] for key in (one.bytes_key, one.text_key, one.article_key))
    keys = tuple(one.keys[at : at + 8] for at in range(0, len(one.keys), 8))
    return Met(one.id, bytes_key, text_key, article_key, keys, one.sketch)


def _record(one: Settlement, decision: Decision, article: Article, now: datetime) -> Fields:
    """The record's entry: what only the commit knows stands before the draft's own fields."""
    kind = "updated" if article.version > 1 else "new"
    change = decision.change
    known = {
        "kind": kind,
        "version": article.version,
        "article": article.key.hex(),
        "supersedes": decision.of or None,
        "near_duplicate_of": decision.near or None,
        "estimated_change": change and {"added": change.added / 1000, "removed": change.removed / 1000},
        "first_seen": _time(article.first),
        "processed_at": now,
    }
    body = msgspec.json.encode(known)[:-1] + b"," + one.draft[1:]
    traced = {"traceparent": one.traceparent} if one.traceparent else {}
    return {b"body": body, **_fields(id=one.id, url=one.url, host=one.host, kind=kind, **traced)}


def _fields(**texts: str) -> dict[bytes, bytes]:
    return {name.encode(): text.encode() for name, text in texts.items()}


def _count(queue: MemoryQueue) -> QueueCount:
    lying = [*queue.waiting, *(entry for entry, lease in queue.running.items() if lease.fields is not None)]
    return QueueCount(
        queue=queue.name,
        pushed=queue.pushed,
        waiting=len(lying) - len(queue.running),  # as by XLEN and XPENDING: a lease outlives its entry for a while
        running=len(queue.running),
        oldest=time_of(min(lying, key=order)) if lying else None,
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
