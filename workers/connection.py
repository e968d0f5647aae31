"""Connections to Redis, and which of its faults pass by themselves."""

import re
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from redis import ConnectionPool, Redis
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import SentinelConnectionPool

from pagemill.connection import RECONNECT, open_url
from pagemill.connection import passes as passes_by_itself
from pagemill.errors import PagemillError, SettingsError

CONNECT_SECONDS = 5
REPLY_SECONDS = 15
"""How long a reply may take beyond the time that a blocking read asked for."""

_THEIR_POOLS = ("maint_notifications_", "orig_", "himport_registry", "event_dispatcher", "connection_pool")
"""What redis-py adds to a pool's arguments, of that pool alone; another that is given it may refuse to start."""

OLDEST = {"redis": (7, 0), "valkey": (7, 2)}
"""The oldest release of each that has every command and Lua function we use, by the name that HELLO tells."""


def connect(url: str, *, tries: int = 3, reply_seconds: float = REPLY_SECONDS) -> Redis:
    """A client for `url` that gives up after `tries` (0: at once); nothing is sent before the first command.

    Raises SettingsError for a URL that is none; its password is never shown.
    """
    try:
        return open_url(url, **_options(tries, reply_seconds))
    except ValueError as error:
        msg = f"redis_url: {hide_password(url)!r}: {error}"
        raise SettingsError(msg) from None


def connect_like(client: Redis, *, tries: int = 3) -> Redis:
    """A client of its own to the server of another, which somebody else made (`rq worker` does)."""
    pool = client.connection_pool
    given = {name: value for name, value in pool.connection_kwargs.items() if not name.startswith(_THEIR_POOLS)}
    kwargs = {**given, **_options(tries), "connection_class": pool.connection_class}
    if isinstance(pool, SentinelConnectionPool):
        kwargs |= {"is_master": pool.is_master}
        own = SentinelConnectionPool(pool.service_name, pool.sentinel_manager, **kwargs)  # type: ignore[no-untyped-call]
        return Redis(connection_pool=own)
    return Redis(connection_pool=ConnectionPool(**kwargs))


def _options(tries: int, reply_seconds: float = REPLY_SECONDS) -> dict[str, Any]:
    backoff = ExponentialWithJitterBackoff(base=0.05, cap=1) if tries else NoBackoff()
    return {
        "protocol": 2,
        "socket_timeout": reply_seconds,
        "socket_connect_timeout": min(CONNECT_SECONDS, reply_seconds),
        "health_check_interval": 0,
        # A reply that does not come is waited for once: who asks looks at its horse, or its stop, in between.
        "retry": Retry(backoff, tries, supported_errors=(RedisConnectionError,)),
        "retry_on_error": RECONNECT,
    }


def passes(error: RedisError) -> bool:
    """Whether a fault of Redis goes by itself; a worker waits for a password that was changed just now, too."""
    return isinstance(error, RedisConnectionError) or passes_by_itself(error)


def check_server(client: Redis) -> None:
    """Raise PagemillError when the server is older than Pagemill's scripts need."""
    told = cast("Any", client).execute_command("HELLO")  # what INFO would tell, and needs no right
    told = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
    name, version = told[b"server"].decode(), told[b"version"].decode()
    oldest = OLDEST.get(name)
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
    query = re.sub(r"(?i)((?:^|&)(?:sentinel_)?(?:password|username)=)[^&]*", r"\1***", parts.query)
    return urlunsplit((parts.scheme, authority, parts.path, query, parts.fragment))
