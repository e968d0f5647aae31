"""Sturdy: RQ's bookkeeping, which must not end a worker when Redis is away for a while.

RQ's loop quits at the first fault of Redis outside its dequeue: a busy worker does not survive a
restart of Redis. What RQ writes about itself may be late or missing; pages never depend on it.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from redis.exceptions import RedisError

from workers.connection import passes

log = structlog.get_logger("pagemill.worker")


class Sturdy:
    """A mixin before rq.Worker: each of these is tried, and left out when Redis is away."""

    _state: str
    _stop_requested: bool

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """RQ's, tried."""
        self._state = state
        _try(lambda: super(Sturdy, self).set_state(state, pipeline))  # type: ignore[misc]

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ's, tried."""
        _try(lambda: super(Sturdy, self).heartbeat(timeout, pipeline))  # type: ignore[misc]

    def set_shutdown_requested_date(self) -> None:
        """RQ's, tried: it runs in a signal handler."""
        _try(super().set_shutdown_requested_date)  # type: ignore[misc]

    def register_death(self) -> None:
        """RQ's, tried."""
        _try(super().register_death)  # type: ignore[misc]

    def get_redis_server_version(self) -> tuple[int, int, int]:
        """RQ's, tried."""
        return _try(super().get_redis_server_version) or (0, 0, 0)  # type: ignore[misc]

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 - RQ's signature
        """RQ's; while Redis is away it is asked again, with pauses."""
        pause = 0.1
        while not self._stop_requested:
            try:
                return super().check_for_suspension(burst)  # type: ignore[misc,no-any-return]
            except RedisError as error:
                if not passes(error):
                    raise
                log.warning("redis_away", error=str(error), again_in_seconds=pause)
            time.sleep(pause)
            pause = min(pause * 2, 1)
        return None


def _try(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except RedisError as error:
        if not passes(error):
            raise
        log.warning("bookkeeping_failed", error=str(error))
        return None
