"""The memory's own script: seeds it, and says what it knows. The commit holds the same parts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any, NamedTuple, cast

from redis import Redis

from pipeline.sameness.near import DEFAULT_THRESHOLDS, Likeness, Thresholds
from workers.scripts import Script

SEED = Script("near/call", "clock", "near/compare", "near/ring", "near/recall", "near/seed")


UNIT, STRING_UNITS, UNITS_A_PAGE = 16, 16320, 12
"""Bytes of a unit of the ring, units of one of its strings, and those that a page with an id of 32 digits takes."""


class Met(NamedTuple):
    """A page as the memory meets it; the keys of bytes, text and article have 16 bytes each."""

    id: str
    bytes_key: bytes
    text_key: bytes
    article_key: bytes
    keys: tuple[bytes, ...]
    sketch: bytes


class Known(NamedTuple):
    """What the memory knows of a page: `how` is `bytes`, `text` or `near`, and `of` the id of that record."""

    how: str
    of: str
    likeness: Likeness | None = None


class Fill(NamedTuple):
    """How full a memory is: what it was made for, how much of its ring is in use (0 to 1), since when it remembers."""

    pages: int
    used: float
    since: datetime | None


class NearMemory:
    """The memory in Redis; `pages` is what it is made for, and holds from the first page on."""

    def __init__(self, client: Redis, prefix: str, *, pages: int, age: int) -> None:
        self._client = client
        self._keys = [f"{prefix}:{part}" for part in ("head", "ring", "exact", "near")]
        self._pages = pages
        self._age = age

    def seed(self, batch: Sequence[Met], thresholds: Thresholds = DEFAULT_THRESHOLDS) -> list[Known | None]:
        """Remember what is new; of the rest, what it repeats."""
        arguments: list[Any] = [self._pages, self._age, " ".join(map(str, thresholds.numbers()))]
        for page in batch:
            arguments += (page.id, page.bytes_key, page.text_key, page.article_key, b"".join(page.keys), page.sketch)
        return [_known(told) for told in SEED(self._client, self._keys, arguments)]

    def fill(self) -> Fill:
        """How full it is, and how far back it reaches."""
        head, ring, *_ = self._keys
        at, pages = (int(told or 0) for told in self._client.hmget(head, "at", "pages"))
        if not at:
            return Fill(self._pages, 0.0, None)
        strings = ceil(pages * UNITS_A_PAGE / STRING_UNITS) + 1
        is_round = at > strings * STRING_UNITS
        oldest, unit = ((at // STRING_UNITS + 1) % strings, 0) if is_round else (0, 1)
        seconds = cast("bytes", self._client.getrange(f"{ring}:{oldest}", unit * UNIT + 3, unit * UNIT + 6))
        since = datetime.fromtimestamp(int.from_bytes(seconds, "big"), UTC) if any(seconds) else None
        return Fill(pages, min(1.0, at / (strings * STRING_UNITS)), since)


def _known(told: list[Any]) -> Known | None:
    how = told[0].decode()
    if how == "new":
        return None
    if how != "near":
        return Known(how, told[1].decode())
    _, of, similarity, containment, figures, rule = told
    return Known(how, of.decode(), Likeness(rule.decode(), similarity, containment, figures))
