"""A snapshot out of what was read."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import msgspec

from pagemill.entry_id import milliseconds_of
from pagemill.outcomes import Outcome
from workers.monitor.meters import read_latency, read_sites
from workers.monitor.rates import MINUTE, QUARTER_HOUR, Counts, Flow, Mark, Past, history
from workers.monitor.snapshot import (
    DeadLetters,
    DedupeMemory,
    Group,
    Minute,
    Output,
    Queue,
    Rate,
    Reason,
    Registry,
    Snapshot,
    Store,
    Tally,
    Worker,
)
from workers.settings import Settings
from workers.store.contract import GroupLag, Ledger, QueueCount
from workers.store.fill import Fill

LYING = "dead|lying|"
"""What the ledger's fields begin with that count the dead letters that lie, by reason."""

_HOUR = 3_600


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read. `now`: Redis's clock."""

    now: datetime
    settings: Settings
    ledger: Ledger
    counters: Mapping[str, int]
    """The ledger's fields, as they are."""

    past: Past
    marks: Sequence[Mark]
    days: Sequence[Mark]
    sites: Mapping[str, Mapping[bytes, bytes]]
    """The meters' hashes, by the part of their keys: `hosts:new`, ..."""

    readers: Mapping[str, tuple[int, bytes]]
    """Group -> its consumers, and the oldest record that it has not acknowledged (empty: none)."""

    server: Mapping[str, Any]
    """INFO; empty where this user may not ask."""

    bytes_by_kind: Mapping[str, int]
    bytes_by_queue: Mapping[str, int | None]
    registries: Sequence[Registry]
    suspended: bool
    workers: Sequence[Worker]
    memory: Fill


def assemble(seen: Seen) -> Snapshot:
    """The snapshot."""
    now = _now(seen)
    counted = {queue.queue: queue for queue in seen.ledger.queues}
    empty = [
        QueueCount(queue=name, pushed=0, waiting=0, running=0) for name in seen.bytes_by_queue if name not in counted
    ]
    queues = sorted((_queue(seen, now, queue) for queue in (*counted.values(), *empty)), key=lambda queue: queue.name)
    flows = [_flow(queue.name, queue.oldest_age) for queue in queues]
    settled_rate = seen.past.rate(now, [field for flow in flows for field in flow.settled])
    pushed_rate = seen.past.pushed_rate(now, flows)
    depth, hour = sum(queue.depth for queue in queues), int(now.at) // _HOUR
    settled = sum(queue.settled for queue in queues)
    mark = Mark(now.at, sum(queue.pushed or 0 for queue in queues), settled, depth)
    return Snapshot(
        at=seen.now,
        depth=depth,
        oldest_age=max((queue.oldest_age for queue in queues if queue.oldest_age is not None), default=None),
        pushed_rate=pushed_rate,
        settled_rate=settled_rate,
        drain_seconds=_drain_seconds(depth, pushed_rate, settled_rate),
        settled=settled,
        suspended=seen.suspended,
        queues=tuple(queues),
        workers=tuple(seen.workers),
        outcomes=tuple(_tally(seen, now, outcome) for outcome in Outcome),
        reasons=tuple(_reasons(seen, now)),
        sources=read_sites(seen.sites["sources:old"], seen.sites["sources:new"], hour=hour),
        hosts=read_sites(seen.sites["hosts:old"], seen.sites["hosts:new"], hour=hour),
        latency=read_latency(seen.counters, seen.past.quarter_hour.values if seen.past.quarter_hour else {}),
        output=_output(seen),
        dead=_dead(seen, now),
        store=_store(seen),
        memory=_memory(seen),
        registries=tuple(seen.registries),
        minutes=_minutes(history(seen.marks, mark, step=MINUTE, count=60), end=now.at, step=MINUTE),
        day=_minutes(history(seen.days, mark, step=QUARTER_HOUR, count=96), end=now.at, step=QUARTER_HOUR),
    )


def _now(seen: Seen) -> Counts:
    """The counters of the ledger, read at one moment, and with them each queue's pushed pages."""
    values = {f"{queue}|{outcome}": n for queue, by in seen.ledger.outcomes.items() for outcome, n in by.items()}
    values |= {f"{queue}|{reason}": n for queue, by in seen.ledger.reasons.items() for reason, n in by.items()}
    values |= {f"pushed|{queue.queue}": queue.pushed or 0 for queue in seen.ledger.queues}
    return Counts(at=seen.now.timestamp(), values=values)


def _flow(queue: str, oldest_age: float | None) -> Flow:
    fields = tuple(f"{queue}|{outcome}" for outcome in Outcome)
    return Flow(pushed=f"pushed|{queue}", settled=fields, oldest_age=oldest_age)


def _queue(seen: Seen, now: Counts, queue: QueueCount) -> Queue:
    age = None if queue.oldest is None else _age(seen, queue.oldest)
    flow = _flow(queue.queue, age)
    pushed_rate, settled_rate = seen.past.pushed_rate(now, [flow]), seen.past.rate(now, flow.settled)
    depth = queue.waiting + queue.running
    return Queue(
        name=queue.queue,
        depth=depth,
        waiting=queue.waiting,
        in_hand=queue.running,
        pushed=queue.pushed,
        settled=now.sum(flow.settled),
        bytes=seen.bytes_by_queue.get(queue.queue),
        oldest_age=age,
        pushed_rate=pushed_rate,
        settled_rate=settled_rate,
        drain_seconds=_drain_seconds(depth, pushed_rate, settled_rate),
        refused_jobs=queue.refused_jobs,
    )


def _drain_seconds(depth: int, pushed: Rate, settled: Rate) -> float | None:
    """What comes is taken over a quarter of an hour, for it comes in bursts; what goes, over a minute."""
    left = settled.minute - pushed.quarter_hour
    if depth <= 0:
        return 0.0
    return depth / left if left > 0 else None


def _age(seen: Seen, then: datetime) -> float:
    return max(0.0, round((seen.now - then).total_seconds(), 3))


def _tally(seen: Seen, now: Counts, outcome: Outcome) -> Tally:
    fields = [f"{queue}|{outcome}" for queue in seen.ledger.outcomes]
    return Tally(name=str(outcome), total=now.sum(fields), rate=seen.past.rate(now, fields))


def _reasons(seen: Seen, now: Counts) -> list[Reason]:
    """Of rejected and dead pages, the most frequent first."""
    names = {reason for by_reason in seen.ledger.reasons.values() for reason in by_reason}
    found = []
    for name in sorted(names):
        outcome, _, reason = name.partition("|")
        fields = [f"{queue}|{name}" for queue in seen.ledger.reasons]
        rate = seen.past.rate(now, fields)
        found.append(Reason(outcome=outcome, name=reason, total=now.sum(fields), rate=rate))
    return sorted(found, key=lambda reason: -reason.total)


def _output(seen: Seen) -> Output:
    ledger = seen.ledger
    return Output(
        length=ledger.records,
        limit=seen.settings.records_limit,
        trimmed=ledger.records_trimmed,
        bytes=seen.bytes_by_kind.get("records"),
        groups=tuple(_group(seen, group) for group in ledger.groups),
    )


def _group(seen: Seen, group: GroupLag) -> Group:
    consumers, entry = seen.readers.get(group.group, (0, b""))
    return Group(
        name=group.group,
        unread=group.unread,
        pending=group.pending,
        consumers=consumers,
        oldest_age=_entry_age(seen, entry) if entry else None,
    )


def _entry_age(seen: Seen, entry: bytes) -> float:
    return max(0.0, seen.now.timestamp() - milliseconds_of(entry) / 1_000)


def _dead(seen: Seen, now: Counts) -> DeadLetters:
    ledger, oldest = seen.ledger, seen.counters.get("dead|oldest", 0)
    reasons = {name.removeprefix(LYING): n for name, n in seen.counters.items() if name.startswith(LYING) and n > 0}
    return DeadLetters(
        lying=ledger.dead,
        bytes=ledger.dead_bytes,
        limit_bytes=seen.settings.dead_bytes,
        replayed=ledger.dead_replayed,
        dropped=ledger.dead_dropped,
        expired=ledger.dead_expired,
        oldest_age=max(0.0, now.at - oldest / 1_000) if ledger.dead and oldest else None,
        rate=_tally(seen, now, Outcome.DEAD).rate,
        reasons=dict(sorted(reasons.items(), key=lambda item: -item[1])),
    )


def _store(seen: Seen) -> Store:
    info = seen.server
    return Store(
        server="valkey" if "valkey_version" in info else "redis",
        version=str(info.get("valkey_version") or info.get("redis_version") or ""),
        used_bytes=info.get("used_memory"),
        limit_bytes=info.get("maxmemory"),
        bytes_by_kind=dict(seen.bytes_by_kind),
        clients=info.get("connected_clients"),
        persistence=_persistence(info),
        uptime=info.get("uptime_in_seconds"),
    )


def _persistence(info: Mapping[str, Any]) -> str:
    if not info:
        return ""
    if info.get("aof_enabled"):
        return "aof"
    return "snapshots" if info.get("rdb_saves") or info.get("rdb_bgsave_in_progress") else "none"


def _memory(seen: Seen) -> DedupeMemory:
    fill, most = seen.memory, seen.settings.memory_days * 86_400
    age = max(0.0, (seen.now - fill.since).total_seconds()) if fill.since else 0.0
    return DedupeMemory(
        pages=fill.pages,
        capacity=fill.capacity or seen.settings.memory_pages,
        reaches_back=min(age, most) if fill.has_forgotten or age > most else None,
    )


def _minutes(marks: Sequence[Mark | None], *, end: float, step: float) -> tuple[Minute, ...]:
    """What was pushed and settled between each mark and the next; None where the first is not known."""
    last = len(marks) - 1
    return tuple(
        Minute(
            at=datetime.fromtimestamp(end - step * (last - i), UTC),
            pushed=max(0, here.pushed - before.pushed) if before and here else None,
            settled=max(0, here.settled - before.settled) if before and here else None,
            depth=here.depth if here else None,
        )
        for i, (before, here) in enumerate(pairwise(marks), 1)
    )
