"""The commit's call to Redis: what `lua/commit` is given, and what it answers."""

from collections.abc import Sequence
from typing import Any

from pagemill.keys import GROUP, Keys
from workers.scripts import Script
from workers.settings import Settings
from workers.site_profiles import site_of_host
from workers.store.contract import OutputFull, Settled, Settlement

COMMIT = Script(
    "commit/call", "clock", "commit/memory", "commit/output", "commit/dead", "commit/meters", "commit/profile",
    "commit/settle",
)  # fmt: skip

_DAY = 86_400_000


def commit_keys(keys: Keys, queues: Sequence[str]) -> list[str]:
    """The keys of a commit of pages that lie on these queues."""
    memory = [keys.memory(kind, age) for kind in ("bytes", "text", "article") for age in ("new", "old")]
    books = [keys.ledger, keys.records, keys.settled, keys.dead, keys.trials]
    return [*books, *memory, keys.memory_since, *map(keys.pages, queues), keys.sites, keys.site, *_meters(keys)]


def commit_call(settings: Settings, settlements: Sequence[Settlement]) -> tuple[list[str], list[Any]]:
    """The script's keys and arguments for a batch."""
    queues = sorted({one.queue for one in settlements})
    arguments: list[Any] = [
        GROUP,
        settings.records_limit,
        settings.records_at_limit,
        settings.settled_limit,
        settings.memory_pages,
        int(settings.memory_days * _DAY),
        settings.dead_bytes,
        int(settings.dead_days * _DAY),
        len(queues),
        *queues,
        settings.metered_names,
        settings.profile_articles,
        settings.profile_sites,
        int(settings.profile_days * _DAY),
    ]
    for one in settlements:
        arguments += (
            one.verdict, queues.index(one.queue) + 1, one.entry, one.id, one.url, one.host,
            one.bytes_key, one.article_key, one.text_key, one.reason, one.detail, _members(one), one.traceparent,
            one.source, one.lacks, site_of_host(one.host), one.imprint,
        )  # fmt: skip
    return commit_keys(settings.keys, queues), arguments


def _meters(keys: Keys) -> list[str]:
    return [keys.meters(f"{kind}:{age}") for kind in ("hosts", "sources") for age in ("new", "old")]


def settled(answer: Any) -> list[Settled]:
    """What became of each page. Raises OutputFull, and what Redis answered instead of an answer."""
    if isinstance(answer, Exception):
        raise answer
    state, told = answer
    if state == b"full":
        raise OutputFull(told.decode())
    return [Settled(outcome.decode(), of.decode()) for outcome, of in told]


def _members(one: Settlement) -> bytes:
    """The record's members that are known before the commit, which puts its own and the brace before them."""
    return b'"article":"%b",%b' % (one.article_key.hex().encode(), one.draft[1:]) if one.draft else b""
