"""The latest snapshot, taken by one thread for all who look, and what it was before.

Nobody who asks waits for Redis, and a thousand viewers cost it as much as one.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from threading import Condition, Event, Lock, Thread

import msgspec
import structlog
from redis.exceptions import RedisError

from workers.monitor.snapshot import Snapshot
from workers.monitor.verdict import Verdict, judge

WATCHED = 1.0
"""Seconds between snapshots while somebody looks."""

ALONE = 10.0
"""And while nobody does."""

_LOOKED_LATELY = 15.0
_LAST_WORD = 2.0
_SLOW = 3
_SPACING = 15.0
_KEPT = 240

log = structlog.get_logger("pagemill.monitor")


class LatencyPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Push to published at one moment, in seconds; None when nothing was published."""

    at: datetime
    p50: float | None
    p95: float | None
    p99: float | None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What is known now. `shot` is the last that was had; `age` is how old it is, in seconds.

    `problem`: why there is no newer one, empty when all is well. `latency`: the last hour, a point each 15 s.
    """

    shot: Snapshot | None
    verdict: Verdict | None
    age: float | None
    problem: str
    latency: tuple[LatencyPoint, ...]
    seconds: float | None = None
    """What taking it took."""


class Lookout:
    """Takes snapshots by `take` in a thread of its own; `tell` turns an error of redis into a sentence.

    `every`: seconds between two of them while somebody looks.
    """

    def __init__(
        self, take: Callable[[], Snapshot], tell: Callable[[RedisError], str], *, every: float = WATCHED
    ) -> None:
        self._take = take
        self._tell = tell
        self._every = every
        self._lock = Lock()
        self._fresh = Condition(self._lock)
        self._stop = Event()
        self._wake = Event()
        self._shot: Snapshot | None = None
        self._verdict: Verdict | None = None
        self._taken = 0.0
        self._seconds: float | None = None
        self._problem = ""
        self._asking: float | None = None
        self._looked = 0.0
        self._latency: deque[LatencyPoint] = deque(maxlen=_KEPT)
        self._thread = Thread(target=self._run, name="lookout", daemon=True)

    def start(self) -> None:
        """Take the first snapshot soon."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more, and wait a moment for the one that is being taken."""
        self._stop.set()
        self._wake.set()
        self._thread.join(_LAST_WORD)

    def view(self) -> View:
        """What is known now: never older than a second or two while somebody looks, unless `problem` says why."""
        with self._lock:
            stale = time.monotonic() - self._taken > 2 * self._every
            self._looked = time.monotonic()
            if stale and not self._problem:
                self._wake.set()  # it went slowly, for nobody looked
                self._fresh.wait(1.0)
            age = None if self._shot is None else time.monotonic() - self._taken
            return View(
                shot=self._shot,
                verdict=self._verdict,
                age=age,
                problem=self._problem or self._waiting(),
                latency=tuple(self._latency),
                seconds=self._seconds,
            )

    def _waiting(self) -> str:
        """A Redis that hangs gives no error for a while, and is told all the same."""
        since = self._asking
        asking = 0.0 if since is None else time.monotonic() - since
        return f"Redis has not answered for {asking:.0f} s" if asking > _SLOW * self._every else ""

    def _run(self) -> None:
        while not self._stop.is_set():
            self._look()
            watched = time.monotonic() - self._looked < _LOOKED_LATELY
            self._wake.wait(self._every if watched else ALONE)
            self._wake.clear()

    def _look(self) -> None:
        self._asking = began = time.monotonic()
        try:
            shot = self._take()
            self._remember(shot, judge(shot), time.monotonic() - began)
        except RedisError as error:
            self._fail(self._tell(error))
        except Exception:
            log.exception("no snapshot")
            self._fail("the monitor failed to take a snapshot: its log says why")
        finally:
            self._asking = None

    def _remember(self, shot: Snapshot, verdict: Verdict, seconds: float) -> None:
        with self._lock:
            self._shot, self._verdict, self._seconds, self._problem = shot, verdict, seconds, ""
            self._taken = time.monotonic()
            self._keep_latency(shot)
            self._fresh.notify_all()

    def _fail(self, problem: str) -> None:
        with self._lock:
            if problem != self._problem:
                log.warning("no snapshot", problem=problem)
            self._problem = problem
            self._fresh.notify_all()

    def _keep_latency(self, shot: Snapshot) -> None:
        last = self._latency[-1].at if self._latency else None
        if last is None or abs((shot.at - last).total_seconds()) >= _SPACING:
            told = shot.latency
            self._latency.append(LatencyPoint(at=shot.at, p50=told.p50, p95=told.p95, p99=told.p99))
