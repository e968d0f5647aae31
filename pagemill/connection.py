"""Redis as both ends see it: a client from a URL, its address without secrets, its errors in one line."""

import logging
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
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,  # noqa: A004
    TryAgainError,
)
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError

from pagemill.errors import RedisFailed, SettingsError, brief
from pagemill.sentinel import SENTINEL_FORM, is_sentinel, sentinel_client

DEFAULT_URL = "redis://localhost:6379/0"

RECONNECT = [ReadOnlyError]
"""What redis-py is to close a connection for: behind a name that moves, the next one leads to the new primary."""

_REFUSALS = (AuthenticationError, AuthorizationError)  # connection errors that come again however often one tries
_PASSING = (ConnectionError, TimeoutError, ReadOnlyError, OutOfMemoryError, TryAgainError)
_PASSING_WORDS = (
    "LOADING",
    "OOM",
    "READONLY",
    "MISCONF",
    "NOREPLICAS",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "BUSY ",
    "UNBLOCKED",  # a blocking read, when the server turns replica
)
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 15.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.5

_T = TypeVar("_T")

_LOG = logging.getLogger(__name__)


def connect(redis: "str | Redis") -> Redis:
    """A client for a URL (see `open_url`); a client that is given stays as it is.

    Nothing is sent yet. Raises SettingsError for a URL that is none; the error never quotes the
    URL, which may hold a password.
    """
    if not isinstance(redis, str):
        return redis
    try:
        return open_url(
            redis,
            retry=Retry(NoBackoff(), 0),  # both ends try again themselves, for as long as their settings say
            retry_on_error=RECONNECT,
            socket_timeout=_ANSWER_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
        )
    except (ValueError, TypeError):
        msg = (
            "redis: not a URL that redis-py understands: it looks like redis://[[user]:password@]host:port/db, "
            f"rediss://... for TLS, unix:///path?db=0 or {SENTINEL_FORM}, and a password must be percent-encoded"
        )
        raise SettingsError(msg) from None


def open_url(url: str, **options: Any) -> Redis:
    """A client for redis://, rediss:// (TLS), unix://, or a primary behind sentinels (`SENTINEL_FORM`).

    `options`: redis-py's. Nothing is sent yet. Raises ValueError.
    """
    return sentinel_client(url, **options) if is_sentinel(url) else Redis.from_url(url, **options)


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


def passes(error: RedisError) -> bool:
    """Whether a fault goes by itself: Redis is away, loading, read-only, full, failing over.

    A login that was refused is not among these.
    """
    if isinstance(error, _PASSING):
        return not isinstance(error, _REFUSALS)
    if not isinstance(error, ResponseError):
        return False
    return str(error).rpartition(" of pipeline caused error: ")[2].startswith(_PASSING_WORDS)


def is_forbidden(error: RedisError) -> bool:
    """Whether the user may not do that, by itself or in a script (which the client tells as any other error)."""
    text = str(error)
    return isinstance(error, NoPermissionError) or "ACL failure" in text or "user executing the script" in text


def retrying(call: Callable[[], _T], seconds: float, client: Redis) -> _T:
    """What `call` answers; it is called again for up to `seconds` while Redis has a fault that passes.

    The wait and its end are told in the log, by `client`'s address. Raises redis's errors.
    """
    patience = Patience(seconds)
    waited = False
    while True:
        try:
            answer = call()
        except RedisError as error:
            if not passes(error) or not patience.wait():
                raise
            if not waited:
                waited = True
                _LOG.warning("%s; trying on for up to %g seconds", describe(error, client), seconds)
        else:
            if waited:
                _LOG.info("Redis at %s answers again", address(client))
            return answer


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
    if is_forbidden(error):
        return (
            f"does not permit this user to do that ({text}): its rights are in docs/producers.md and docs/consumers.md"
        )
    if isinstance(error, _REFUSALS):
        return f"refused the login: wrong or missing password or user ({text})"
    if isinstance(error, ReadOnlyError):
        return "is a read-only replica: connect to its primary"
    if isinstance(error, MasterNotFoundError):
        return f"has no primary now that its sentinels know of ({text.partition(' : ')[0]})"
    if isinstance(error, BusyLoadingError):
        return "is still loading its data: try again soon"
    if isinstance(error, MaxConnectionsError):
        return f"could not be asked: no free connection ({text})"
    if isinstance(error, TimeoutError):
        return f"did not answer in time ({text})"
    if isinstance(error, ConnectionError):
        return _unreachable(text)
    if text.startswith("WRONGTYPE"):
        return "holds something else under a key of ours (WRONGTYPE): choose another prefix, or delete that key"
    return f"refused: {text}"


def _unreachable(text: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"shows a certificate that is not trusted: name its authority in the URL, ssl_ca_certs=FILE ({text})"
    return f"cannot be reached: is it running? ({text})"
