"""Reads the ledger out of Redis."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

from redis import Redis

from pagemill.entry_id import time_of
from pagemill.keys import GROUP, Keys, is_queue
from pagemill.outcomes import Outcome
from workers.rq_keys import queue_key
from workers.scripts import Script
from workers.store.contract import GroupLag, Ledger, QueueCount

LEDGER = Script("ledger")

_OUTCOMES = frozenset(Outcome)


def read_ledger(client: Redis, keys: Keys) -> Ledger:
    """The books at one moment: one small read for the queues' names, then one script."""
    queues, _ = queue_names(client, keys)
    memory = [keys.articles("new"), keys.articles("old")]
    streams = [key for queue in queues for key in (keys.pages(queue), queue_key(queue))]
    flat, records, groups, dead, remembered, counted = LEDGER(
        client, [keys.ledger, keys.records, keys.dead, *memory, *streams], [GROUP]
    )
    counters = {name.decode(): int(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
    outcomes, reasons = _by_queue(counters, queues)
    return Ledger(
        queues=[_queue(queue, row) for queue, row in zip(queues, counted, strict=True)],
        outcomes=outcomes,
        reasons=reasons,
        records=records,
        groups=[_group(row) for row in groups],
        dead=dead,
        dead_bytes=counters.get("dead|bytes", 0),
        dead_expired=counters.get("dead|expired", 0),
        dead_replayed=counters.get("dead|replayed", 0),
        dead_dropped=counters.get("dead|dropped", 0),
        records_trimmed=counters.get("records|trimmed", 0),
        remembered=remembered,
    )


def queue_names(client: Redis, keys: Keys) -> tuple[list[str], list[str]]:
    """The names of all queues; and what else lies in their set, where every Producer may add to it."""
    names: list[str] = []
    strange: list[str] = []
    for told in cast("set[bytes]", client.smembers(keys.queues)):
        name = told.decode("utf-8", "backslashreplace")
        (names if is_queue(name) else strange).append(name)
    return sorted(names), sorted(strange)


def _queue(queue: str, row: Sequence[bytes | int]) -> QueueCount:
    pushed, length, running, oldest, jobs = row
    return QueueCount(
        queue=queue,
        pushed=None if pushed == b"" else int(pushed),
        waiting=int(length) - int(running),
        running=int(running),
        oldest=time_of(oldest) if isinstance(oldest, bytes) and oldest else None,
        refused_jobs=int(jobs),
    )


def _group(row: Sequence[bytes | int]) -> GroupLag:
    name, lag, pending = row
    assert isinstance(name, bytes)  # noqa: S101 - narrows the type: the script puts the name first
    return GroupLag(
        group=name.decode("utf-8", "replace"), unread=None if lag == b"" else int(lag), pending=int(pending)
    )


def _by_queue(
    counters: Mapping[str, int], queues: Sequence[str]
) -> tuple[dict[str, dict[Outcome, int]], dict[str, dict[str, int]]]:
    outcomes: dict[str, dict[Outcome, int]] = {queue: {} for queue in queues}
    reasons: dict[str, dict[str, int]] = defaultdict(dict)
    for field, count in counters.items():
        queue, _, rest = field.partition("|")
        outcome, _, reason = rest.partition("|")
        if outcome not in _OUTCOMES:
            continue
        if reason:
            reasons[queue][rest] = count
        else:
            outcomes.setdefault(queue, {})[Outcome(outcome)] = count
    return outcomes, dict(reasons)
