"""The workers of a mill, as RQ's own keys and their last heartbeats tell them; RQ is not imported for it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from workers import rq_keys
from workers.monitor.snapshot import Worker
from workers.readings import heartbeat_age

SILENT = 60.0
"""Seconds without a heartbeat, which comes every 10, after which a worker is taken for dead."""

FIELDS = (
    "queues", "state", "last_heartbeat", "hostname", "pid",
    "mill_pages", "mill_rate", "mill_memory", "mill_claim", "mill_progress",
)  # fmt: skip
"""Of a worker's hash: RQ's, then what `workers.vitals` adds."""


def worker_names(by_queue: Sequence[set[bytes]]) -> list[str]:
    """The workers that are registered for any of these queues, by name."""
    prefix = rq_keys.worker_key("")
    names = {name.decode("utf-8", "replace").removeprefix(prefix) for names in by_queue for name in names}
    return sorted(names)


def read_worker(name: str, row: Sequence[bytes | None], now: datetime) -> Worker:
    """A worker by its hash's FIELDS; one whose hash has expired is dead. `now`: by the clock of the workers."""
    told = {field: value.decode("utf-8", "replace") for field, value in zip(FIELDS, row, strict=True) if value}
    age = heartbeat_age(told.get("last_heartbeat"), now)
    pid, claim = told.get("pid", ""), _number(told, "mill_claim")
    return Worker(
        name=name,
        state=told.get("state", "gone"),
        host=told.get("hostname", "?"),
        pid=int(pid) if pid.isdecimal() and len(pid) < 20 else None,  # noqa: PLR2004 - the digits of any
        queues=tuple(told["queues"].split(",")) if "queues" in told else (),
        heartbeat_age=age,
        dead=age is None or age > SILENT,
        claim_age=max(0.0, now.timestamp() - claim) if claim else None,
        progress_age=_number(told, "mill_progress"),
        pages=_whole(told, "mill_pages"),
        pages_per_second=_number(told, "mill_rate"),
        memory_bytes=_whole(told, "mill_memory"),
    )


def here_now() -> datetime:
    """The clock of this machine: heartbeats are on those of the workers, which are nearer to it than to Redis's."""
    return datetime.now(UTC)


def _number(told: Mapping[str, str], field: str) -> float | None:
    try:
        return msgspec.convert(told.get(field), float, strict=False)
    except msgspec.ValidationError:
        return None


def _whole(told: Mapping[str, str], field: str) -> int | None:
    number = _number(told, field)
    return None if number is None else int(number)
