"""What a site prints on page after page: on how many of its last articles a block of text was seen.

A profile is a row of imprints, the newest first: of each article a name and what its blocks are known by. So old pages
leave it by themselves, an article counts once however often it is crawled, and a page is never compared with itself.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice

import msgspec
import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]

NAME = 4
"""Bytes of an article's key that name its imprint."""

MOST_BLOCKS = 512
"""Blocks of a page that are kept: the first and the last, where sites print what is theirs."""

_HEAD = NAME + 2  # bytes before the codes: the name, and how many codes there are
_CODE = np.dtype("<u4")
_DIGITS = re.compile("[0-9]+")
_BETWEEN = "\x1f"  # in no block: no character of XML, and no line holds it once it was tidied
_LONG = 120  # bytes: a block of prose
_FEW = 3  # prose on more than one in so many imprints is the site's, and tells nothing of one article
_SAME, _SURELY = 0.3, 400  # share of a page's own prose, and bytes of it, that only the same article would repeat


class Imprint(msgspec.Struct, frozen=True):
    """What an article left behind: its name (NAME bytes), and what its distinct blocks are known by, in order."""

    name: bytes
    codes: Codes


class Sighting(msgspec.Struct, frozen=True):
    """A page against the profile of its site.

    `times`: for each of its blocks, on how many of the `known` other articles it was seen. `imprint`: what the page
    leaves, packed.
    """

    times: Sequence[int]
    known: int
    imprint: bytes


class SiteProfile(msgspec.Struct, frozen=True):
    """What is known of a site. `revision` names its content: the number of articles, and a digest."""

    imprints: tuple[Imprint, ...] = ()
    revision: str = ""

    def look(self, texts: Sequence[str], article: bytes) -> Sighting:
        """The page of these blocks, whose article has the key `article`, against this profile.

        An imprint of the same article does not count, be it by name or, under another address, by its prose: of what
        few imprints have it has a third, or several lines.
        """
        pieces = _normal(texts)
        codes = np.asarray([zlib.crc32(piece) for piece in pieces], dtype=_CODE)
        others = [imprint for imprint in self.imprints if imprint.name != article[:NAME]]
        seen = np.zeros((len(others), len(codes)), dtype=np.bool_)
        for row, imprint in enumerate(others):
            seen[row] = _holds(imprint.codes, codes)
        same = _repeats(seen, np.asarray([len(piece) for piece in pieces]))
        return Sighting(seen[~same].sum(axis=0).tolist(), int((~same).sum()), _pack(article[:NAME], codes))


class Look:
    """A profile as one page asks it, again and again for the same blocks; `sighting` is the last answer."""

    def __init__(self, profile: SiteProfile, article: bytes) -> None:
        self._profile = profile
        self._article = article
        self.sighting: Sighting | None = None

    def __call__(self, texts: Sequence[str]) -> tuple[Sequence[int], int]:
        """On how many articles each of these blocks was seen, and how many are known."""
        self.sighting = self._profile.look(texts, self._article)
        return self.sighting.times, self.sighting.known


def read_profile(packed: bytes) -> SiteProfile:
    """The profile in what `add_imprint` made; of bytes that are none, what comes before they stop making sense."""
    imprints = tuple(_read(packed))
    digest = blake2b(packed, digest_size=4).hexdigest()
    return SiteProfile(imprints, f"{len(imprints)}-{digest}" if imprints else "")


def add_imprint(packed: bytes, imprint: bytes, most: int) -> bytes:
    """The profile with one more imprint, in place of an older one of its name; the newest `most` are kept.

    `workers/lua/commit/profile.lua` does the same.
    """
    name = imprint[:NAME]
    older = (_pack(one.name, one.codes) for one in _read(packed) if one.name != name)
    return b"".join([imprint, *islice(older, most - 1)])


def _normal(texts: Sequence[str]) -> list[bytes]:
    """The texts as they are compared: case folded, all numbers alike."""
    folded = _DIGITS.sub("0", _BETWEEN.join(texts).casefold())
    pieces = folded.encode("utf-8", "surrogatepass").split(_BETWEEN.encode())
    if len(pieces) != len(texts):
        return [text.encode("utf-8", "surrogatepass") for text in texts]
    return pieces


def _holds(sorted_codes: Codes, codes: Codes) -> npt.NDArray[np.bool_]:
    """For each of `codes` whether `sorted_codes` has it."""
    if not len(sorted_codes):
        return np.zeros(len(codes), dtype=np.bool_)
    at = np.minimum(np.searchsorted(sorted_codes, codes), len(sorted_codes) - 1)
    found: npt.NDArray[np.bool_] = sorted_codes[at] == codes
    return found


def _repeats(seen: npt.NDArray[np.bool_], sizes: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """For each imprint, a row of `seen`, whether it is of the page's own article. `sizes`: bytes of each block."""
    few = max(1, len(seen) // _FEW)
    prose = np.where((sizes >= _LONG) & (seen.sum(axis=0) <= few), sizes, 0)
    same: npt.NDArray[np.bool_] = seen @ prose >= max(min(_SAME * float(prose.sum()), _SURELY), 1.0)
    return same


def _pack(name: bytes, codes: Codes) -> bytes:
    if len(codes) > MOST_BLOCKS:
        codes = np.concatenate([codes[: MOST_BLOCKS // 2], codes[-(MOST_BLOCKS // 2) :]])
    distinct = np.unique(codes)
    return name + len(distinct).to_bytes(2, "little") + distinct.astype(_CODE).tobytes()


def _read(packed: bytes) -> Iterator[Imprint]:
    at = 0
    while at + _HEAD <= len(packed):
        first = at + _HEAD
        last = first + _CODE.itemsize * int.from_bytes(packed[at + NAME : first], "little")
        if last > len(packed):
            return
        yield Imprint(packed[at : at + NAME], np.frombuffer(packed[first:last], dtype=_CODE))
        at = last
