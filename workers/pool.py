"""A pool of workers on one machine: RQ's; workers end with it, settings reach them, its size may follow the load."""

import os
import signal
import time
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq.serializers import JSONSerializer
from rq.worker_pool import ForkProcess, WorkerData, WorkerPool

from pagemill.connection import describe
from pipeline import warm_up
from workers.claim import Claim
from workers.connection import connect
from workers.horses.horse import die_with
from workers.logs import configure_logging
from workers.pool_elastic import Elastic
from workers.queue import PageQueue
from workers.settings import Settings
from workers.store.redis_store import RedisStore
from workers.tracing.trace import load_tracing
from workers.worker import MillWorker

SHORT_LIFE = 5.0
"""Seconds: a worker that lived no longer will hardly do better at once."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0

_STOPPING = {signal.SIGINT, signal.SIGTERM}

log = structlog.get_logger("pagemill.pool")


def run_pool(settings: Settings) -> int:
    """Run `settings.workers` workers, up to `max_workers`, until SIGTERM or SIGINT; answers the exit code.

    Raises PagemillError when Redis cannot be reached or used at the start; later the workers wait for it.
    """
    configure_logging(settings)
    client = connect(settings.redis_url, tries=0)
    try:
        RedisStore(client, settings).open(settings.queues)
    except RedisError as error:
        raise describe(error, client) from error
    warm_up()
    load_tracing(settings)
    MillPool(settings, client).start(burst=False, logging_level=settings.log_level.upper())
    return 0


class MillPool(WorkerPool):  # type: ignore[misc]
    """RQ's pool: restarts what dies, stops warmly. What dies young is restarted later and later.

    With `max_workers` it grows and shrinks; who is to leave finishes the page in hand, and hands back the rest.
    """

    def __init__(self, settings: Settings, connection: Any) -> None:
        super().__init__(
            settings.queues,
            connection=connection,
            num_workers=settings.workers,
            worker_class=MillWorker,
            serializer=JSONSerializer,
            job_class=Claim,
            queue_class=PageQueue,
        )
        self._settings = settings
        self._elastic = Elastic(settings) if settings.max_workers > settings.workers else None
        self._leaving: set[str] = set()
        self._born: dict[str, float] = {}
        self._pause = 0.0
        self._not_before = 0.0

    def get_worker_process(self, name: str, burst: bool, _sleep: float = 0, logging_level: str = "INFO") -> Any:  # noqa: FBT001
        """The process of one worker, not started yet."""
        self._born[name] = time.monotonic()
        arguments = (name, self._settings, os.getpid(), burst, logging_level)
        return ForkProcess(target=_run_worker, args=arguments, name=f"pagemill worker {name}")

    def start_worker(self, *args: Any, **kwargs: Any) -> None:
        """RQ's; a signal waits until the worker is in our books, and the worker has left our handlers."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
        try:
            super().start_worker(*args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)

    def stop_workers(self) -> None:
        """RQ's; who was told to leave is not told again, which would break off its page, before the next stop."""
        for data in [data for name, data in self.worker_dict.items() if name not in self._leaving]:
            self.stop_worker(data)
        self._leaving.clear()

    def reap_workers(self) -> None:
        """RQ's, without its wait of a tenth of a second for each that lives."""
        for data in list(self.worker_dict.values()):
            if not data.process.is_alive():
                self.handle_dead_worker(data)

    def handle_dead_worker(self, worker_data: WorkerData) -> None:
        """RQ's; a worker that died young makes the next one wait, unless it was told to leave."""
        super().handle_dead_worker(worker_data)
        lived = time.monotonic() - self._born.pop(worker_data.name, 0)
        if self.status is self.Status.STOPPED or worker_data.name in self._leaving:
            self._leaving.discard(worker_data.name)
            return
        code = worker_data.process.exitcode
        self._pause = min(_LONGEST_PAUSE, self._pause * 2 or _FIRST_PAUSE) if lived < SHORT_LIFE else 0
        self._not_before = time.monotonic() + self._pause
        log.warning("worker_died", worker=worker_data.name, exit_code=code, lived_seconds=round(lived, 1))

    def check_workers(self, respawn: bool = True) -> None:  # noqa: FBT001, FBT002 - RQ's signature
        """RQ's, when it is time; an elastic pool looks first how many there should be."""
        if self._elastic:
            self._resize(self._elastic)
        super().check_workers(respawn=respawn and time.monotonic() >= self._not_before)

    def _resize(self, elastic: Elastic) -> None:
        """Have those that are too many leave: who holds no pages first, then the youngest."""
        staying = [name for name in self.worker_dict if name not in self._leaving]
        self.num_workers = elastic.wanted(staying)
        staying.sort(key=lambda name: (elastic.is_busy(name), -self._born[name]))
        for name in staying[: max(0, len(staying) - self.num_workers)]:
            if self.status is self.Status.STOPPED:  # a signal came meanwhile, and has told all
                return
            self._leaving.add(name)
            self.stop_worker(self.worker_dict[name])


def _run_worker(name: str, settings: Settings, parent: int, burst: bool, logging_level: str) -> None:  # noqa: FBT001
    die_with(parent)
    for number in _STOPPING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    worker = MillWorker(settings.queues, name, connection=connect(settings.redis_url), settings=settings)
    worker.work(burst=burst, logging_level=logging_level)
