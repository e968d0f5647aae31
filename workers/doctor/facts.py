"""What `pagemill doctor` reads of a Redis. Whatever this user may not ask for stays empty, and is named."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from redis import Redis, SSLConnection
from redis.exceptions import ResponseError

from pagemill.errors import PagemillError
from pagemill.keys import GROUP, METERS, Keys
from workers import rq_keys
from workers.doctor.roles import missing_rights
from workers.readings import WorkerReading, read_workers, server_time
from workers.settings import Settings
from workers.store.books import queue_names, read_ledger
from workers.store.contract import GroupLag

_PINGS = 7
_MOST_ORPHANS = 1_000
_OPTIONS = (
    "appendfsync", "bind", "client-output-buffer-limit", "port", "proto-max-bulk-len", "protected-mode", "save",
    "stop-writes-on-bgsave-error", "tls-port",
)  # fmt: skip
NOBODYS = "none"
"""The type that a key should have which only earlier releases wrote: there should be none."""

_FORMER = ("bytes", "text", "article")
_STREAMS = ("records", "settled", "dead")

_T = TypeVar("_T")
_Names = tuple[list[str], list[str]]


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """How the client connects. `host` is empty for a unix socket."""

    host: str
    tls: bool
    verified: bool


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """Of the ledger: `records` in the stream, the groups that read it, pages not settled yet."""

    records: int = 0
    groups: Sequence[GroupLag] = ()
    depth: int = 0


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the checks look at. What could not be asked for is empty, and `refused` tells why, by its name here."""

    settings: Settings
    address: Address
    round_trip: float
    """Seconds of a PING, the median of some."""

    hello: Mapping[str, Any] = {}
    server: Mapping[str, Any] = {}
    """INFO."""

    options: Mapping[str, str] = {}
    """CONFIG GET."""

    user: str = ""
    users: Mapping[str, Mapping[str, Any]] = {}
    """ACL GETUSER of `default` and of this user; one that is not there is left out."""

    rights: Mapping[str, str] = {}
    """Role -> the first right that this user lacks for it, or ""."""

    ahead: float = 0.0
    """Seconds by which Redis's clock is ahead of ours."""

    types: Mapping[str, str] = {}
    """Each key of ours that is there -> its type."""

    expected: Mapping[str, str] = {}
    """Each key that there may be -> the type it should have."""

    strange_queues: Sequence[str] = ()
    """Names in the set of queues that can be none."""

    books: Books = Books()
    orphans: Mapping[str, int] = {}
    """Queue -> pages whose lease ran out two leases ago, and that nobody took up."""

    workers: Sequence[WorkerReading] = ()
    suspended: bool = False
    refused: Mapping[str, str] = {}


def read_facts(client: Redis, settings: Settings) -> Facts:
    """Ask for everything. Raises redis's ConnectionError and TimeoutError, and a refused login, and nothing else."""
    round_trip = _round_trip(client)
    refused: dict[str, str] = {}
    keys = settings.keys

    def ask(name: str, call: Callable[[], _T], otherwise: _T) -> _T:
        try:
            return call()
        except (ResponseError, PagemillError) as error:
            refused[name] = str(error)
            return otherwise

    user = ask("user", lambda: str(client.acl_whoami()), "")
    only_ours: _Names = (sorted(set(settings.queues)), [])
    queues, strange = ask("strange_queues", lambda: _queues(client, settings), only_ours)
    expected = _expected(keys, queues)
    return Facts(
        settings=settings,
        address=_address(client),
        round_trip=round_trip,
        hello=ask("hello", lambda: _hello(client), {}),
        server=ask("server", lambda: client.info("everything"), {}),
        options=ask("options", lambda: _options(client), {}),
        user=user,
        users=ask("users", lambda: _users(client, user), {}),
        rights=ask("rights", lambda: missing_rights(client, keys, queues[0]), {}),
        ahead=ask("ahead", lambda: _ahead(client), 0.0),
        types=ask("types", lambda: _types(client, list(expected)), {}),
        expected=expected,
        strange_queues=strange,
        books=ask("books", lambda: _books(client, keys), Books()),
        orphans=ask("orphans", lambda: _orphans(client, settings, queues), {}),
        workers=ask("workers", lambda: read_workers(client, queues), []),
        suspended=ask("suspended", lambda: bool(client.exists(rq_keys.SUSPENDED)), False),  # noqa: FBT003
        refused=refused,
    )


def _round_trip(client: Redis) -> float:
    taken = []
    client.ping()  # the first one connects
    for _ in range(_PINGS):
        began = time.perf_counter()
        client.ping()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[_PINGS // 2]


def _address(client: Redis) -> Address:
    pool = client.connection_pool
    tls = issubclass(pool.connection_class, SSLConnection)
    given: Mapping[str, Any] = pool.connection_kwargs
    verified = tls and given.get("ssl_cert_reqs", "required") in {"required", 2}
    return Address(host="" if "path" in given else str(given.get("host", "localhost")), tls=tls, verified=verified)


def _hello(client: Redis) -> dict[str, Any]:
    flat: Any = client.execute_command("HELLO")  # type: ignore[no-untyped-call]
    told = flat if isinstance(flat, Mapping) else dict(zip(flat[::2], flat[1::2], strict=True))
    return {name.decode(): value.decode() if isinstance(value, bytes) else value for name, value in told.items()}


def _options(client: Redis) -> dict[str, str]:
    return {str(name): str(value) for name, value in client.config_get(*_OPTIONS).items()}


def _users(client: Redis, user: str) -> dict[str, Mapping[str, Any]]:
    found = {name: client.acl_getuser(name) for name in {"default", user or "default"}}
    return {name: told for name, told in found.items() if told}


def _ahead(client: Redis) -> float:
    before = datetime.now(UTC)
    there = server_time(client)
    return (there - before).total_seconds() - (datetime.now(UTC) - before).total_seconds() / 2


def _books(client: Redis, keys: Keys) -> Books:
    ledger = read_ledger(client, keys)
    depth = sum(queue.waiting + queue.running for queue in ledger.queues)
    return Books(records=ledger.records, groups=ledger.groups, depth=depth)


def _queues(client: Redis, settings: Settings) -> _Names:
    names, strange = queue_names(client, settings.keys)
    return sorted({*names, *settings.queues}), strange


def _expected(keys: Keys, queues: Sequence[str]) -> dict[str, str]:
    """The type that each key of ours has, and each of RQ's that we read."""
    found = {keys.queues: "set", keys.ledger: "hash", keys.trials: "hash", keys.memory_since: "string"}
    found |= {keys.sites: "zset"}
    found |= {getattr(keys, name): "stream" for name in _STREAMS}
    found |= dict.fromkeys((keys.articles("new"), keys.articles("old"), keys.memory[0]), "hash")
    found |= {keys.pages(queue): "stream" for queue in queues}
    found |= {f"{keys.prefix}:memory:{kind}:{age}": NOBODYS for kind in _FORMER for age in ("new", "old")}
    found |= {keys.meters(part): kind for part, kind in METERS.items()}
    return found | {rq_keys.WORKERS: "set", rq_keys.QUEUES: "set"}


def _types(client: Redis, names: Sequence[str]) -> dict[str, str]:
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(name)
        told = pipe.execute()
    return {name: kind.decode() for name, kind in zip(names, told, strict=True) if kind != b"none"}


def _orphans(client: Redis, settings: Settings, queues: Sequence[str]) -> dict[str, int]:
    idle = int(2_000 * settings.lease_seconds)
    found: dict[str, int] = {}
    for queue in queues:
        key = settings.keys.pages(queue)
        if not client.exists(key):
            continue
        if GROUP.encode() not in {group["name"] for group in client.xinfo_groups(key)}:
            continue
        pending: Any = client.xpending_range(key, GROUP, "-", "+", _MOST_ORPHANS, idle=idle)
        found[queue] = len(pending)
    return {queue: count for queue, count in found.items() if count}
