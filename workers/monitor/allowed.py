"""What the monitor's Redis user may not read is left out of an answer, and the rest of it is given."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import ResponseError

from pagemill.connection import is_forbidden


@contextmanager
def if_allowed() -> Iterator[None]:
    """The block ends at the first read that is not allowed; what follows it says what is lacking."""
    try:
        yield
    except ResponseError as error:
        if not is_forbidden(error):
            raise
