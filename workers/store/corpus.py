"""Puts records of a corpus into the memory in Redis, as if the mill had published them: `lua/remember` decides."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from redis import Redis

from workers.scripts import Script
from workers.settings import Settings
from workers.store.commit import memory_arguments
from workers.store.ring_layout import KEY

REMEMBER = Script(
    "remember/call", "clock", "near/compare", "near/ring", "near/recall", "commit/articles", "remember/remember"
)

MOST_AT_ONCE = 64
"""Records of one call: it keeps the server for some milliseconds, and fits Lua's stack."""


class Known(NamedTuple):
    """A record as the memory takes it: `address_key` and `text_key` have 16 bytes.

    `keys`, `sketch`: those of pipeline.sameness.sketch.Fingerprint, the keys joined. `article_key`: of the article that
    it is a version of, b"" for the one at its address. `version`: 0 where it is not told. `first_seen`: of the article,
    in milliseconds since 1970; None where nobody knows.
    """

    id: str
    address_key: bytes
    text_key: bytes
    keys: bytes
    sketch: bytes
    article_key: bytes = b""
    version: int = 0
    first_seen: int | None = None


class Remembered(NamedTuple):
    """What a call did: which records of the batch are `new`; the ring went from one unit to another.

    It holds `reach` units, and was made for so many `pages`.
    """

    new: list[bool]
    begin: int
    end: int
    reach: int
    pages: int


def remember(client: Redis, settings: Settings, batch: Sequence[Known]) -> Remembered:
    """Remember what is new of at most MOST_AT_ONCE records, in one atomic step. Raises redis's errors."""
    keys = settings.keys
    names = [keys.articles("new"), keys.articles("old"), keys.memory_since, *keys.memory]
    arguments: list[Any] = [*memory_arguments(settings)]
    for one in batch:
        arguments += (
            one.id, one.address_key[:KEY], one.text_key[:KEY], one.keys, one.sketch, one.article_key[:KEY],
            one.version or "", "" if one.first_seen is None else one.first_seen,
        )  # fmt: skip
    answers, begin, end, reach, pages = REMEMBER(client, names, arguments)
    return Remembered(list(map(bool, answers)), begin, end, reach, pages)
