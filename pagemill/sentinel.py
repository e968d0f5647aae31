"""A Redis that Sentinel watches: a client from one URL, which asks who the primary is whenever it connects."""

from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

SENTINEL_FORM = "redis+sentinel://[[user]:password@]host[:port][,host[:port]...]/NAME[/db]"
"""NAME is the primary's, as the sentinels call it; `rediss+sentinel` is the same over TLS.

The login is the primary's; the sentinels' own, if they have one, are the query's `sentinel_username` and
`sentinel_password`. All else in the query is redis-py's (`ssl_ca_certs` and the like).
"""

_SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
_PORT = 26_379
_SECONDS = 2.0  # a sentinel answers at once, or another is asked


def is_sentinel(url: str) -> bool:
    """Whether the URL names sentinels, and not a server itself."""
    return url.partition("://")[0].lower() in _SCHEMES


def sentinel_client(url: str, **options: Any) -> Redis:
    """A client of the primary that the URL's sentinels name now; nothing is sent yet.

    `options`: redis-py's, for the primary's connections. Raises ValueError, which quotes nothing of the URL.
    """
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    name, database = _service(parts)
    asked = parse_url(f"{_SCHEMES[parts.scheme]}://{login}{at}localhost/{database}?{parts.query}")  # type: ignore[no-untyped-call]
    for superseded in ("host", "connection_class"):
        asked.pop(superseded, None)
    own = {key: asked.pop(f"sentinel_{key}") for key in ("username", "password") if f"sentinel_{key}" in asked}
    if parts.scheme == "rediss+sentinel":
        asked["ssl"] = True
    for_all = {key: value for key, value in asked.items() if key.startswith("ssl")}
    bounds = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS, "retry": Retry(NoBackoff(), 0)}
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        [_host(host) for host in hosts.split(",")], sentinel_kwargs={**bounds, **for_all, **own}
    )
    return sentinels.master_for(name, **{**asked, **options})  # type: ignore[no-any-return,no-untyped-call]


def _service(parts: SplitResult) -> tuple[str, str]:
    name, _, database = parts.path.removeprefix("/").partition("/")
    if not name or not (database.isdecimal() or not database):
        msg = "behind the sentinels' hosts comes /NAME of the primary, and perhaps /db, a number"
        raise ValueError(msg)
    return unquote(name), database


def _host(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path or parts.query:
        msg = "between two commas stands host or host:port"
        raise ValueError(msg)
    return parts.hostname, parts.port or _PORT
