"""How many workers an elastic pool wants, look by look."""

import time
from collections.abc import Collection

import msgspec
import structlog
from redis.exceptions import RedisError

from workers.connection import connect
from workers.monitor.scaling import Law, decide, first_scale
from workers.pool_looks import Looks
from workers.settings import Settings

PATIENCE = 2
"""Seconds that a look may wait for Redis: meanwhile the pool replaces nobody."""

LOOK_AGAIN = 5.0
"""Seconds to the next look after one that failed."""

log = structlog.get_logger("pagemill.pool")


class Elastic:
    """The law at work: a look a second, and a decision. While Redis is away, the number stays as it is."""

    def __init__(self, settings: Settings) -> None:
        self._looks = Looks(connect(settings.redis_url, tries=0, reply_seconds=PATIENCE), settings)
        self._law = Law(
            least=settings.workers,
            most=settings.max_workers,
            drain_seconds=settings.scale_drain_seconds,
            idle_seconds=settings.scale_idle_seconds,
        )
        self._scale = first_scale(self._law)
        self._busy: frozenset[str] = frozenset()
        self._not_before = 0.0

    def wanted(self, workers: Collection[str]) -> int:
        """How many there should be, where these (by name) are."""
        if time.monotonic() < self._not_before:
            return self._scale.wanted
        try:
            look, self._busy = self._looks.look(workers)
        except RedisError as error:
            log.warning("redis_away", error=str(error))
            self._scale = msgspec.structs.replace(self._scale, looks=())
            self._not_before = time.monotonic() + LOOK_AGAIN
            return self._scale.wanted
        before, self._scale = self._scale.wanted, decide(self._scale, look, self._law)
        if self._scale.wanted != before:
            log.info("pool_resized", workers=self._scale.wanted, before=before, why=self._scale.why)
        return self._scale.wanted

    def is_busy(self, worker: str) -> bool:
        """Whether it held pages at the last look."""
        return worker in self._busy
