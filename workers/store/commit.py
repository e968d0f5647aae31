"""The commit's call to Redis: what `lua/commit` is given, and what it answers."""

from collections.abc import Sequence
from typing import Any

from pagemill.keys import GROUP, Keys
from workers.scripts import Script
from workers.settings import Settings
from workers.site_profiles import site_of_host
from workers.store.contract import OutputFull, Settled, Settlement
from workers.store.ring_layout import KEY

COMMIT = Script(
    "commit/call", "clock", "near/compare", "near/ring", "near/recall", "commit/articles", "commit/decide",
    "commit/output", "commit/dead", "commit/meters", "commit/profile", "commit/settle",
)  # fmt: skip
KNOWN = Script("near/call", "clock", "near/compare", "near/ring", "near/recall", "near/known")

_DAY = 86_400_000


def commit_keys(keys: Keys, queues: Sequence[str]) -> list[str]:
    """The keys of a commit of pages that lie on these queues."""
    books = [keys.ledger, keys.records, keys.settled, keys.dead, keys.trials]
    articles = [keys.articles("new"), keys.articles("old"), keys.memory_since]
    return [*books, *articles, *keys.memory, *map(keys.pages, queues), keys.sites, keys.site, *_meters(keys)]


def commit_call(settings: Settings, settlements: Sequence[Settlement]) -> tuple[list[str], list[Any]]:
    """The script's keys and arguments for a batch."""
    queues = sorted({one.queue for one in settlements})
    arguments: list[Any] = [
        GROUP,
        settings.records_limit,
        settings.records_at_limit,
        settings.settled_limit,
        *memory_arguments(settings),
        settings.dead_bytes,
        int(settings.dead_days * _DAY),
        settings.near_duplicates,
        " ".join(map(str, settings.thresholds.numbers())),
        settings.near_keeps,
        len(queues),
        *queues,
        settings.metered_names,
        settings.profile_articles,
        settings.profile_sites,
        max(1, int(settings.profile_days * _DAY)),  # Redis refuses an age of 0, and in the middle of a batch
    ]
    for one in settlements:
        arguments += (
            one.verdict, queues.index(one.queue) + 1, one.entry, one.id, one.url, one.host,
            one.bytes_key[:KEY], one.article_key[:KEY], one.text_key[:KEY], one.keys, one.sketch, one.reason,
            one.detail, one.draft[1:], one.traceparent, one.source, one.lacks,
            site_of_host(one.host), one.imprint,
        )  # fmt: skip
    return commit_keys(settings.keys, queues), arguments


def memory_arguments(settings: Settings) -> tuple[int, int]:
    """For how many pages the memory is made, and how long it reaches in milliseconds."""
    return settings.memory_pages, int(settings.memory_days * _DAY)


def settled(answer: Any) -> list[Settled]:
    """What became of each page. Raises OutputFull, and what Redis answered instead of an answer."""
    if isinstance(answer, Exception):
        raise answer
    state, told = answer
    if state == b"full":
        raise OutputFull(told.decode("utf-8", "backslashreplace"))  # a consumer named it
    return [Settled(outcome.decode(), of.decode("utf-8", "backslashreplace")) for outcome, of in told]


def _meters(keys: Keys) -> list[str]:
    return [keys.meters(f"{kind}:{age}") for kind in ("hosts", "sources") for age in ("new", "old")]
