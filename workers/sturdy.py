"""Sturdy: RQ's bookkeeping, which must not end a worker when Redis is away for a while.

RQ's loop quits at the first fault of Redis outside its dequeue: a busy worker does not survive a
restart of Redis. What RQ writes about itself may be late or missing; pages never depend on it.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import worker_registration
from rq.utils import now

from workers.claim import CLAIM_KEPT
from workers.connection import passes
from workers.rq_keys import QUEUES

WORKER_KEPT = 90
"""Seconds for which RQ's books hold a worker that is silent: a killed one leaves them so soon."""

CLEAN_EVERY = 60
"""Seconds between two clean-ups of what lost workers left in RQ's books."""

log = structlog.get_logger("pagemill.worker")


class Sturdy:
    """A mixin before rq.Worker: each of these is tried, and left out when Redis is away."""

    _state: str
    _stop_requested: bool
    connection: Any
    key: str
    maintenance_interval: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.worker_ttl = WORKER_KEPT - 60  # RQ adds a minute
        self.maintenance_interval = min(self.maintenance_interval, CLEAN_EVERY)

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """RQ's, tried."""
        self._state = state
        _try(lambda: super(Sturdy, self).set_state(state, pipeline))  # type: ignore[misc]

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ's, tried; and a worker that was forgotten while Redis was away, or by a flush, is in the books again."""
        _try(lambda: super(Sturdy, self).heartbeat(timeout, pipeline))  # type: ignore[misc]
        if pipeline is None:
            _try(self._stay_known)

    def _stay_known(self) -> None:
        with self.connection.pipeline(transaction=False) as pipe:
            pipe.sismember(worker_registration.REDIS_WORKER_KEYS, self.key).hexists(self.key, "birth")
            if all(pipe.execute()):
                return
        with self.connection.pipeline() as pipe:
            pipe.hset(self.key, mapping=self.serialize())  # type: ignore[attr-defined]
            pipe.expire(self.key, WORKER_KEPT)
            worker_registration.register(self, pipe)
            pipe.sadd(QUEUES, *(queue.key for queue in self.queues))  # type: ignore[attr-defined]
            pipe.execute()

    def maintain_heartbeats(self, job: Any, execution: Any) -> None:
        """RQ's; and a worker that was forgotten meanwhile is in the books again."""
        super().maintain_heartbeats(job, execution)  # type: ignore[misc]
        self._stay_known()

    def prepare_job_execution(self, job: Any, remove_from_intermediate_queue: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """RQ's, in one step with an end to the note that it keeps: RQ's own stays for ever when the horse dies here."""
        with self.connection.pipeline() as pipe:
            self.heartbeat(WORKER_KEPT, pipeline=pipe)
            job.prepare_for_execution(self.name, pipeline=pipe)  # type: ignore[attr-defined]
            pipe.expire(job.key, CLAIM_KEPT)
            pipe.execute()
        self.procline(f"Milling pages of {job.origin}")  # type: ignore[attr-defined]

    def handle_execution_ended(self, job: Any, queue: Any, heartbeat_ttl: int) -> None:  # noqa: ARG002 - RQ's signature
        """RQ's, without a heartbeat, which would make the note anew and for ever if it was gone."""
        job.ended_at = now()

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
