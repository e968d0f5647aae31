"""How a mill stands at one moment: the one truth that `status`, the page and the metrics show.

Ages and times are in seconds, sizes in bytes, depths and counts in pages, rates in pages a second, moments in UTC.
Names, hosts and sources come from outside, and may hold anything but lone surrogates: whoever shows them escapes them.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from redis import Redis

    from workers.settings import Settings


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Pages a second, over the last minute and the last quarter of an hour (or since the mill began, if later)."""

    minute: float = 0.0
    quarter_hour: float = 0.0


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """One queue. `depth` is `waiting + in_hand`."""

    name: str
    depth: int
    waiting: int
    in_hand: int
    """Pages that a worker holds, or that were handed back and wait to be taken up."""

    pushed: int | None
    """Pages ever pushed; None where the server does not count."""

    settled: int
    """Pages ever settled."""

    bytes: int | None
    """What the queue's stream takes of Redis's memory, estimated; None where the user may not ask."""

    oldest_age: float | None
    """Seconds since the oldest page that is not settled was pushed; None without one."""

    pushed_rate: Rate
    settled_rate: Rate

    drain_seconds: float | None
    """Seconds until it is empty, settled as in the last minute, pushed as in the last 15; None: it does not shrink."""

    refused_jobs: int = 0
    """Ordinary RQ jobs that lie in the list of the same name, and are never run."""


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """One RQ worker of this mill. What it has not told is None."""

    name: str
    state: str
    """RQ's: starting, started, idle, busy, suspended."""

    host: str
    pid: int | None
    queues: tuple[str, ...]
    heartbeat_age: float | None
    """Seconds since it last gave a sign of life."""

    dead: bool
    """It has given no sign for longer than a live one may."""

    claim_age: float | None = None
    """Seconds since its current claim began; None when it has none."""

    progress_age: float | None = None
    """Seconds, at its last heartbeat, since it last settled a page or found nothing to do."""

    pages: int | None = None
    """Pages settled since it started."""

    pages_per_second: float | None = None
    """Between its last two heartbeats."""

    memory_bytes: int | None = None
    """Resident memory of the worker and its horse."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome, or one reason: pages ever, and the rate."""

    name: str
    total: int
    rate: Rate


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why pages were rejected or died. `outcome`: `rejected` or `dead`."""

    outcome: str
    name: str
    total: int
    rate: Rate


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a source's (or a host's) pages in one window of time.

    Pages whose bytes were known (`duplicate` without being parsed) count in `pages` alone.
    """

    pages: int = 0
    """Settled, however."""

    drafts: int = 0
    """Of them those from which a record could be made (published or not)."""

    rejected: int = 0
    dead: int = 0
    reasons: dict[str, int] = {}
    """Of `rejected`, by reason."""

    without_title: int = 0
    """Of `drafts`."""

    without_date: int = 0
    """Of `drafts`."""

    without_authors: int = 0
    """Of `drafts`."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A source or a host: the last one to two hours, and all that came before them (older pages weigh less)."""

    name: str
    """"" stands for pages that name none."""

    recent: Quality
    past: Quality


class Sites(msgspec.Struct, frozen=True, kw_only=True):
    """The sources, or the hosts, that are known: bounded in number, whoever was not met for long is forgotten first."""

    known: int
    by_pages: tuple[Site, ...]
    """Those with the most recent pages first."""

    by_rejects: tuple[Site, ...]
    """Those with the most recent rejected and dead pages first; those with none are left out."""

    comparable: tuple[Site, ...] = ()
    """All with at least 20 recent and 50 past pages, for an alarm on what has changed."""


class Bucket(msgspec.Struct, frozen=True):
    """`count` pages took at most `seconds` (None: any time). Counts are cumulative, as Prometheus wants them."""

    seconds: float | None
    count: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """From the push to the published record, in seconds: of published and updated pages, ever since."""

    buckets: tuple[Bucket, ...]
    """By rising bound; the last has none."""

    count: int
    sum: float
    """Seconds, over all of them."""

    p50: float | None
    """Of the last 15 minutes, interpolated within its bucket; None when nothing was published."""

    p95: float | None
    p99: float | None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One group that reads the records."""

    name: str
    unread: int | None
    """Records never delivered to it: its lag. None: Redis cannot tell."""

    pending: int
    """Records delivered, and not acknowledged."""

    consumers: int
    oldest_age: float | None
    """Seconds since the oldest record that it has not acknowledged was published; None when it has all.

    Also None where that one was never delivered, and this user may not read records.
    """


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """The stream of records."""

    length: int
    limit: int
    trimmed: int
    """Records that went before every group had read them."""

    bytes: int | None
    """What it takes of Redis's memory, estimated."""

    groups: tuple[Group, ...]


class DeadLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters: those that lie, and what became of others. By reason: `Snapshot.reasons`, of all that ever died."""

    lying: int
    bytes: int
    limit_bytes: int
    replayed: int
    dropped: int
    expired: int
    oldest_age: float | None
    """Seconds since the oldest that lies died."""

    rate: Rate
    """Pages that die a second."""

    reasons: dict[str, int]
    """Of the newest that lie (200 at most), by reason."""


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """The Redis or Valkey server. None is what its user may not ask."""

    server: str
    """redis or valkey."""

    version: str
    used_bytes: int | None
    limit_bytes: int | None
    """0: none."""

    bytes_by_kind: dict[str, int]
    """Estimates, by kind of key: pages, records, settled, dead, memory, profiles, meters."""

    clients: int | None
    persistence: str
    """`aof`, `snapshots` or `none`; `` when unknown."""

    uptime: float | None
    """Seconds."""


class DedupeMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of settled pages, to tell repetitions."""

    pages: int
    """Of pages with a text of their own, about; one that repeats another takes a quarter of such a one."""

    capacity: int
    reaches_back: float | None
    """Seconds: no page is remembered for longer; None while nothing has been forgotten yet."""


class Registry(msgspec.Struct, frozen=True, kw_only=True):
    """RQ's registries of a queue, in jobs (a claim is one)."""

    queue: str
    started: int
    failed: int
    deferred: int
    scheduled: int


class Minute(msgspec.Struct, frozen=True, kw_only=True):
    """One of the last 60 minutes, or one of the quarter-hours of the last day. None: nobody counted."""

    at: datetime
    """Its end."""

    pushed: int | None
    settled: int | None
    depth: int | None
    """At its end."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The mill at one moment, by Redis's clock. The first fields are sums over all queues."""

    at: datetime
    depth: int
    oldest_age: float | None
    """Seconds since the oldest page that is not settled was pushed; None when there is none."""

    pushed_rate: Rate
    settled_rate: Rate
    drain_seconds: float | None
    """The same for all of them: until every page is settled."""

    settled: int
    """Pages ever settled."""

    suspended: bool
    """`rq suspend`: no worker takes pages."""

    queues: tuple[Queue, ...]
    workers: tuple[Worker, ...]
    outcomes: tuple[Tally, ...]
    """All of them, also those that no page had."""

    reasons: tuple[Reason, ...]
    """Those that a page had."""

    sources: Sites
    hosts: Sites
    latency: Latency
    output: Output
    dead: DeadLetters
    store: Store
    memory: DedupeMemory
    registries: tuple[Registry, ...]
    minutes: tuple[Minute, ...]
    """The last 60, the oldest first."""

    day: tuple[Minute, ...] = ()
    """The last 96 quarter-hours, the oldest first."""


def take_snapshot(client: "Redis", settings: "Settings") -> Snapshot:
    """Read it in a bounded number of calls, none of which grows with the backlog. Raises redis's errors."""
    from workers.monitor.look import look  # noqa: PLC0415 - whoever only shows a snapshot needs no Redis

    return look(client, settings)


def over_limits(
    shot: Snapshot, *, max_depth: int | None = None, max_age: float | None = None, max_dead: int | None = None
) -> list[str]:
    """A sentence for each limit that is passed. `max_age` is in seconds, `max_dead` in letters that lie."""
    age = shot.oldest_age or 0.0
    checks = (
        (
            max_depth is not None and shot.depth > max_depth,
            f"{shot.depth:,} pages are not settled, over --max-depth {max_depth or 0:,}",
        ),
        (
            max_age is not None and age > max_age,
            f"the oldest page was pushed {age:.0f} s ago, over --max-age {max_age or 0:g}",
        ),
        (
            max_dead is not None and shot.dead.lying > max_dead,
            f"{shot.dead.lying:,} dead letters lie, over --max-dead {max_dead or 0:,}",
        ),
    )
    return [sentence for passed, sentence in checks if passed]
