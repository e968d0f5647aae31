"""What costs a processor or a second: so much of it at once, and whoever comes then is asked to come again."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

from workers.monitor.web.exchange import Refused

_ONE = Semaphore(1)
_FEW = Semaphore(2)


@contextmanager
def alone() -> Iterator[None]:
    """Work on one page, in a process of its own: one at a time. Raises Refused."""
    with _place(_ONE, "another page is being looked at: try again in a moment"):
        yield


@contextmanager
def among_few() -> Iterator[None]:
    """A look far back: two at a time. Raises Refused."""
    with _place(_FEW, "others are searching: try again in a moment"):
        yield


@contextmanager
def _place(places: Semaphore, taken: str) -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise Refused(503, taken)
    try:
        yield
    finally:
        places.release()
