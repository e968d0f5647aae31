"""Readings of a mill that the ledger does not hold: Redis's clock, and RQ's workers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from redis import Redis

from workers import rq_keys

_FIELDS = ("queues", "state", "last_heartbeat", "hostname", "pid", "birth")


class WorkerReading(msgspec.Struct, frozen=True, kw_only=True):
    """A worker as RQ's own keys tell it. `heartbeat_age`: seconds, None when it never told."""

    name: str
    state: str
    queues: tuple[str, ...]
    hostname: str
    pid: int | None
    heartbeat_age: float | None


def server_time(client: Redis) -> datetime:
    """Redis's clock, on which entry ids and leases run."""
    seconds, microseconds = client.time()
    return datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)


def read_workers(client: Redis, queues: Sequence[str]) -> list[WorkerReading]:
    """The workers that serve any of the queues, by name. They are read without importing RQ."""
    names = sorted(name.decode("utf-8", "replace") for name in cast("set[bytes]", client.smembers(rq_keys.WORKERS)))
    prefix = rq_keys.worker_key("")
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.hmget(name if name.startswith(prefix) else rq_keys.worker_key(name), _FIELDS)
        rows = pipe.execute()
    now = datetime.now(UTC)  # RQ's heartbeats are on the clocks of its workers
    found = [_worker(name.removeprefix(prefix), row, now) for name, row in zip(names, rows, strict=True)]
    return [worker for worker in found if worker is not None and not set(queues).isdisjoint(worker.queues)]


def heartbeat_age(told: str | None, now: datetime) -> float | None:
    """Seconds since a heartbeat, as RQ writes it; None for one that was never told, or is no time."""
    try:
        return max(0.0, (now - msgspec.convert(told, datetime)).total_seconds())
    except (msgspec.ValidationError, TypeError, OverflowError):
        return None


def totals(by_queue: Mapping[str, Mapping[Any, int]]) -> dict[str, int]:
    """Counts over all queues."""
    summed: dict[str, int] = {}
    for counts in by_queue.values():
        for name, count in counts.items():
            summed[str(name)] = summed.get(str(name), 0) + count
    return summed


def _worker(name: str, row: Sequence[bytes | None], now: datetime) -> WorkerReading | None:
    told = [None if value is None else value.decode("utf-8", "replace") for value in row]
    queues, state, heartbeat, hostname, pid, birth = told
    if birth is None and heartbeat is None:
        return None  # its hash has expired: a worker that is long gone
    return WorkerReading(
        name=name,
        state=state or "?",
        queues=tuple((queues or "").split(",")),
        hostname=hostname or "?",
        pid=int(pid) if pid and pid.isdecimal() and len(pid) < 20 else None,  # noqa: PLR2004 - the digits of any
        heartbeat_age=heartbeat_age(heartbeat, now),
    )
