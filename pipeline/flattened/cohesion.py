"""How much a line speaks of what the lines around it speak of, and of what the page's address says, as numbers.

An article comes back to its words; menus and teasers, of which each is about something else, do not. After M. Hearst,
TextTiling (Computational Linguistics 23, 1997), and J. Morris and G. Hirst's lexical chains (17, 1991).
"""

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt

from pipeline.blocks.characters import CLASSES, classes_of

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]

_LONG_READ = 600  # characters of a line whose words are looked at
_WORD, _STEM = 4, 6  # letters that a word has at least; those that it is known by, whatever its ending
_NEAR, _WIDE = 4, 16  # lines
_CHAINS = (6, 20, 60)  # lines between two places of a word that link what is between them
_NEVER = 1 << 40  # lines, to a word that does not come again
_SLUG = 3  # words that name an article
_LONG_PATH = 2_000  # characters of an address
_NAMED = 0.5  # of the slug's words: the line that has them is the article's title, or speaks of it
_LETTERS = np.isin(np.arange(len(CLASSES)), [CLASSES[name] for name in ("lower", "upper", "uncased")])
_MARKS = 0x300  # from here on what is no letter may be a part of one: vowel signs, accents
_STEP = np.uint64(0x9E3779B97F4A7C15)


def cohesion(lines: Sequence[str], url: str | None) -> list[Floats]:
    """The columns, a number for each of `lines`: of its words, and then SLUG columns of those that `url` has too.

    A word weighs the more, the fewer lines have it. In scripts without blanks two characters are a word.
    """
    words, at = _words(lines)
    return [*_repeated(words, at, len(lines)), *_named(words, at, len(lines), _words_of_slug(url))]


def _repeated(words: Codes, at: Places, n: int) -> list[Floats]:
    """How much of each line's words stands nearby, and how many words link what is before it to what is after."""
    first = np.concatenate([[True], words[1:] != words[:-1]])[: len(words)]
    number = np.cumsum(first) - 1
    on = np.bincount(number)[number]
    filled = max(int(np.count_nonzero(np.bincount(at))), 2)
    weights = np.log(filled / on) / np.log(filled)
    to_next = np.append(np.where(first[1:], _NEVER, np.diff(at)), _NEVER)[: len(at)]
    to_last = np.append(_NEVER, to_next)[: len(at)]

    def add(values: Floats | npt.NDArray[np.bool_]) -> Floats:
        sums: Floats = np.bincount(at, values * weights, n).astype(np.float64, copy=False)
        return sums

    total = np.bincount(at, weights, n) + 0.5
    before, after = add(to_last <= _WIDE), add(to_next <= _WIDE)
    shares = add(to_last <= _NEAR), add(to_next <= _NEAR), before, after, add(on > 1), add(np.log(on))
    chains = (_chains(at, to_next, weights, (n, reach)) for reach in _CHAINS)
    return [*(share / total for share in shares), *map(np.log1p, (before, after, total, *chains))]


def _chains(at: Places, to_next: Places, weights: Floats, span: tuple[int, int]) -> Floats:
    """How much of the words comes again after each line, not further from where it came last than `span` says."""
    n, reach = span
    linked = np.flatnonzero(to_next <= reach)
    start, weight = at[linked], weights[linked]
    change = np.bincount(start, weight, n + 1) - np.bincount(start + to_next[linked], weight, n + 1)
    return np.maximum(np.cumsum(change)[:n], 0.0)


def _named(words: Codes, at: Places, n: int, slug: Codes) -> list[Floats]:
    """What the address says of each line, and where the line stands to the one of which it says most."""
    if len(slug) < _SLUG:
        return [np.zeros(n)] * SLUG
    shared = np.bincount(at[np.isin(words, slug)], minlength=n)
    ours, its = shared / len(slug), shared / (np.bincount(at, minlength=n) + 1)
    title = int(np.argmax(ours * (0.5 + its)))
    if ours[title] < _NAMED:
        return [ours, its, *[np.zeros(n)] * (SLUG - 2)]
    after = np.arange(n, dtype=np.float64) - title
    return [
        *(ours, its, (after == 0) * 1.0, (after > 0) * 1.0),
        *(np.log1p(np.maximum(after, 0.0)), np.log1p(np.maximum(-after, 0.0))),
    ]


SLUG = 6


def _words_of_slug(url: str | None) -> Codes:
    """The words in the part of the address that has most: /2024/news/a-bridge-closed-before-dawn.html."""
    try:
        path = urlsplit((url or "")[:_LONG_PATH]).path
    except ValueError:
        return np.zeros(0, dtype=np.uint64)
    words, at = _words([unquote(part) for part in path.split("/")])
    return words[at == np.argmax(np.bincount(at))] if len(at) else words


def _words(lines: Sequence[str]) -> tuple[Codes, Places]:
    """The words in order, as numbers, each with the lines that have it, in order."""
    read = [line[:_LONG_READ].lower() for line in lines]
    codes = np.frombuffer(" ".join([*read, ""]).encode("utf-32-le", "replace"), dtype=np.int32)
    kinds = classes_of(codes)
    letters = _LETTERS.take(kinds) | ((kinds == CLASSES["other"]) & (codes >= _MARKS))
    edges = np.flatnonzero(np.diff(letters, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    long = ends - starts >= _WORD
    each = kinds == CLASSES["each"]
    pairs = np.flatnonzero(each[:-1] & each[1:])
    starts = np.concatenate([starts[long], pairs])
    sizes = np.minimum(np.concatenate([ends[long], pairs + 2]) - starts, _STEM)
    numbers = np.zeros(len(starts), dtype=np.uint64)
    for step in range(_STEM):
        inside = np.flatnonzero(step < sizes)
        numbers[inside] = (numbers[inside] + codes[starts[inside] + step].astype(np.uint64) + np.uint64(1)) * _STEP
    at = np.searchsorted(np.cumsum([len(line) + 1 for line in read]), starts, "right")
    order = np.argsort(numbers, kind="stable")  # the places of a word are in order, be it of letters or a pair
    numbers, at = numbers[order], at[order]
    fresh = np.concatenate([[True], (numbers[1:] != numbers[:-1]) | (at[1:] != at[:-1])])[: len(at)]
    return numbers[fresh], at[fresh]
