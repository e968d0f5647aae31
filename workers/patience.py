"""Waits out the faults of Redis that pass by themselves: with back-off, and a log line at each end."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from redis.exceptions import RedisError

from workers.connection import passes

FIRST_PAUSE = 0.05  # seconds
LONGEST_PAUSE = 2.0

_T = TypeVar("_T")

log = structlog.get_logger("pagemill.redis")


def patiently(call: Callable[[], _T], *, pause: Callable[[float], None] = time.sleep) -> _T:
    """What `call` answers, tried until Redis is there again.

    `pause` is told the seconds to wait, and may raise to give up. Faults that do not pass are raised at once.
    """
    tries = 0
    began = 0.0
    while True:
        try:
            answer = call()
        except RedisError as error:
            if not passes(error):
                raise
            if not tries:
                began = time.monotonic()
                log.warning("redis_away", error=str(error))
            tries += 1
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries, 10))
            pause(longest * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
        else:
            if tries:
                log.info("redis_back", away_seconds=round(time.monotonic() - began, 1), tries=tries)
            return answer
