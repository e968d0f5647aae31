"""Vigil: counts how long a horse makes no step, and ends it when that is enough."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from pagemill.outcomes import DeadReason
from workers.horses.deaths import Death
from workers.horses.hand import Held
from workers.horses.last_words import TIME_IS_UP

LONGEST_STEP = 90.0
"""Seconds without a step after which a horse is ended though no page is to blame: it hangs with none in hand,
or somebody stopped it. Longer than a reply of Redis may take, with its tries."""

LONGEST_LOOK = 2.0
"""Seconds at most that count between two looks: in more than that it was the worker that stood still."""

LEAST_LOOKS = 5
"""A page is not blamed for what so few looks saw: on a busy machine one may come late, and see a short wait."""

_RUNNING, _STOPPED = "R", "Tt"  # proc(5)
_SEES = sys.platform == "linux"
"""Whether a process that runs can be told from one that sleeps; where not, all time counts, at half its weight."""

log = structlog.get_logger("pagemill.worker")


class Vigil:
    """One horse's. A page's processor time is the kernel's to bound; here its time without any is.

    What the worker did not see does not count (a frozen container, a machine that slept), nor does time in
    which the horse waits for a processor: then the machine is slow, and not the page.
    """

    def __init__(self, pid: int, *, page_seconds: float, kill: Callable[[signal.Signals], None]) -> None:
        self._pid = pid
        self._page_seconds = page_seconds if _SEES else 2 * page_seconds
        self._longest_look = min(LONGEST_LOOK, self._page_seconds / LEAST_LOOKS)
        self._kill = kill
        self._beat = 0.0
        self._looked = time.monotonic()
        self._still = self._idle = 0.0
        self._death: Death | None = None
        self._over: Held | None = None

    def look(self, held: Held) -> None:
        """Count, and end the horse whose time is up: softly first, so that it leaves its stack."""
        state = self._count(held.beat)
        if self._death:
            self._kill(signal.SIGKILL)
        elif held.page and self._idle > self._page_seconds:
            why = f"the page did nothing for {self._page_seconds:g} s"
            self.end(held, Death("strike", DeadReason.TIMEOUT, why), TIME_IS_UP)
        elif self._still > LONGEST_STEP and (held.page is None or state in _STOPPED):
            why = f"the horse made no step for {self._still:.0f} s, by no page's fault"
            self.end(held, Death("innocent", DeadReason.LOST, why))

    def end(self, held: Held, death: Death, by: signal.Signals = signal.SIGKILL) -> None:
        """End the horse for a reason that its wait status will not tell; the first reason counts."""
        if self._death:
            return
        log.warning("horse_ended", why=death.detail, page=held.page)
        self._death, self._over = death, held
        self._kill(by)

    def death(self, held: Held) -> Death | None:
        """The reason why it was ended here, None when it was not; `held`: what it died with.

        No page is blamed for the one before it, which came to its end just in time.
        """
        if self._death and self._over and (held.page, held.beat) != (self._over.page, self._over.beat):
            return Death("innocent", DeadReason.LOST, self._death.detail)
        return self._death

    def _count(self, beat: float) -> str:
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, self._longest_look), now
        if beat != self._beat:
            self._beat, self._still, self._idle = beat, 0.0, 0.0
        state = _state(self._pid)
        self._still += passed
        if state not in _RUNNING + _STOPPED:
            self._idle += passed
        return state


def _state(pid: int) -> str:
    """One letter of proc(5); where there is no such thing a sleeper's."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1].decode("ascii")
    except OSError:
        return "S"
