"""The memory's own script: seeds it, and says what it knows. The commit holds the same parts."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from redis import Redis

from pipeline.sameness.near import DEFAULT_THRESHOLDS, Likeness, Thresholds
from workers.scripts import Script

SEED = Script("near/call", "clock", "near/compare", "near/ring", "near/recall", "near/seed")


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


def _known(told: list[Any]) -> Known | None:
    how = told[0].decode()
    if how == "new":
        return None
    if how != "near":
        return Known(how, told[1].decode())
    _, of, similarity, containment, figures, rule = told
    return Known(how, of.decode(), Likeness(rule.decode(), similarity, containment, figures))
