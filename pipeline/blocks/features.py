"""What tells main text from the rest, as numbers: a row a block, from the blocks of the whole page.

After the features of boilerplate detection since Kohlschuetter et al. 2010 (text and link density, neighbours), for
the block, for the elements around it, for the blocks that are marked up like it, and for the page.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.blocks.characters import CLASSES, count_classes
from pipeline.blocks.read import Blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

LEVELS = 5  # elements around a block that are looked at, each holding more than the one before
_GOOD_WORDS = 10
_GOOD_LINKS = 0.34
_WINDOWS = (2, 5, 12)  # blocks before and after
_SHARED = ("lower", "upper", "uncased", "each", "digit", "comma", "stop", "colon", "mark", "quote", "other")
_SHARES = [CLASSES[name] for name in _SHARED]
SITE = 4  # columns of `site_features`
_SEVERAL, _OFTEN = 2, 1 / 3
_OF_PAGE = 8  # features that are the same for all blocks
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


class Layout(msgspec.Struct, frozen=True):
    """`wider`: for each element the nearest around it that holds more blocks. `levels`: of headings, 0 of the rest."""

    wider: Ints
    levels: Ints


def lay_out(blocks: Blocks, tags: Sequence[str]) -> Layout:
    """How the elements, which have these tags, hold the blocks."""
    parents, spans = np.array(blocks.parents), np.array([blocks.firsts, blocks.lasts])
    levels = np.array([_HEADINGS.get(tag, 0) for tag in tags])
    return Layout(_widened(parents, spans), _inherited(levels, parents, spans)[np.array(blocks.holders)])


def block_features(blocks: Blocks, layout: Layout, groups: Ints) -> tuple[Floats, Floats]:
    """The features, one row a block, and their words; at least one block. `groups`: of each block its kin."""
    page = _Page(blocks)
    columns = [
        *_own(page, blocks),
        *_place(page),
        *_windows(page),
        *_around(page, blocks, layout.wider),
        *_kin(page, groups),
        *_headings(page, layout.levels),
    ]
    table = np.empty((len(columns) + _OF_PAGE, page.n))
    np.stack(columns, out=table[:-_OF_PAGE])
    table[-_OF_PAGE:] = _whole(page)[:, None]
    return table.T, page.words


class _Page:
    """Counts by block, and their running sums, which give the count of any run of blocks."""

    def __init__(self, blocks: Blocks) -> None:
        self.n = len(blocks.texts)
        self.classes, self.words, self.ends = count_classes(blocks.texts)
        self.characters = np.maximum(self.classes.sum(axis=1), 1.0)
        self.linked = np.minimum(np.array(blocks.linked, dtype=np.float64), self.characters)
        self.density = self.linked / self.characters
        sentences = self.classes[:, CLASSES["stop"]] + self.classes[:, CLASSES["comma"]]
        good = (self.words >= _GOOD_WORDS) & (self.density < _GOOD_LINKS) & (sentences > 0)
        self.good = np.where(good, self.words, 0.0)
        ones = np.ones(self.n)
        self.sums = np.zeros((self.n + 1, 5))
        counts = np.stack([self.words, self.characters, self.linked, self.good, ones], axis=1)
        np.cumsum(counts, axis=0, out=self.sums[1:])
        self.total = np.maximum(self.sums[-1], 1.0)

    def between(self, first: Ints, last: Ints) -> Floats:
        """Words, characters, linked characters, good words and blocks in each run of blocks."""
        return self.sums[last] - self.sums[first]


def _own(page: _Page, blocks: Blocks) -> list[Floats]:
    of = (page.classes / page.characters[:, None]).T
    words = np.maximum(page.words, 1.0)
    links = np.array(blocks.links, dtype=np.float64)
    images = np.diff(np.array(blocks.images, dtype=np.float64), prepend=0.0)
    seen: dict[str, int] = {}
    earlier = []
    for text in blocks.texts:
        earlier.append(seen.get(text, 0))
        seen[text] = earlier[-1] + 1
    others = [seen[text] - 1 for text in blocks.texts]
    lines = [text.count("\n") for text in blocks.texts]
    logs = np.log1p(np.array([page.words, page.characters, links, images, others, earlier, lines]))
    signs = page.classes[:, [CLASSES["stop"], CLASSES["comma"]]].T / words
    return [
        *logs[:2], page.density, logs[2], links / words, *of[_SHARES], *signs,
        np.minimum(page.characters / words, 20.0) / 10, page.ends, (page.good > 0) * 1.0, *logs[3:],
    ]  # fmt: skip


def _place(page: _Page) -> list[Floats]:
    at = np.arange(page.n, dtype=np.float64)
    words = page.sums[:-1, 0]
    rest = np.maximum(page.total[0] - words, 0.0)
    logs = np.log1p(np.array([at, page.n - at, words, rest]))
    return [at / page.n, *logs[:2], words / page.total[0], page.sums[:-1, 3] / page.total[3], *logs[2:]]


def _windows(page: _Page) -> list[Floats]:
    at = np.arange(page.n)
    runs = [
        run
        for width in _WINDOWS
        for run in ((np.maximum(at - width, 0), at), (at + 1, np.minimum(at + 1 + width, page.n)))
    ]
    sums = page.between(np.array([first for first, _ in runs]), np.array([last for _, last in runs]))
    blocks = np.maximum(sums[..., 4], 1.0)
    good, words = np.log1p(np.array([sums[..., 3] / blocks, sums[..., 0] / blocks]))
    density = sums[..., 2] / np.maximum(sums[..., 1], 1.0)
    return [column for columns in zip(good, density, words, strict=True) for column in columns]


def _around(page: _Page, blocks: Blocks, wider: Ints) -> list[Floats]:
    """Of the elements around a block: how much they hold, and of what kind; which is the page's main one."""
    firsts, lasts = np.array(blocks.firsts), np.array(blocks.lasts)
    sums = page.between(firsts, lasts)
    share = sums / page.total
    logs = np.log1p(sums[:, [0, 4]].T)
    table = np.stack(
        [
            *logs, sums[:, 2] / np.maximum(sums[:, 1], 1.0),
            share[:, 0], share[:, 3], sums[:, 3] / np.maximum(sums[:, 0], 1.0),
        ])  # fmt: skip
    held = np.maximum(sums[:, 4], 1.0)
    at = np.array(blocks.holders, dtype=np.intp)
    columns: list[Floats] = []
    before = np.arange(page.n)
    for _ in range(LEVELS):
        columns += [*table.take(at, axis=1), (before - firsts[at]) / held[at]]
        at = wider[at]
    for least in (0.4, 0.6, 0.8, 0.95):
        main = int(np.flatnonzero(share[:, 3] >= least)[-1]) if page.sums[-1, 3] else 0
        inside = (before >= firsts[main]) & (before < lasts[main])
        columns += [inside * 1.0, np.minimum(np.maximum((before - firsts[main]) / held[main], -1.0), 2.0)]
    return columns


def _widened(parents: Ints, spans: Ints) -> Ints:
    """For each element the nearest one around it that holds more blocks; the root's is the root."""
    at = np.arange(len(parents))
    outermost = np.where((spans == spans[:, parents]).all(axis=0), parents, at)  # of those that hold the same
    while (outermost != (further := outermost[outermost])).any():
        outermost = further
    return parents[outermost]


def _kin(page: _Page, groups: Ints) -> list[Floats]:
    rows = (page.words, page.characters, page.linked, page.good, page.ends, None)
    of = np.array([np.bincount(groups, row) for row in rows]).take(groups, axis=1)
    words, size = np.log1p(np.array([of[0] / of[5], of[5]]))
    return [words, of[2] / of[1], of[3] / page.total[3], size, of[4] / of[5], of[0] / page.total[0]]


def _inherited(levels: Ints, parents: Ints, spans: Ints) -> Ints:
    """The levels of elements that are headings, 0 of others, with those in a heading of a single block given its."""
    single = (spans[1] - spans[0] == 1)[parents]
    for place in np.flatnonzero(single & (levels == 0)).tolist():
        levels[place] = levels[parents[place]]
    return levels


def _headings(page: _Page, levels: Ints) -> list[Floats]:
    at = np.arange(page.n)
    last = np.maximum.accumulate(np.where(levels > 0, at, -1))
    title = int(np.argmax(levels == 1)) if (levels == 1).any() else -1
    away = (at - title) * 1.0 if title >= 0 else np.zeros(page.n)
    of_last: Floats = np.where(last >= 0, levels[last], 0.0) / 6
    distance: Floats = np.where(last >= 0, np.log1p(at - last), 5.0)
    return [
        levels / 6, (levels > 0).astype(np.float64), of_last, distance, np.sign(away) * np.log1p(np.abs(away)),
        (away > 0).astype(np.float64),
        np.full(page.n, float(title >= 0)),
    ]  # fmt: skip


def _whole(page: _Page) -> Floats:
    total = page.sums[-1]
    good = page.good[page.good > 0]
    typical = float(np.median(good)) if len(good) else 0.0
    sizes = [total[4], total[0], total[3], page.words.max(), float(len(good)), typical]
    blocks, words, fair, longest, many, median = np.log1p(np.array(sizes))
    return np.array([blocks, words, total[2] / page.total[1], fair, total[3] / page.total[0], longest, many, median])


def site_features(seen: Floats, known: float) -> Floats:
    """SITE columns of `seen`, on how many of the `known` other pages of its site each block stands.

    As such, against their number in two ways, and last whether it is repeated: on several of them, and on a third. All
    zero where nothing is known.
    """
    times, share = np.log1p(seen), seen / max(known, 1.0)
    often = (seen >= _SEVERAL) & (share >= _OFTEN)
    return np.stack([times, times / np.sqrt(max(known, 1.0)), share, often * 1.0], axis=1)
