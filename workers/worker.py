"""MillWorker: RQ's worker, whose jobs are claims on pages."""

import gc
import math
import os
import signal
import time
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import structlog
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer
from rq.suspension import is_suspended
from rq.worker import WorkerStatus

from pagemill.outcomes import DeadReason
from pipeline import warm_up
from workers.arguments import hide_passwords
from workers.claim import Claim
from workers.connection import REPLY_SECONDS, connect_like, passes
from workers.deaf import Deaf
from workers.drain import Drain
from workers.horses.deaths import Death
from workers.horses.hand import Hand
from workers.horses.horse import EXIT_FAILED, EXIT_MEMORY, die_with, limit_memory
from workers.horses.inquest import Inquest
from workers.horses.last_words import LastWords
from workers.horses.vigil import Vigil
from workers.horses.watch import wait_for
from workers.logs import configure_logging
from workers.patience import patiently
from workers.queue import PageQueue
from workers.rq_keys import QUEUES
from workers.settings import Settings, load_settings
from workers.store.redis_store import RedisStore
from workers.sturdy import Sturdy
from workers.tracing.trace import load_tracing
from workers.vitals import Vitals

RENEW_EVERY = 10.0
"""Seconds: leases are renewed at least so often, and three times in their length."""

LOOK_EVERY = 1.0
"""Seconds between two looks whether `rq suspend` was called."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0

# A page's objects go by their reference counts. Looking for cycles at every 700th, as Python does, costs a twentieth.
_GC_THRESHOLDS = 20_000, 20, 20

_HELD_BACK = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1}

log = structlog.get_logger("pagemill.worker")


class MillWorker(Deaf, Sturdy, Worker):  # type: ignore[misc]
    """Takes pages off PageQueues and has a horse mill them; runs nothing that was written into Redis.

    Works with `rq worker --worker-class workers.worker.MillWorker` as it is: queue class, job class and
    serializer are ours whatever RQ is told, and settings come from PAGEMILL_* and pagemill.toml.
    """

    queue_class = PageQueue
    job_class = Claim
    max_connection_wait_time = 2.0
    connection_timeout = REPLY_SECONDS  # RQ waits 415 s for a reply, because its own dequeue blocks for so long

    def __init__(
        self, queues: Any, name: str | None = None, *, settings: Settings | None = None, **kwargs: Any
    ) -> None:
        asked: list[Any] = (
            [queues] if isinstance(queues, str | PageQueue) or not isinstance(queues, Iterable) else list(queues)
        )
        if kwargs.get("connection") is None and asked:
            kwargs["connection"] = asked[0].connection
        kwargs |= {"queue_class": PageQueue, "job_class": Claim, "serializer": JSONSerializer}
        super().__init__([queue if isinstance(queue, str) else queue.name for queue in asked], name, **kwargs)
        self.consumer = f"{self.name}.{uuid4().hex[:12]}"  # a name used again would inherit leases
        self._settings = settings or load_settings()
        self._store = RedisStore(connect_like(self.connection), self._settings)
        for queue in self.queues:
            queue.consumer, queue.store = self.consumer, self._store
            queue.is_stopping = lambda: self._stop_requested
        self._hand = Hand(self.queue_names() or [""])
        self._inquest = Inquest(self._store, self._settings, consumer=self.consumer, queues=self.queue_names())
        self._vitals = Vitals(connect_like(self.connection), self._settings, self.key)
        self._drain: Drain | None = None
        self._failures = 0
        self._stop_at = math.inf
        self._left = False

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        """RQ's, and: queues made, libraries loaded before the first fork."""
        hide_passwords()  # of `rq worker --url`
        configure_logging(self._settings)
        self._last_words = LastWords()
        patiently(lambda: self._store.open(self.queue_names()))
        self.connection.sadd(QUEUES, *(queue.key for queue in self.queues))
        warm_up()
        load_tracing(self._settings)
        gc.collect()
        gc.freeze()  # what is loaded now is shared by all horses: keep the collector from touching it
        gc.set_threshold(*_GC_THRESHOLDS)
        super().bootstrap(*args, **kwargs)
        log.info("worker_started", worker=self.name, queues=self.queue_names(), pid=os.getpid())

    def work(self, *args: Any, **kwargs: Any) -> bool:
        """RQ's; a cold stop that came at its very end, and cut it off, leaves nothing held either."""
        try:
            return bool(super().work(*args, **kwargs))
        except SystemExit:
            if not self._left:
                self.teardown()
            raise

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ's, and: how it is."""
        super().heartbeat(timeout, pipeline)
        if pipeline is None and not self.is_horse:
            self._vitals.tell()

    # The claim, seen from the worker

    def execute_job(self, job: Claim, queue: PageQueue) -> None:
        """Fork a horse for the claim and look after it; a Redis that is away costs this claim and nothing else."""
        self._hand.clear()
        self._last_words.clear()
        self._hand.hold([(page.queue, page.entry) for page in job.pages])
        try:
            super().execute_job(job, queue)
        except RedisError as error:
            if not passes(error):
                raise
            log.warning("claim_broken_off", error=str(error))
            self._inquest.hand_back()
            time.sleep(1)

    def fork_work_horse(self, job: Claim, queue: PageQueue) -> None:
        """RQ's; signals wait until the horse has handlers of its own."""
        self._parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
        try:
            super().fork_work_horse(job, queue)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK)

    def monitor_work_horse(self, job: Claim, queue: PageQueue, execution: Any) -> None:  # noqa: ARG002 - RQ's signature
        """Renew its leases, keep RQ's heartbeat, end it when nothing moves; then see what it left."""
        self._booked = self._renewed = self._looked = time.monotonic()
        self._vitals.begin_claim()
        if self._stop_requested:  # between the claim and the fork there was no horse to tell it to
            self._stop_softly()
        vigil = Vigil(self.horse_pid, page_seconds=self._settings.page_seconds, kill=self.kill_horse)
        status = wait_for(self.horse_pid, partial(self._tick, job, execution, vigil))
        self._horse_pid = 0
        self.executions.pop(execution.id, None)
        held = self._hand.look()
        self._vitals.end_claim(held)
        if status == 0 and held.page is None:
            self._failures = 0
        else:
            self._forget(job, execution)
        self._inquest.hold(held, status, known=vigil.death(held), words=self._last_words.read())
        if status and os.waitstatus_to_exitcode(status) == EXIT_FAILED:
            self._pause()

    def _tick(self, job: Claim, execution: Any, vigil: Vigil) -> None:
        now = time.monotonic()
        held = self._hand.look()
        if now >= self._stop_at:
            vigil.end(held, Death("innocent", DeadReason.LOST, "a stop waits no longer for the page in hand"))
        vigil.look(held)
        try:
            if now - self._renewed >= min(RENEW_EVERY, self._settings.lease_seconds / 3):
                self._store.renew(self.consumer, held.pages)
                self._renewed = now
            if now - self._booked >= RENEW_EVERY:
                self.maintain_heartbeats(job, execution)
                self._booked = now
            self._vitals.tell(held, self.horse_pid)
            if now - self._looked >= LOOK_EVERY:
                self._looked = now
                if is_suspended(self.connection):
                    self._stop_softly()
        except RedisError as error:
            if not passes(error):
                raise
            log.warning("redis_away", worker=self.name, error=str(error))

    def _pause(self) -> None:
        """A claim that fails for no page's fault would fail again at once."""
        self._failures += 1
        until = time.monotonic() + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10))
        while time.monotonic() < until and not self._stop_requested:
            time.sleep(_FIRST_PAUSE)

    # Stopping

    def handle_warm_shutdown_request(self) -> None:
        """SIGTERM: the horse finishes the page in hand, commits, and the rest is handed back.

        After `stop_seconds` it is killed like at a cold stop, while there is time to hand all back.
        """
        self._stop_at = time.monotonic() + self._settings.stop_seconds
        super().handle_warm_shutdown_request()
        self._stop_softly()

    def _shutdown(self) -> None:
        """Where it is idle RQ raises out of its signal handler, into whatever runs just then.

        A log handler swallowed that, and a reply with pages was lost by it; so dequeue_any looks at the flag.
        """
        self._stop_requested = True
        if self.get_state() == WorkerStatus.BUSY:
            super()._shutdown()

    def _stop_softly(self) -> None:
        if self.horse_pid:
            try:
                os.kill(self.horse_pid, signal.SIGUSR1)
            except ProcessLookupError:
                log.debug("horse_gone", worker=self.name)

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Kill it, and nothing else: RQ kills the process group, which is still ours just after the fork."""
        if self.horse_pid:
            try:
                os.kill(self.horse_pid, sig)
            except ProcessLookupError:
                log.debug("horse_gone", worker=self.name)

    def request_force_stop(self, signum: int, frame: Any) -> None:
        """SIGTERM again: the horse is killed, its page is not to blame, and all is handed back."""
        try:
            super().request_force_stop(signum, frame)
        except SystemExit:
            _ignore_stops()
            self._inquest.break_off(self._hand.look())
            raise

    def teardown(self) -> None:
        """RQ's, and: out of the group, with nothing held."""
        if not self.is_horse:
            _ignore_stops()
            self._inquest.hand_back(leave=True)
        super().teardown()
        self._left = True

    # The horse

    def setup_work_horse_signals(self) -> None:
        """SIGTERM (to a whole process group) and SIGUSR1 (from the worker) end the claim after the page in hand."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._stop_draining)
        signal.signal(signal.SIGUSR1, self._stop_draining)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK)

    def main_work_horse(self, job: Claim, queue: PageQueue) -> None:
        """RQ's, in a process that ends with its worker and stays within bounds."""
        die_with(self._parent)
        self._last_words.listen()
        limit_memory(self._settings.horse_limit_mb)
        store = RedisStore(connect_like(self.connection), self._settings)
        self._drain = Drain(store, self._settings, consumer=self.consumer, queues=self.queue_names(), hand=self._hand)
        job.drain = partial(_work, self._drain, self._last_words)
        super().main_work_horse(job, queue)

    def _stop_draining(self, *_: object) -> None:
        if self._drain:
            self._drain.stop()


def _ignore_stops() -> None:
    """We are stopping: one more signal must not cut off what is left to do."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _work(drain: Drain, last_words: LastWords, claim: Claim) -> None:
    """The claim's work. Whatever ends it is told by the exit status: RQ's would be 0 either way."""
    try:
        drain.run(claim.pages, linger=claim.lingers)
    except MemoryError as error:
        last_words.say(error)
        os._exit(EXIT_MEMORY)
    except BaseException:
        log.exception("claim_failed")
        os._exit(EXIT_FAILED)
