"""Redis as both ends see it: a client from a URL, its address without secrets, its errors in one line."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    ConnectionError,  # noqa: A004  # redis's own, which is no OSError
    MaxConnectionsError,
    NoPermissionError,
    ReadOnlyError,
    RedisError,
    TimeoutError,  # noqa: A004
)
from redis.retry import Retry

from pagemill.errors import RedisFailed, SettingsError, brief

DEFAULT_URL = "redis://localhost:6379/0"

_REFUSALS = (AuthenticationError, AuthorizationError)  # connection errors that come again however often one tries
_LOST = (ConnectionError, TimeoutError)
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 15.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5

_T = TypeVar("_T")


def connect(redis: "str | Redis") -> Redis:
    """A client for a URL (redis://, rediss://, unix://); a client that is given stays as it is.

    Nothing is sent yet. Raises SettingsError for a URL that is none; the error never quotes the
    URL, which may hold a password.
    """
    if not isinstance(redis, str):
        return redis
    try:
        return Redis.from_url(
            redis,
            retry=Retry(NoBackoff(), 0),  # both ends try again themselves, for as long as their settings say
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
        )
    except (ValueError, TypeError):
        msg = (
            "redis: not a URL that redis-py understands: it looks like redis://[[user]:password@]host:port/db, "
            "rediss://... for TLS or unix:///path?db=0, and a password must be percent-encoded"
        )
        raise SettingsError(msg) from None


def address(client: Redis) -> str:
    """Where a client connects to, without user or password: `host:port/db` or `unix:PATH`."""
    pool = getattr(client, "connection_pool", None)
    options: dict[str, Any] = getattr(pool, "connection_kwargs", {})
    if "path" in options:
        return f"unix:{options['path']}"
    if name := getattr(pool, "service_name", None):
        return f"sentinel:{name}"
    return f"{options.get('host', 'localhost')}:{options.get('port', 6379)}/{options.get('db') or 0}"


def describe(error: RedisError, client: Redis) -> RedisFailed:
    """Redis's error as one line that a person can act on. Raise it `from` the original."""
    return RedisFailed(f"Redis at {address(client)} {_problem(error)}")


def is_lost(error: RedisError) -> bool:
    """Whether the same command may succeed when it is sent again: the connection failed, or Redis is starting."""
    return isinstance(error, _LOST) and not isinstance(error, _REFUSALS)


def retrying(call: Callable[[], _T], seconds: float) -> _T:
    """What `call` answers; it is called again for up to `seconds` while the connection is lost.

    Raises redis's errors.
    """
    patience = Patience(seconds)
    while True:
        try:
            return call()
        except _LOST as error:
            if not is_lost(error) or not patience.wait():
                raise


def pauses() -> Iterator[float]:
    """Seconds to wait before each further try, without end: doubling to 0.5, each with a jitter of a half."""
    pause = _FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.5, 1.0)  # noqa: S311  # spreads load, keeps no secret
        pause = min(2 * pause, _LONGEST_PAUSE)


class Patience:
    """How long to go on trying: `wait` sleeps a little and answers True until the time is over.

    `seconds` None is for ever, 0 not at all.
    """

    def __init__(self, seconds: float | None) -> None:
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._pauses = pauses()

    def wait(self) -> bool:
        """Sleep before the next try; False, at once, when the time is over."""
        pause = next(self._pauses)
        if self._deadline is not None:
            pause = min(pause, self._deadline - time.monotonic())
        if pause <= 0:
            return False
        time.sleep(pause)
        return True

    def progress(self) -> None:
        """Begin again with short pauses: something moved."""
        self._pauses = pauses()


def _problem(error: RedisError) -> str:
    text = brief(str(error), 200)[1:-1]
    if isinstance(error, NoPermissionError) or "ACL failure" in text or "user executing the script" in text:
        return (
            f"does not permit this user to do that ({text}): its rights are in docs/producers.md and docs/consumers.md"
        )
    if isinstance(error, _REFUSALS):
        return f"refused the login: wrong or missing password or user ({text})"
    if isinstance(error, ReadOnlyError):
        return "is a read-only replica: connect to its primary"
    if isinstance(error, BusyLoadingError):
        return "is still loading its data: try again soon"
    if isinstance(error, MaxConnectionsError):
        return f"could not be asked: no free connection ({text})"
    if isinstance(error, TimeoutError):
        return f"did not answer in time ({text})"
    if isinstance(error, ConnectionError):
        return f"cannot be reached: is it running? ({text})"
    if text.startswith("WRONGTYPE"):
        return "holds something else under a key of ours (WRONGTYPE): choose another prefix, or delete that key"
    return f"refused: {text}"
