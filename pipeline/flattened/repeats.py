"""Blocks that a page prints more than once: the first stays.

Lines are compared by their 4-grams of words, so that a copy that was wrapped otherwise or that lost a
link is found as well. Only long lines that end as sentences do are anchors: refrains, listings and
tables of contents repeat the others for good reason.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat

from pipeline.measure import ends_sentence, words_of

_ANCHOR = 12  # words; about 80 characters
_BLOCK = 30  # words in a run of copies, about 200 characters
_ALONE = 25  # words in a copy that stands alone, about 160 characters
_GAP_LINES = 6  # short or empty lines that a run of copies may hold in one place
_SHORTEST = 30  # bytes: no 12 words or 12 characters take fewer
_FEW: list[str] = []  # the words of a line too short to count
_SHARE = 0.8  # of a line's 4-grams seen before
_ELLIPSES = ("…", "...")
_TEASER = 6  # words that a teaser must share with what it announces
_MOST_WORDS = 400_000  # beyond that (2 MB) lines are compared whole: 4-grams cost 100 bytes each


def drop_repeats(text: str) -> tuple[str, int]:
    """`text` without the blocks that stand in it before, and how many characters went.

    A block is a run of copied lines, in their first order, of at least 30 words, or one line of at
    least 25 (a CJK or Thai character counts 0.6). A teaser that ends in an ellipsis and is continued
    by a later line goes too.
    """
    lines = text.split("\n")
    gone = find_repeats(lines)
    if not any(gone):
        return text, 0
    rest: list[str] = []
    for line, out in zip(lines, gone, strict=True):
        if not out and (line or (rest and rest[-1])):
            rest.append(line)
    kept = "\n".join(rest).strip("\n")
    return kept, len(text) - len(kept)


def find_repeats(lines: Sequence[str]) -> list[bool]:
    """Which of `lines` repeat earlier ones, or announce a later one."""
    words = [words_of(line) if len(line) >= _SHORTEST or len(line.encode()) >= _SHORTEST else _FEW for line in lines]
    gone = _teasers(lines, words)
    sources = _sources(lines, words)
    for run in _runs(words, sources):
        sizes = [len(words[i]) for i in run if sources[i] is not None and ends_sentence(lines[i])]
        if sum(sizes) >= _BLOCK or max(sizes, default=0) >= _ALONE:
            for i in run:
                gone[i] = True
    return gone


def _sources(lines: Sequence[str], words: Sequence[list[str]]) -> list[int | None]:
    """For each line that is a copy the line that it copies, else None."""
    whole: dict[str, int] = {}
    grams: dict[tuple[str, ...], int] = {}
    sources: list[int | None] = [None] * len(lines)
    budget = _MOST_WORDS
    for i, line in enumerate(lines):
        if len(words[i]) < _ANCHOR:
            continue
        first = whole.setdefault(line.casefold().replace(" ", ""), i)  # a tidy text has no other blanks
        if first != i:
            sources[i] = first
        elif budget > 0 and ends_sentence(line):
            budget -= len(words[i])
            sources[i] = _source(words[i], i, grams)
    return sources


def _source(line: list[str], place: int, grams: dict[tuple[str, ...], int]) -> int | None:
    """The line that `line` copies nearly, by the 4-grams seen so far; else its own are added to them."""
    before = len(grams)
    places = list(map(grams.setdefault, _grams_of(line), repeat(place)))
    most_known, fresh_grams = len(places) - places.count(place), len(grams) - before
    if most_known < _SHARE * (most_known + fresh_grams):  # nearly every line; more are known only if some come twice
        return None
    own = dict.fromkeys(_grams_of(line))
    fresh = [gram for gram in own if grams[gram] == place]
    # a table's rows differ in their numbers
    if len(own) - len(fresh) < _SHARE * len(own) or any(word.isdigit() for gram in fresh for word in gram):
        return None
    source = next(seen for seen in places if seen != place)
    for gram in fresh:
        del grams[gram]
    return source


def _grams_of(line: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(line, line[1:], line[2:], line[3:], strict=False)


def _runs(words: Sequence[list[str]], sources: Sequence[int | None]) -> list[list[int]]:
    """Runs of copies whose originals stand in the same order, with the short lines between them."""
    runs: list[list[int]] = []
    waiting: list[int] = []
    last: int | None = None
    for i, source in enumerate(sources):
        if source is not None:
            if last is not None and source >= last:
                runs[-1] += [*waiting, i]
            else:
                runs.append([i])
            last, waiting = source, []
        elif last is not None:
            waiting.append(i)
            if len(words[i]) >= _ANCHOR or len(waiting) > _GAP_LINES:
                last, waiting = None, []
    return runs


def _teasers(lines: Sequence[str], words: Sequence[list[str]]) -> list[bool]:
    """Which lines end in an ellipsis and are the beginning of a later, longer line."""
    gone = [False] * len(lines)
    if not any(line.endswith(_ELLIPSES) for line in lines):
        return gone
    later: dict[tuple[str, ...], list[str]] = {}
    for i in range(len(lines) - 1, -1, -1):
        start = tuple(words[i][:_TEASER])
        if len(start) < _TEASER:
            continue
        if lines[i].endswith(_ELLIPSES):
            whole = later.get(start)
            stub = words[i][:-1]  # the last word may be cut
            gone[i] = whole is not None and len(whole) > len(stub) and whole[: len(stub)] == stub
        if not gone[i]:
            later[start] = words[i]
    return gone
