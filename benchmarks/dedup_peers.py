"""The filters that dedup.py runs beside Pagemill's: datasketch in memory and on Redis, rensa, and SimHash."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import xxhash

WORDS = 5
PERMUTATIONS = 128


def shingles(text: str) -> list[str]:
    """The five-word shingles of a text in small letters, as these packages' own examples have them."""
    words = text.lower().split()
    return [" ".join(words[at : at + WORDS]) for at in range(max(1, len(words) - WORDS + 1))]


class OneByOne(ABC):
    """A filter that decides on one page after the other: `near` names like pages, `likeness` how like they are."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._made: dict[int, Any] = {}
        self._next = 0

    def decide(self, prepared: Sequence[Any]) -> list[int | None]:
        """The most like of the earlier pages, if it is like enough."""
        return [self._decide(made) for made in prepared]

    def _decide(self, made: Any) -> int | None:
        number, self._next = self._next, self._next + 1
        like = {other: self.likeness(made, self._made[other]) for other in self.near(made)}
        best = max(like, key=lambda other: like[other], default=None)
        if best is not None and like[best] >= self._threshold:
            return best
        self._made[number] = made
        self.insert(number, made)
        return None

    @abstractmethod
    def near(self, made: Any) -> list[int]:
        """Numbers of pages that may be like it."""

    def likeness(self, made: Any, other: Any) -> float:
        """Estimated resemblance, 0 to 1."""
        return float(made.jaccard(other))

    @abstractmethod
    def insert(self, number: int, made: Any) -> None:
        """Remember a page."""


class Datasketch(OneByOne):
    """datasketch's MinHashLSH, verified by the full signatures."""

    def __init__(self, threshold: float, url: str = "") -> None:
        from datasketch import MinHash, MinHashLSH

        super().__init__(threshold)
        self._minhash = MinHash
        storage = {"type": "redis", "redis": _place(url), "basename": b"datasketch"} if url else None
        self._lsh = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, storage_config=storage)

    def prepare(self, number: int, text: str) -> Any:  # noqa: ARG002
        """Its signature."""
        made = self._minhash(num_perm=PERMUTATIONS, hashfunc=xxhash.xxh32_intdigest)
        made.update_batch([one.encode("utf-8", "surrogatepass") for one in set(shingles(text))])
        return made

    def near(self, made: Any) -> list[int]:
        """What its bands find."""
        return list(self._lsh.query(made))

    def insert(self, number: int, made: Any) -> None:
        """Into its bands."""
        self._lsh.insert(number, made)


class Rensa(OneByOne):
    """rensa's RMinHashLSH, verified by the full signatures."""

    def __init__(self, threshold: float, bands: int) -> None:
        import rensa

        super().__init__(threshold)
        self._rensa = rensa
        self._lsh = rensa.RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=bands)

    def prepare(self, number: int, text: str) -> Any:  # noqa: ARG002
        """Its signature."""
        made = self._rensa.RMinHash(num_perm=PERMUTATIONS, seed=42)
        made.update(shingles(text))
        return made

    def near(self, made: Any) -> list[int]:
        """What its bands find."""
        return list(self._lsh.query(made))

    def insert(self, number: int, made: Any) -> None:
        """Into its bands."""
        self._lsh.insert(number, made)


class SimHash(OneByOne):
    """64-bit SimHash over three-word shingles, three bits apart at most: four tables of 16 bits (Manku, WWW 2007)."""

    def __init__(self, apart: int) -> None:
        super().__init__(1 - apart / 64)
        self._tables: list[dict[int, list[int]]] = [{} for _ in range(apart + 1)]

    def prepare(self, number: int, text: str) -> int:  # noqa: ARG002
        """Its hash."""
        words = text.lower().split()
        counts = [0] * 64
        for at in range(max(1, len(words) - 2)):
            value = xxhash.xxh64_intdigest(" ".join(words[at : at + 3]).encode("utf-8", "surrogatepass"))
            for bit in range(64):
                counts[bit] += 1 if value >> bit & 1 else -1
        return sum(1 << bit for bit in range(64) if counts[bit] > 0)

    def near(self, made: int) -> list[int]:
        """Those that share one of the blocks."""
        return [other for table, block in self._blocks(made) for other in table.get(block, ())]

    def likeness(self, made: int, other: int) -> float:
        """The share of equal bits."""
        return 1 - (made ^ other).bit_count() / 64

    def insert(self, number: int, made: int) -> None:
        """Into all tables."""
        for table, block in self._blocks(made):
            table.setdefault(block, []).append(number)

    def _blocks(self, made: int) -> list[tuple[dict[int, list[int]], int]]:
        width = 64 // len(self._tables)
        return [(table, made >> i * width & (1 << width) - 1) for i, table in enumerate(self._tables)]


def _place(url: str) -> dict[str, Any]:
    from redis import Redis

    Redis.from_url(url).flushall()
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return {"unix_socket_path": parts.path, "db": int(parse_qs(parts.query).get("db", ["0"])[0])}
    return {"host": parts.hostname, "port": parts.port}


PEERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "datasketch-0.5": ("datasketch", lambda _: Datasketch(0.5)),
    "datasketch-0.7": ("datasketch", lambda _: Datasketch(0.7)),
    "datasketch-redis": ("datasketch", lambda url: Datasketch(0.7, url)),
    "rensa-0.5": ("rensa", lambda _: Rensa(0.5, 32)),
    "rensa-0.7": ("rensa", lambda _: Rensa(0.7, 16)),
    "simhash-3": ("", lambda _: SimHash(3)),
}
"""Name -> the package that it needs (none: written here), and how it is made for the URL of a Redis."""
