"""How a mill stands at one moment, as one JSON-like value: what `status` prints, and limits are held against."""

from datetime import datetime
from typing import Any

import msgspec
from redis import Redis

from pagemill.outcomes import Outcome
from workers.readings import pages_per_second, read_workers, server_time, settled_pages, totals
from workers.rq_keys import SUSPENDED
from workers.settings import Settings
from workers.store.contract import QueueCount
from workers.store.fill import read_fill
from workers.store.redis_store import RedisStore


def take_snapshot(client: Redis, settings: Settings, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Queues, outcomes, reasons, throughput, workers, output and dead letters.

    The throughput is measured from `before`, an earlier one, on; without it over the last ten seconds.
    """
    ledger = RedisStore(client, settings).ledger()
    now = server_time(client)
    names = {queue.queue for queue in ledger.queues} | set(settings.queues)
    settled = settled_pages(ledger)
    if before is None:
        rate = pages_per_second(client, settings.keys, now)
    else:
        seconds = (now - datetime.fromisoformat(before["at"])).total_seconds()
        rate = max(0, settled - before["settled"]) / max(seconds, 0.001)
    return {
        "at": now.isoformat(),
        "depth": sum(queue.waiting + queue.running for queue in ledger.queues),
        "oldest_age": max((_age(queue, now) or 0.0 for queue in ledger.queues), default=0.0),
        "pages_per_second": round(rate, 2),
        "settled": settled,
        "suspended": bool(client.exists(SUSPENDED)),
        "queues": [
            {
                "queue": queue.queue,
                "pushed": queue.pushed,
                "waiting": queue.waiting,
                "running": queue.running,
                "oldest_age": _age(queue, now),
                "refused_jobs": queue.refused_jobs,
            }
            for queue in ledger.queues
        ],
        "outcomes": {outcome.value: totals(ledger.outcomes).get(outcome, 0) for outcome in Outcome},
        "reasons": {name.partition("|")[2]: count for name, count in totals(ledger.reasons).items()},
        "workers": [msgspec.to_builtins(worker) for worker in read_workers(client, sorted(names))],
        "records": {
            "length": ledger.records,
            "limit": settings.records_limit,
            "trimmed": ledger.records_trimmed,
            "groups": [msgspec.to_builtins(group) for group in ledger.groups],
        },
        "dead": {
            "letters": ledger.dead,
            "bytes": ledger.dead_bytes,
            "replayed": ledger.dead_replayed,
            "dropped": ledger.dead_dropped,
            "expired": ledger.dead_expired,
        },
        "memory": msgspec.to_builtins(read_fill(client, settings.keys)),
    }


def over_limits(shot: dict[str, Any], max_depth: int | None, max_age: float | None) -> list[str]:
    """A sentence for each limit that is passed."""
    problems: list[str] = []
    if max_depth is not None and shot["depth"] > max_depth:
        problems.append(f"{shot['depth']:,} pages are not settled, over --max-depth {max_depth:,}")
    if max_age is not None and shot["oldest_age"] > max_age:
        problems.append(f"the oldest page was pushed {shot['oldest_age']:.0f} s ago, over --max-age {max_age:g}")
    return problems


def _age(queue: QueueCount, now: datetime) -> float | None:
    return None if queue.oldest is None else max(0.0, round((now - queue.oldest).total_seconds(), 3))
