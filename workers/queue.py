"""PageQueue: an RQ queue made of pages."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NoReturn

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from rq.exceptions import DequeueTimeout, StopRequested
from rq.queue import Queue
from rq.registry import (
    CanceledJobRegistry,
    DeferredJobRegistry,
    FailedJobRegistry,
    FinishedJobRegistry,
    ReadyJobRegistry,
    ScheduledJobRegistry,
)
from rq.serializers import JSONSerializer

from pagemill.errors import SettingsError
from workers.claim import Claim
from workers.connection import connect_like, passes
from workers.registry import ClaimRegistry, EmptyRegistry
from workers.rq_keys import SUSPENDED
from workers.settings import load_settings
from workers.store.contract import Taken
from workers.store.redis_store import RedisStore

WAIT_FOR_PAGES = 0.5
"""Seconds of one blocking read: as long as a stop may go unnoticed."""

LONGEST_WAIT = 10.0
"""Seconds after which RQ gets its turn, to send a heartbeat."""


class PageQueue(Queue):  # type: ignore[misc]
    """Answers RQ's dequeue with a Claim on pages; its count is of pages, waiting and in hand.

    An ordinary job that somebody puts into RQ's list of the same name is never looked at.
    """

    job_class = Claim

    def __init__(self, name: str = "default", connection: Redis | None = None, **kwargs: Any) -> None:
        kwargs |= {"job_class": Claim, "serializer": JSONSerializer}
        super().__init__(name, connection, **kwargs)
        self.consumer = ""
        self.is_stopping: Callable[[], bool] = lambda: False

    @cached_property
    def store(self) -> RedisStore:
        """The mill's store on the same server, over a connection of its own."""
        return RedisStore(connect_like(self.connection), load_settings())

    @property
    def count(self) -> int:
        """Pages that are not settled yet; none on a queue of RQ's own, whose name may be none of ours."""
        try:
            key = self.store.keys.pages(self.name)
        except SettingsError:
            return 0
        return int(self.connection.xlen(key))

    @classmethod
    def dequeue_any(cls, queues: Sequence["PageQueue"], timeout: int | None, connection: Redis, **_: Any) -> Any:
        """A claim on pages of the first queue that has any, and that queue.

        Orphans come first: they have waited longest. With a timeout (seconds) it waits, and raises
        DequeueTimeout; without one (RQ's burst mode) it answers None when there is nothing. Raises StopRequested
        when its worker is to stop, and nothing was taken. While the mill is suspended it takes none: an idle worker
        of RQ looks for that only after its next claim.
        """
        until = time.monotonic() + min(timeout or 0, LONGEST_WAIT)
        cls._heed_a_stop(queues)  # first: while Redis is away, what follows raises, and RQ calls again for ever
        cls._hand_back_lost(queues)
        while True:
            cls._heed_a_stop(queues)
            wait = max(0.0, min(WAIT_FOR_PAGES, until - time.monotonic()))
            if cls._is_suspended(queues):
                time.sleep(wait)
            elif pages := cls._take(queues, wait):
                queue = next(queue for queue in queues if queue.name == pages[0].queue)
                return Claim.of(pages, queue=queue.name, connection=connection, lingers=timeout is not None), queue
            if timeout is None:
                return None
            if time.monotonic() >= until:
                raise DequeueTimeout(timeout, [queue.key for queue in queues])

    @classmethod
    def _heed_a_stop(cls, queues: Sequence["PageQueue"]) -> None:
        if queues[0].is_stopping():
            raise StopRequested

    @classmethod
    def _is_suspended(cls, queues: Sequence["PageQueue"]) -> bool:
        with _away_for_rq():
            return bool(queues[0].store.client.exists(SUSPENDED))

    @classmethod
    def _hand_back_lost(cls, queues: Sequence["PageQueue"]) -> None:
        """Pages whose reply was lost lie under our name, and we know nothing of them."""
        first = queues[0]
        with _away_for_rq():
            first.store.hand_back(first.consumer, [queue.name for queue in queues])

    @classmethod
    def _take(cls, queues: Sequence["PageQueue"], wait: float) -> Sequence[Taken]:
        first, names = queues[0], [queue.name for queue in queues]
        most = first.store.settings.batch_pages
        with _away_for_rq():
            return first.store.adopt(first.consumer, names, most) or first.store.take(
                first.consumer, names, most, wait=wait
            )

    @property
    def started_job_registry(self) -> ClaimRegistry:
        """Claims that are worked on now."""
        return ClaimRegistry(queue=self, job_class=Claim)

    def move_dependents_to_ready(self, *_args: Any, **_kwargs: Any) -> dict[str, list[str]]:
        """None: a claim has no dependents, and what Redis holds under that name is not looked at."""
        return {}

    def enqueue_ready_jobs_by_queue(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to do."""

    def enqueue_dependents(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing to do."""

    def push_job_id(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused: pages are pushed with Producer.push, or by XADD (docs/wire.md)."""
        msg = f"the queue {self.name!r} holds pages: push them with pagemill.Producer; it runs no RQ jobs"
        raise TypeError(msg)


@contextmanager
def _away_for_rq() -> Iterator[None]:
    """RQ's loop waits out a lost connection alone, and quits at a Redis that is read-only or full for a while."""
    try:
        yield
    except RedisError as error:
        if not passes(error):
            raise
        raise RedisConnectionError(str(error)) from error


def _none(name: str, template: str) -> property:
    def registry(queue: PageQueue) -> EmptyRegistry:
        return EmptyRegistry(template, queue=queue, job_class=Claim)

    registry.__doc__ = f"No claim is ever {name}."
    return property(registry)


for _name, _kind in {
    "finished": FinishedJobRegistry,
    "failed": FailedJobRegistry,
    "deferred": DeferredJobRegistry,
    "ready": ReadyJobRegistry,
    "scheduled": ScheduledJobRegistry,
    "canceled": CanceledJobRegistry,
}.items():
    setattr(PageQueue, f"{_name}_job_registry", _none(_name, _kind.key_template))
