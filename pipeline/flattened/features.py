"""What tells an article's lines from the rest of a flattened page, as numbers: a row a line, from the whole page.

Without markup there is the text itself, where a line stands, how often it stands there, and what is around it.
"""
# ruff: noqa: RUF001  the punctuation of other scripts looks like Latin's

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.blocks.characters import CLASSES, count_classes
from pipeline.flattened.cohesion import cohesion
from pipeline.flattened.furniture import is_call, is_consent, is_label, opens_tail, speaks_of_cookies

Floats = npt.NDArray[np.float64]

_DATE = re.compile(r"(?:19|20)\d\d(?!\d)|\bago\b|年\d|\b(?:hace|vor|il y a) \d")
_TIME = re.compile(r"\d[:h.]\d\d(?!\d)")
_DIGIT = re.compile(r"\d")
_LINK = re.compile(r"https?:|www\.|\w@\w|\w\.(?:com|org|net|de|fr|ru|pl|cn)\b")
_BULLET = re.compile(r"[-*•·●▪►»>–—]\s|\d{1,3}[.)]\s")
_MONEY = re.compile(r"[$€£¥]\s?\d|\d\s?(?:€|USD|EUR|zł|руб)")
_LEGAL = (
    *("privacy policy", "terms of use", "terms of service", "all rights reserved", "©", "copyright", "newsletter"),
    *("javascript", "your email", "log in to", "alle rechte vorbehalten", "tous droits réservés"),
    *("todos los derechos", "tutti i diritti", "todos os direitos", "wszelkie prawa", "все права защищены"),
    *("版权所有", "版權所有", "無断転載"),
)
_LONG_READ = 2_000  # characters of a line that are looked at; a longer one is text in any case
_SHORT_READ = 120  # characters of a line that may be a label or a date
_NOTICE = 90  # characters
_LABEL = 2  # words that are no sentence
_GOOD, _SURE = 10, 25  # words that make a line prose: with punctuation, and in any case
_RUN_COST, _RUN_CAP = 6, 60  # words of prose that a line must bring to lengthen a run, and can
_PASSED = 0.25  # share of the page's prose before which a heading opens no tail
_WINDOWS = (2, 5, 12, 30)  # lines before and after
_SHARES = ("lower", "upper", "uncased", "each", "digit", "comma", "stop", "colon", "mark", "quote", "other")


def line_features(lines: Sequence[str], gaps: Sequence[bool], url: str | None = None) -> tuple[Floats, Floats]:
    """The features, a row for each of `lines` (at least one, none empty), and the words of each line.

    `gaps`: whether a blank line stands before each; `url`: the page's address. Takes time in proportion to the text.
    """
    page = _Page(lines, np.asarray(gaps, dtype=np.float64))
    columns = [*_own(page), *page.marks.T, *_repeated(lines), *_place(page), *_windows(page)]
    return np.stack([*columns, *cohesion(lines, url), *_whole(page)], axis=1), page.words


def site_columns(times: Sequence[int], known: int) -> Floats:
    """What is known of the site, in SITE columns: on how many of the `known` other pages of it each line was seen.

    All zero where none is known.
    """
    seen = np.asarray(times, dtype=np.float64)
    return np.stack([np.log1p(seen), seen / max(known, 1), np.full(len(seen), np.log1p(known))], axis=1)


class _Page:
    """Counts by line."""

    def __init__(self, lines: Sequence[str], gaps: Floats) -> None:
        self.n = len(lines)
        self.gaps = gaps
        read = [line[:_LONG_READ] for line in lines]
        self.classes, self.words, self.ends = count_classes(read)
        self.characters = np.maximum(self.classes.sum(axis=1), 1.0)
        cut = np.fromiter(map(len, lines), dtype=np.float64, count=self.n) / self.characters
        self.words = np.rint(self.words * np.maximum(cut, 1.0))
        signs = self.classes[:, CLASSES["comma"]] + self.classes[:, CLASSES["stop"]]
        self.prose = (self.words >= _SURE) | ((self.words >= _GOOD) & ((self.ends > 0) | (signs > 1)))
        self.good = np.where(self.prose, self.words, 0.0)
        self.marks = _marks(lines)
        self.passed = np.concatenate([[0.0], np.cumsum(self.good)])[:-1] / max(float(self.good.sum()), 1.0)


def _marks(lines: Sequence[str]) -> Floats:
    """What the words of each line say, a column a fact."""
    folded = "\n".join(lines).casefold()
    legal = [word for word in _LEGAL if word in folded]
    notices = speaks_of_cookies(folded) and not _is_about_cookies(lines)
    seen = {line: _marks_of(line, legal, notices=notices) for line in dict.fromkeys(lines)}
    rows = b"".join([seen[line] for line in lines])
    return np.frombuffer(rows, dtype=np.uint8).reshape(len(lines), -1).astype(np.float64)


def _is_about_cookies(lines: Sequence[str]) -> bool:
    """Whether most of the page's long lines speak of cookies: a notice of consent is none there."""
    long = [line for line in lines if len(line) >= _NOTICE]
    return 2 * sum(len(line) for line in long if speaks_of_cookies(line)) > sum(map(len, long))


def _marks_of(line: str, legal: Sequence[str], *, notices: bool) -> bytes:
    short = len(line) <= _SHORT_READ
    counts = short and _DIGIT.search(line) is not None
    folded = line[:_LONG_READ].casefold() if legal else ""
    first = line[0]
    facts = (
        any(word in folded for word in legal),
        notices and is_consent(line),
        short and is_label(line),
        short and is_call(line),
        short and opens_tail(line),
        (counts or (short and "ago" in line)) and _DATE.search(line) is not None,
        counts and _TIME.search(line) is not None,
        short and ("." in line or ":" in line or "@" in line) and _LINK.search(line) is not None,
        counts and _MONEY.search(line) is not None,
        _BULLET.match(line) is not None,
        line.endswith((":", "：")),
        line.endswith(("?", "？")),
        line.endswith(("...", "…", "[…]")),
        first.islower(),
        first.isdigit(),
        first in "\"“„«'‘「『",
        first.isupper(),
    )
    return bytes(facts)


_TAIL = 4  # of those columns: the line heads comments, related articles and the like


def _own(page: _Page) -> list[Floats]:
    of = page.classes / page.characters[:, None]
    words = np.maximum(page.words, 1.0)
    return [
        np.log1p(page.words),
        np.log1p(page.characters),
        *(of[:, CLASSES[name]] for name in _SHARES),
        page.classes[:, CLASSES["stop"]] / words,
        page.classes[:, CLASSES["comma"]] / words,
        page.classes[:, CLASSES["upper"]] / words,
        np.minimum(page.characters / words, 20.0) / 10,
        page.ends,
        page.prose * 1.0,
        page.ends * (page.words >= _GOOD),
        (page.words <= _LABEL) * 1.0,
        page.gaps,
        np.append(page.gaps[1:], 1.0),
    ]


def _repeated(lines: Sequence[str]) -> list[Floats]:
    """How often a line stands on the page, and how often before."""
    seen: dict[str, int] = {}
    earlier = []
    for line in lines:
        earlier.append(seen.get(line, 0))
        seen[line] = earlier[-1] + 1
    counts = np.asarray([seen[line] for line in lines], dtype=np.float64)
    return [np.log1p(counts - 1), np.log1p(np.asarray(earlier, dtype=np.float64))]


def _place(page: _Page) -> list[Floats]:
    at = np.arange(page.n, dtype=np.float64)
    first, last = _best_run(page)
    inside = (at >= first) & (at < last)
    before, after = np.maximum(first - at, 0.0), np.maximum(at - last + 1, 0.0)
    behind = np.maximum.accumulate((page.marks[:, _TAIL] > 0) & (page.passed > _PASSED))
    since = np.maximum.accumulate(np.where(page.prose, at, -40.0))
    until = np.minimum.accumulate(np.where(page.prose, at, page.n + 40.0)[::-1])[::-1]
    return [
        at / page.n, np.log1p(at), np.log1p(page.n - at), page.passed,
        inside * 1.0, inside & page.prose, np.log1p(before), np.log1p(after),
        behind * page.passed, np.minimum(at - since, 20.0) / 10, np.minimum(until - at, 20.0) / 10,
    ]  # fmt: skip


def _best_run(page: _Page) -> tuple[int, int]:
    """The first line of the run that holds most prose for its length, and one past its last (maximum subarray)."""
    gains = np.where(page.prose, np.minimum(page.words, _RUN_CAP), 0.0) - _RUN_COST
    sums = np.concatenate([[0.0], np.cumsum(gains)])
    last = int(np.argmax(sums[1:] - np.minimum.accumulate(sums)[:-1]))
    return int(np.argmin(sums[: last + 1])), last + 1


def _windows(page: _Page) -> list[Floats]:
    """Means over the lines before, and over those after."""
    labels = page.marks[:, 2:_TAIL].sum(axis=1)
    rows = [
        np.log1p(page.words),
        page.prose,
        page.ends,
        labels,
        page.classes[:, CLASSES["upper"]] / np.maximum(page.words, 1),
    ]
    sums = np.zeros((page.n + 1, len(rows)))
    np.cumsum(np.stack(rows, axis=1), axis=0, out=sums[1:])
    at = np.arange(page.n)
    columns: list[Floats] = []
    for width in _WINDOWS:
        for first, last in ((np.maximum(at - width, 0), at), (at + 1, np.minimum(at + 1 + width, page.n))):
            means = (sums[last] - sums[np.minimum(first, last)]) / np.maximum(last - first, 1)[:, None]
            columns += list(means.T)
    return columns


def _whole(page: _Page) -> list[Floats]:
    """What all lines of a page have in common; WHOLE says how many columns."""
    words, good = float(page.words.sum()), float(page.good.sum())
    first, last = _best_run(page)
    in_run = float(page.good[first:last].sum())
    of_page = [
        np.log1p(page.n), np.log1p(words), np.log1p(good), good / max(words, 1.0), float(page.prose.mean()),
        (last - first) / page.n, in_run / max(good, 1.0), float(page.gaps.mean()), np.log1p(float(page.words.max())),
    ]  # fmt: skip
    return [np.full(page.n, float(value)) for value in of_page]


WHOLE = 9
SITE = 3
