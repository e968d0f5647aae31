"""Waits for a horse, and looks after it meanwhile."""

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress

TICK = 0.5
"""Seconds between looks at a horse."""


def wait_for(pid: int, tick: Callable[[], None], *, every: float = TICK) -> int | None:
    """The wait status of the child `pid`, once it has ended; `tick` is called about each `every` seconds until then.

    None when somebody else reaped it.
    """
    try:
        ended = os.pidfd_open(pid)
    except (OSError, AttributeError):  # not on macOS, nor in some sandboxes
        return _wait(pid, tick, every, lambda seconds: _poll(pid, seconds))
    try:
        return _wait(pid, tick, every, lambda seconds: _select(ended, seconds))
    finally:
        os.close(ended)


def _wait(pid: int, tick: Callable[[], None], every: float, pause: Callable[[float], None]) -> int | None:
    while True:
        try:
            ended, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return None
        if ended:
            return status
        began = time.monotonic()
        pause(every)
        if time.monotonic() - began >= every:
            tick()


def _select(ended: int, seconds: float) -> None:
    select.select([ended], [], [], seconds)


def _poll(pid: int, seconds: float) -> None:
    """Without a pidfd: look every 5 ms whether it ended, and leave the reaping to the caller."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(ChildProcessError):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
        time.sleep(0.005)
