"""Connections to Redis, and which of its faults pass by themselves."""

import re
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from redis import ConnectionPool, Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)
from redis.retry import Retry

from pagemill.errors import PagemillError, SettingsError

CONNECT_SECONDS = 5
REPLY_SECONDS = 15
"""How long a reply may take beyond the time that a blocking read asked for."""

_OLDEST = {"redis": (7, 0), "valkey": (7, 2)}

_PASSING = (
    RedisConnectionError,
    RedisTimeoutError,
    BusyLoadingError,
    ReadOnlyError,
    OutOfMemoryError,
    TryAgainError,
)
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


def connect(url: str, *, tries: int = 3) -> Redis:
    """A client for `url` that gives up after `tries` (0: at once); nothing is sent before the first command.

    Raises SettingsError for a URL that is none; its password is never shown.
    """
    try:
        return Redis.from_url(url, **_options(tries))
    except ValueError as error:
        msg = f"redis_url: {hide_password(url)!r}: {error}"
        raise SettingsError(msg) from None


def connect_like(client: Redis, *, tries: int = 3) -> Redis:
    """A client of its own to the server of another, which somebody else made (`rq worker` does)."""
    pool = client.connection_pool
    kwargs = {**pool.connection_kwargs, **_options(tries)}
    return Redis(connection_pool=ConnectionPool(connection_class=pool.connection_class, **kwargs))


def _options(tries: int) -> dict[str, Any]:
    backoff = ExponentialWithJitterBackoff(base=0.05, cap=1) if tries else NoBackoff()
    return {
        "protocol": 2,
        "socket_timeout": REPLY_SECONDS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "health_check_interval": 0,
        "retry": Retry(backoff, tries),
        "retry_on_error": [],
    }


def passes(error: RedisError) -> bool:
    """Whether a fault of Redis goes by itself: it is away, loading, read-only, full, failing over."""
    if isinstance(error, _PASSING):
        return True
    if not isinstance(error, ResponseError):
        return False
    return str(error).rpartition(" of pipeline caused error: ")[2].startswith(_PASSING_WORDS)


def check_server(client: Redis) -> None:
    """Raise PagemillError when the server is older than Pagemill's scripts need."""
    told = cast("Any", client).execute_command("HELLO")  # what INFO would tell, and needs no right
    told = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
    name, version = told[b"server"].decode(), told[b"version"].decode()
    oldest = _OLDEST.get(name)
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if oldest and numbers < oldest:
        wanted = ".".join(map(str, oldest))
        msg = f"{name.capitalize()} {version} is too old: Pagemill needs {name.capitalize()} {wanted} or later"
        raise PagemillError(msg)


def hide_password(url: str) -> str:
    """The URL as it may be shown: its password, in the authority or the query, as ***."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    authority = re.sub(r"^([^:]*):.*@", r"\1:***@", parts.netloc) if "@" in parts.netloc else parts.netloc
    query = re.sub(r"(?i)((?:^|&)(?:password|username)=)[^&]*", r"\1***", parts.query)
    return urlunsplit((parts.scheme, authority, parts.path, query, parts.fragment))
