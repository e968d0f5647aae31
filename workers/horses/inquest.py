"""Inquest: what a claim left behind, and who is to blame for a horse's death."""

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError
from rq.worker_registration import clean_worker_registry

from workers.connection import passes
from workers.horses.deaths import Death, explain
from workers.horses.hand import Held
from workers.milling import bury
from workers.settings import Settings
from workers.store.contract import OutputFull, Store

log = structlog.get_logger("pagemill.worker")


class Inquest:
    """The worker's part after a claim. When Redis is away it does nothing: leases run out by themselves."""

    def __init__(self, store: Store, settings: Settings, *, consumer: str, queues: Sequence[str]) -> None:
        self._store = store
        self._settings = settings
        self._consumer = consumer
        self._queues = queues

    def hold(self, held: Held, status: int | None, *, known: Death | None = None, words: str = "") -> None:
        """Mark the page that the horse died over, bury it when it is enough, and hand back all the rest.

        `known`: why it died, where its worker knows better than the status tells; `words`: its last ones.
        """
        death = known or explain(status, in_hand=held.page is not None)
        if death:
            log.warning("horse_died", consumer=self._consumer, why=death.detail, page=held.page)
            death = msgspec.structs.replace(death, detail=f"{death.detail}\n\n{words}".rstrip())
        self._tried(lambda: self._judge(held, death))
        self.hand_back()

    def break_off(self, held: Held) -> None:
        """The horse was killed on purpose."""
        self._tried(lambda: self._judge(held, None))
        self.hand_back()

    def hand_back(self, *, leave: bool = False) -> None:
        """What still lies under our name goes to whoever looks next."""
        self._tried(lambda: self._store.hand_back(self._consumer, self._queues, leave=leave))

    def clean(self, queues: Sequence[Any]) -> None:
        """Forget claims and workers that are lost."""
        for queue in queues:
            self._tried(queue.started_job_registry.cleanup)
            self._tried(lambda queue=queue: clean_worker_registry(queue))
        self._tried(lambda: self._store.forget_consumers(self._queues))

    def _judge(self, held: Held, death: Death | None) -> None:
        if held.page is None or death is None or death.mark == "innocent":
            if len(held.pages) == 1:  # only alone is a page on trial
                self._store.mark(self._consumer, *held.pages[0], "innocent")
            return
        queue, entry = held.page
        marked = self._store.mark(self._consumer, queue, entry, death.mark)
        if marked is None:
            return
        strikes, lonely = marked
        if strikes < self._settings.strikes and lonely < self._settings.lonely_deaths:
            return
        if taken := self._store.peek(queue, entry):
            why = death.detail.partition("\n")[0]
            log.error("page_dead", queue=queue, entry=entry, reason=str(death.reason), why=why)
            self._store.commit([bury(taken, death.reason, death.detail)])

    def _tried(self, call: Any) -> None:
        try:
            call()
        except OutputFull as full:
            log.warning("output_full", group=full.group)
        except RedisError as error:
            if not passes(error):
                raise
            log.warning("redis_away", consumer=self._consumer, error=str(error))
