"""Back-pressure from Redis's memory."""

import time

from redis import Redis
from redis.exceptions import ResponseError

from pagemill.connection import address

_SAMPLE_SECONDS = 1.0


class MemoryGauge:
    """Tells when Redis holds more than a share of its maxmemory; looks at most once a second.

    Without maxmemory, and where INFO is refused, it never finds a problem. Threads that look at the
    same time may both ask Redis, which does no harm.
    """

    def __init__(self, client: Redis, share: float | None) -> None:
        self._client = client
        self._share = share
        self._problem: str | None = None
        self._next = 0.0

    def problem(self) -> str | None:
        """What to tell the pusher, or None while there is room. Raises redis's errors."""
        if self._share is None:
            return None
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _SAMPLE_SECONDS
            self._problem = self._look(self._share)
        return self._problem

    def _look(self, share: float) -> str | None:
        try:
            memory = self._client.info("memory")
        except ResponseError:  # not permitted, or a server where the command was taken away
            self._share = None
            return None
        used, most = int(memory.get("used_memory", 0)), int(memory.get("maxmemory", 0))
        if not most or used < share * most:
            return None
        return (
            f"Redis at {address(self._client)} holds {used:,} bytes of memory, over {share:.0%} of its "
            f"maxmemory of {most:,}: start workers, raise maxmemory, or raise memory_share"
        )
