"""What a worker tells of itself with its heartbeat, and the notes that rates and histories come from."""

import os
import time
from pathlib import Path
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

from pagemill.keys import METERS, Keys
from workers.connection import passes
from workers.horses.hand import Held
from workers.scripts import Script
from workers.settings import Settings
from workers.store.books import queue_names
from workers.sturdy import WORKER_KEPT

SAMPLE = Script("clock", "sample")

TELL_EVERY = 10.0
"""Seconds between two of these."""

log = structlog.get_logger("pagemill.worker")


class Vitals:
    """Counts a worker's pages over all its claims, and tells of them in its hash among RQ's keys."""

    def __init__(self, client: Redis, settings: Settings, worker_key: str) -> None:
        self._client = client
        self._keys = settings.keys
        self._worker_key = worker_key
        self._pages = 0
        self._claim = 0.0
        self._told_at, self._told_pages = time.monotonic(), 0
        self._due = 0.0

    def begin_claim(self) -> None:
        """A claim begins now."""
        self._claim = time.time()

    def end_claim(self, held: Held) -> None:
        """It has ended, and settled so many pages."""
        self._claim = 0.0
        self._pages += held.settled

    def tell(self, held: Held = Held(), horse: int = 0) -> None:  # noqa: B008 - frozen
        """Tell, when it is time to. A Redis that is away is told later. `horse`: its process, 0 for none."""
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + TELL_EVERY
        try:
            with self._client.pipeline() as pipe:
                pipe.hset(self._worker_key, mapping=self._vitals(held, horse, now))
                pipe.expire(self._worker_key, WORKER_KEPT)  # it may be gone, and would now stay for ever
                pipe.execute()
            take_sample(self._client, self._keys)
        except RedisError as error:
            if not passes(error):
                raise
            log.debug("vitals_untold", error=str(error))

    def _vitals(self, held: Held, horse: int, now: float) -> dict[Any, float | str]:
        pages = self._pages + (held.settled if horse else 0)
        rate = (pages - self._told_pages) / max(now - self._told_at, 0.001)
        self._told_at, self._told_pages = now, pages
        return {
            "mill_pages": pages,
            "mill_rate": round(rate, 3),
            "mill_memory": sum(map(resident_bytes, filter(None, (os.getpid(), horse)))),
            "mill_claim": self._claim or "",
            "mill_progress": round(max(0.0, now - held.beat), 3) if horse else 0,
        }


def take_sample(client: Redis, keys: Keys) -> bool:
    """Note how far the counters have come, unless that was done less than 15 s ago. Raises redis's errors."""
    queues, _ = queue_names(client, keys)
    noted = [keys.meters(part) for part, kind in METERS.items() if kind == "stream"]
    return bool(SAMPLE(client, [keys.ledger, *noted, *map(keys.pages, queues)], queues))


def resident_bytes(process: int) -> int:
    """Memory that a process holds; 0 where the system does not tell (it has ended, or this is not Linux)."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
