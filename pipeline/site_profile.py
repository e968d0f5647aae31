"""What a site prints on page after page: on how many of its last articles a block of text was seen.

A profile is a row of imprints, the newest first: of each article a name and what its blocks are known by. So old pages
leave it by themselves, an article counts once however often it is crawled, and a page is never compared with itself.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

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
_FEW = 8  # one imprint in so many
_SAME, _SURELY = 0.3, 400  # share of a page's own prose, and bytes of it, that only the same article repeats


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


class Marks(NamedTuple):
    """What the blocks of a page are known by, in the page's order, and how many bytes each has."""

    codes: Codes
    sizes: npt.NDArray[np.intp]


class SiteProfile(msgspec.Struct, frozen=True):
    """What is known of a site. `revision` names its content: the number of articles, and a digest."""

    imprints: tuple[Imprint, ...] = ()
    revision: str = ""

    def look(self, texts: Sequence[str], article: bytes) -> Sighting:
        """The page of these blocks, whose article has the key `article`, against this profile.

        An imprint of the same article does not count, be it by name or, under another address, by its prose: see
        `count_on`.
        """
        marks = marks_of(texts)
        times, known = count_on([one.codes for one in self.imprints if one.name != article[:NAME]], marks)
        return Sighting(times.tolist(), known, _pack(article[:NAME], marks.codes))


class Look:
    """A profile as one page asks it; `sighting` is the first answer: a page leaves there what it was first read as."""

    def __init__(self, profile: SiteProfile, article: bytes) -> None:
        self._profile = profile
        self._article = article
        self.sighting: Sighting | None = None

    def __call__(self, texts: Sequence[str]) -> tuple[Sequence[int], int]:
        """On how many articles each of these blocks was seen, and how many are known."""
        sighting = self._profile.look(texts, self._article)
        self.sighting = self.sighting or sighting
        return sighting.times, sighting.known


def read_profile(packed: bytes) -> SiteProfile:
    """The profile in what `add_imprint` made; of bytes that are none, what comes before they stop making sense."""
    imprints = tuple(Imprint(one[:NAME], np.frombuffer(one[_HEAD:], dtype=_CODE)) for one in _split(packed))
    digest = blake2b(packed, digest_size=4).hexdigest()
    return SiteProfile(imprints, f"{len(imprints)}-{digest}" if imprints else "")


def add_imprint(packed: bytes, imprint: bytes, most: int) -> bytes:
    """The profile with one more imprint, in place of an older one of its name; the newest `most` are kept.

    `workers/lua/commit/profile.lua` does the same.
    """
    older = (one for one in _split(packed) if one[:NAME] != imprint[:NAME])
    return b"".join([imprint, *islice(older, most - 1)])


def marks_of(texts: Sequence[str]) -> Marks:
    """What these blocks are known by: the CRC-32 of each, case folded and with all numbers alike."""
    folded = _DIGITS.sub("0", _BETWEEN.join(texts).casefold())
    pieces = folded.encode("utf-8", "surrogatepass").split(_BETWEEN.encode())
    if len(pieces) != len(texts):
        pieces = [text.encode("utf-8", "surrogatepass") for text in texts]
    codes = np.asarray([zlib.crc32(piece) for piece in pieces], dtype=_CODE)
    return Marks(codes, np.fromiter(map(len, pieces), dtype=np.intp, count=len(pieces)))


def seen_on(imprints: Sequence[Codes], marks: Marks) -> npt.NDArray[np.bool_]:
    """A row an imprint: whether it has each of the blocks."""
    seen = np.zeros((len(imprints), len(marks.codes)), dtype=np.bool_)
    for row, codes in enumerate(imprints):
        seen[row] = _holds(codes, marks.codes)
    return seen


def count_on(imprints: Sequence[Codes], marks: Marks) -> tuple[npt.NDArray[np.intp], int]:
    """For each block on how many imprints (sorted codes) it is, and how many imprints there are that count.

    One that has a third of the page's prose, or several lines of it, is of the same article, and does not count. Prose
    on more than an eighth of the imprints, and on more than one, is the site's, and no sign of that.
    """
    seen = seen_on(imprints, marks)
    few = max(1, len(seen) // _FEW)
    prose = np.where((marks.sizes >= _LONG) & (seen.sum(axis=0) <= few), marks.sizes, 0)
    same = seen @ prose >= max(min(_SAME * float(prose.sum()), _SURELY), 1.0)
    return seen[~same].sum(axis=0), int((~same).sum())


def _holds(sorted_codes: Codes, codes: Codes) -> npt.NDArray[np.bool_]:
    """For each of `codes` whether `sorted_codes` has it."""
    if not len(sorted_codes):
        return np.zeros(len(codes), dtype=np.bool_)
    at = np.minimum(np.searchsorted(sorted_codes, codes), len(sorted_codes) - 1)
    found: npt.NDArray[np.bool_] = sorted_codes[at] == codes
    return found


def _pack(name: bytes, codes: Codes) -> bytes:
    if len(codes) > MOST_BLOCKS:
        codes = np.concatenate([codes[: MOST_BLOCKS // 2], codes[-(MOST_BLOCKS // 2) :]])
    distinct = np.unique(codes)
    return name + len(distinct).to_bytes(2, "little") + distinct.astype(_CODE).tobytes()


def _split(packed: bytes) -> Iterator[bytes]:
    """The imprints, each as it was packed."""
    at = 0
    while at + _HEAD <= len(packed):
        last = at + _HEAD + _CODE.itemsize * int.from_bytes(packed[at + NAME : at + _HEAD], "little")
        if last > len(packed):
            return
        yield packed[at:last]
        at = last
