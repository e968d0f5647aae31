"""Which lines of a flattened page are its article: a scorecard of ten facts about a line and its neighbours.

The weights are those of a logistic regression on the lines of 1,780 pages of eight public sets,
rounded; the choice of lines maximises the expected F1 (Lewis, SIGIR 1995).
"""
# ruff: noqa: RUF001  the punctuation of other scripts looks like Latin's

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import exp, log1p

import msgspec

from pipeline.furniture import is_consent, opens_tail, speaks_of_cookies
from pipeline.measure import ends_sentence, length_in_words

_INNER = re.compile(r"[,;:.!?،؛] |[，、。；：！？]")
_DATE = re.compile(r"(?:19|20)\d\d(?!\d)|\d[:h.]\d\d(?!\d)|\bago\b|年\d|\b(?:hace|vor|il y a) \d")
_LEGAL = (
    *("privacy policy", "terms of use", "terms of service", "all rights reserved", "©", "copyright", "newsletter"),
    *("javascript", "your email", "log in to", "alle rechte vorbehalten", "tous droits réservés"),
    *("todos los derechos", "tutti i diritti", "todos os direitos", "wszelkie prawa", "все права защищены"),
    *("版权所有", "版權所有", "無断転載"),
)
_LONG_READ = 2_000  # characters of a line that are looked at; a longer one is text in any case
_LONGEST_DATELINE = 90  # characters
_PROSE = 10  # words that make a line with punctuation prose
_SURE_PROSE = 25  # words that make any line prose
_SHORT = 8  # words
_RUN_COST = 6  # words of prose that a line must bring to lengthen a run
_RUN_CAP = 60  # words that one line can bring
_AROUND = 4  # lines before and after
_PASSED = 0.25  # share of the page's prose before which a heading opens no tail

WEIGHTS = (0.6, 0.2, -0.6, -2.2, 0.75, 1.35, 0.7, 3.2, -1.0, -2.5)
"""Of the facts in `facts_of`, in that order."""
BIAS = -3.8


class Line(msgspec.Struct, frozen=True):
    """What a line shows by itself. `size`: words. `capitals`: share of its words that begin with one."""

    size: float
    pauses: int
    capitals: float
    ends: bool
    legal: bool
    dated: bool
    tail: bool

    @property
    def prose(self) -> bool:
        """Whether the line reads as running text."""
        return self.size >= _SURE_PROSE or (self.size >= _PROSE and (self.ends or self.pauses > 1))


def choose_lines(lines: Sequence[str]) -> list[bool]:
    """Which of `lines` (none of them empty) belong to the article."""
    measured = look_at(lines)
    chances = [
        1 / (1 + exp(-BIAS - sum(w * fact for w, fact in zip(WEIGHTS, facts, strict=True))))
        for facts in facts_of(measured)
    ]
    return _best_expected_f1(chances, [line.size for line in measured])


def look_at(lines: Sequence[str]) -> list[Line]:
    """Each line by itself. A notice of consent is none where most of the page's long lines speak of cookies."""
    page = "\n".join(lines).casefold()
    long = [line for line in lines if len(line) >= _LONGEST_DATELINE] if speaks_of_cookies(page) else []
    cookies = sum(len(line) for line in long if speaks_of_cookies(line))
    notices = 0 < cookies <= sum(map(len, long)) / 2
    legal = [word for word in _LEGAL if word in page]
    seen = {line: _look(line[:_LONG_READ], legal, notices=notices) for line in dict.fromkeys(lines)}
    return [seen[line] for line in lines]


def facts_of(lines: Sequence[Line]) -> list[tuple[float, ...]]:
    """The facts about each line that `WEIGHTS` weighs."""
    prose = [line.prose for line in lines]
    run = _best_run(lines, prose)
    ending = _around([line.ends for line in lines])
    dated = _around([line.dated for line in lines])
    after = _tail(lines, prose)
    page = log1p(len(lines)) / 5
    return [
        (
            log1p(line.size),
            min(line.pauses, 6) / 3,
            line.capitals,
            float(line.legal),
            float(i in run and prose[i]),
            float(i in run and line.size < _SHORT),
            page,
            ending[i],
            dated[i],
            after[i],
        )
        for i, line in enumerate(lines)
    ]


def _look(line: str, legal: Sequence[str], *, notices: bool) -> Line:
    words = line.split()
    folded = line.casefold()
    return Line(
        size=length_in_words(line),
        pauses=len(_INNER.findall(line)),
        capitals=sum([word[0].isupper() for word in words]) / len(words),
        ends=ends_sentence(line),
        legal=any(word in folded for word in legal) or (notices and is_consent(line)),
        dated=len(line) < _LONGEST_DATELINE and _DATE.search(line) is not None,
        tail=opens_tail(line),
    )


def _best_run(lines: Sequence[Line], prose: Sequence[bool]) -> range:
    """The run of lines that holds most prose for its length (Kadane's maximum subarray)."""
    best = current = 0.0
    run, start = range(0), 0
    for i, line in enumerate(lines):
        if current <= 0:
            current, start = 0.0, i
        current += (min(line.size, _RUN_CAP) if prose[i] else 0) - _RUN_COST
        if current > best:
            best, run = current, range(start, i + 1)
    return run


def _around(marks: Sequence[bool]) -> list[float]:
    """For each line the share of marked ones among itself and its neighbours."""
    sums = [0, *accumulate(marks)]
    last = len(marks)
    return [
        (sums[high := min(last, i + _AROUND + 1)] - sums[low := max(0, i - _AROUND)]) / (high - low)
        for i in range(last)
    ]


def _tail(lines: Sequence[Line], prose: Sequence[bool]) -> list[float]:
    """For each line behind a heading such as "Comments" the share of the page's prose that was before it, else 0."""
    passed = [0.0, *accumulate(line.size if is_prose else 0.0 for line, is_prose in zip(lines, prose, strict=True))]
    total = passed[-1] or 1.0
    behind = False
    shares: list[float] = []
    for line, (before, _) in zip(lines, pairwise(passed), strict=True):
        if line.tail:
            behind = before > _PASSED * total
        shares.append(before / total if behind else 0.0)
    return shares


def _best_expected_f1(chances: Sequence[float], sizes: Sequence[float]) -> list[bool]:
    """The likeliest lines, as many as give the highest F1 in words that is to be expected."""
    order = sorted(range(len(chances)), key=lambda i: -chances[i])
    expected = sum(chance * size for chance, size in zip(chances, sizes, strict=True))
    true = taken = best = 0.0
    count = 0
    for rank, i in enumerate(order, 1):
        true += chances[i] * sizes[i]
        taken += sizes[i]
        if taken and (f1 := 2 * true / (taken + expected)) > best:
            best, count = f1, rank
    chosen = [False] * len(chances)
    for i in order[:count]:
        chosen[i] = True
    return chosen
