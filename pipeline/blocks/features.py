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
_SHARES = ("lower", "upper", "uncased", "each", "digit", "comma", "stop", "colon", "mark", "quote", "other")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


class Layout(msgspec.Struct, frozen=True):
    """`wider`: for each element the nearest around it that holds more blocks. `levels`: of headings, 0 of the rest."""

    wider: Ints
    levels: Ints


def lay_out(blocks: Blocks, tags: Sequence[str]) -> Layout:
    """How the elements, which have these tags, hold the blocks."""
    levels = np.asarray(_heading_levels(blocks, tags), dtype=np.intp)
    return Layout(np.asarray(_widened(blocks), dtype=np.intp), levels)


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
        *_whole(page),
    ]
    return np.stack(columns, axis=1), page.words


class _Page:
    """Counts by block, and their running sums, which give the count of any run of blocks."""

    def __init__(self, blocks: Blocks) -> None:
        self.n = len(blocks.texts)
        self.classes, self.words, self.ends = count_classes(blocks.texts)
        self.characters = np.maximum(self.classes.sum(axis=1), 1.0)
        self.linked = np.minimum(np.asarray(blocks.linked, dtype=np.float64), self.characters)
        self.density = self.linked / self.characters
        sentences = self.classes[:, CLASSES["stop"]] + self.classes[:, CLASSES["comma"]]
        good = (self.words >= _GOOD_WORDS) & (self.density < _GOOD_LINKS) & (sentences > 0)
        self.good = np.where(good, self.words, 0.0)
        ones = np.ones(self.n)
        self.sums = np.zeros((self.n + 1, 5))
        np.cumsum(
            np.stack([self.words, self.characters, self.linked, self.good, ones], axis=1), axis=0, out=self.sums[1:]
        )
        self.total = np.maximum(self.sums[-1], 1.0)

    def between(self, first: Ints, last: Ints) -> Floats:
        """Words, characters, linked characters, good words and blocks in each run of blocks."""
        return self.sums[last] - self.sums[first]


def _own(page: _Page, blocks: Blocks) -> list[Floats]:
    of = page.classes / page.characters[:, None]
    words = np.maximum(page.words, 1.0)
    links = np.asarray(blocks.links, dtype=np.float64)
    images = np.diff(np.asarray(blocks.images, dtype=np.float64), prepend=0.0)
    seen: dict[str, int] = {}
    earlier = []
    for text in blocks.texts:
        earlier.append(seen.get(text, 0))
        seen[text] = earlier[-1] + 1
    counts = np.asarray([seen[text] for text in blocks.texts], dtype=np.float64)
    lines = np.asarray([text.count("\n") for text in blocks.texts], dtype=np.float64)
    return [
        np.log1p(page.words), np.log1p(page.characters), page.density, np.log1p(links), links / words,
        *(of[:, CLASSES[name]] for name in _SHARES),
        page.classes[:, CLASSES["stop"]] / words, page.classes[:, CLASSES["comma"]] / words,
        np.minimum(page.characters / words, 20.0) / 10, page.ends, (page.good > 0) * 1.0,
        np.log1p(images), np.log1p(counts - 1), np.log1p(np.asarray(earlier, dtype=np.float64)), np.log1p(lines),
    ]  # fmt: skip


def _place(page: _Page) -> list[Floats]:
    at = np.arange(page.n, dtype=np.float64)
    words = page.sums[:-1, 0]
    good = page.sums[:-1, 3]
    rest = page.total[0] - words
    return [
        at / page.n, np.log1p(at), np.log1p(page.n - at), words / page.total[0], good / page.total[3],
        np.log1p(words), np.log1p(np.maximum(rest, 0.0)),
    ]  # fmt: skip


def _windows(page: _Page) -> list[Floats]:
    at = np.arange(page.n)
    columns: list[Floats] = []
    for width in _WINDOWS:
        for first, last in ((np.maximum(at - width, 0), at), (at + 1, np.minimum(at + 1 + width, page.n))):
            sums = page.between(np.minimum(first, page.n), last)
            blocks = np.maximum(sums[:, 4], 1.0)
            columns += [
                np.log1p(sums[:, 3] / blocks),
                sums[:, 2] / np.maximum(sums[:, 1], 1.0),
                np.log1p(sums[:, 0] / blocks),
            ]
    return columns


def _around(page: _Page, blocks: Blocks, wider: Ints) -> list[Floats]:
    """Of the elements around a block: how much they hold, and of what kind; which is the page's main one."""
    firsts, lasts = np.asarray(blocks.firsts), np.asarray(blocks.lasts)
    sums = page.between(firsts, lasts)
    share = sums / page.total
    table = np.stack(
        [
            np.log1p(sums[:, 0]), np.log1p(sums[:, 4]), sums[:, 2] / np.maximum(sums[:, 1], 1.0),
            share[:, 0], share[:, 3], sums[:, 3] / np.maximum(sums[:, 0], 1.0),
        ], axis=1)  # fmt: skip
    at = np.asarray(blocks.holders, dtype=np.intp)
    columns: list[Floats] = []
    before = np.arange(page.n)
    for _ in range(LEVELS):
        columns += list(table[at].T)
        columns.append((before - firsts[at]) / np.maximum(sums[at, 4], 1.0))
        at = wider[at]
    for least in (0.4, 0.6, 0.8, 0.95):
        main = int(np.flatnonzero(share[:, 3] >= least)[-1]) if page.sums[-1, 3] else 0
        inside = (before >= firsts[main]) & (before < lasts[main])
        columns += [inside * 1.0, np.clip((before - firsts[main]) / max(sums[main, 4], 1.0), -1.0, 2.0)]
    return columns


def _widened(blocks: Blocks) -> list[int]:
    """For each element the nearest one around it that holds more blocks; the root's is the root."""
    wider: list[int] = [0]
    firsts, lasts = blocks.firsts, blocks.lasts
    for place, parent in enumerate(blocks.parents[1:], start=1):
        same = firsts[parent] == firsts[place] and lasts[parent] == lasts[place]
        wider.append(wider[parent] if same else parent)
    return wider


def _kin(page: _Page, groups: Ints) -> list[Floats]:
    rows = np.stack([page.words, page.characters, page.linked, page.good, np.ones(page.n), page.ends], axis=1)
    sums = np.zeros((int(groups.max()) + 1, rows.shape[1]))
    np.add.at(sums, groups, rows)
    of = sums[groups]
    return [
        np.log1p(of[:, 0] / of[:, 4]), of[:, 2] / of[:, 1], of[:, 3] / page.total[3], np.log1p(of[:, 4]),
        of[:, 5] / of[:, 4], of[:, 0] / page.total[0],
    ]  # fmt: skip


def _heading_levels(blocks: Blocks, tags: Sequence[str]) -> list[int]:
    """The level of each block that is a heading, 0 of the others."""
    levels = [_HEADINGS.get(tag, 0) for tag in tags]
    for place, parent in enumerate(blocks.parents):
        if levels[parent] and not levels[place] and blocks.lasts[parent] - blocks.firsts[parent] == 1:
            levels[place] = levels[parent]
    return [levels[holder] for holder in blocks.holders]


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


def _whole(page: _Page) -> list[Floats]:
    total = page.sums[-1]
    good = page.good[page.good > 0]
    typical = float(np.median(good)) if len(good) else 0.0
    of_page = [
        np.log1p(total[4]), np.log1p(total[0]), total[2] / page.total[1], np.log1p(total[3]), total[3] / page.total[0],
        np.log1p(page.words.max()), np.log1p(float(len(good))), np.log1p(typical),
    ]  # fmt: skip
    return [np.full(page.n, value) for value in map(float, of_page)]


def site_features(seen: Floats, known: float) -> Floats:
    """Two columns of `seen`, on how many of the `known` other pages of its site each block stands.

    As such, and against their number. All zero where nothing is known.
    """
    times = np.log1p(seen)
    return np.stack([times, times / np.sqrt(max(known, 1.0))], axis=1)
