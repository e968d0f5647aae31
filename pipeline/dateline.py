"""What a flattened page says of its article above and below it: title, time of publication, authors."""
# ruff: noqa: RUF001  the punctuation of other scripts looks like Latin's

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from pipeline.dates import LONGEST, parse_date
from pipeline.furniture import is_call, is_consent, is_label, opens_tail
from pipeline.measure import ends_sentence, key_of, length_in_words, words_of

_HEAD = 25  # lines above the article where its title and its date stand
_NEAR = 6  # lines around a title or an article's end where a date stands
_TITLE = (2, 35)  # words
_GOOD_TITLE = 12  # words
_OWN_WORDS = 0.34  # share of a title's words that come again in the article
_MOST_DATES = 12  # lines that are read as dates
_BODY_LINES = 40  # lines of the article that a title is compared with

_DURATION = re.compile(r"(?<=[^\W\d])\d{1,2}:\d\d(?::\d\d)?$|[\[(]\d{1,2}:\d\d(?::\d\d)?[\])]$")
_YEAR = re.compile(r"(?<!\d)(?:19|20|25)\d\d(?!\d)|\d[./-]\d{1,2}[./-]\d\d(?!\d)")
_AGO = re.compile(r"\bago\b|\bvor \d|\bil y a \d|\bhace \d|\d\s?(?:分钟|小时|天|時間|日)前|назад", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"publish|posted|released|veröffentlicht|erstellt|publi[éec]|pubblicat|opublikowan|dodano|опубликован|发布|發布|公開|掲載|配信",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"updat|modif|edited|aktualisiert|geändert|mis à jour|maj\b|actualizad|atualizad|aggiornat|aktualizacj|обновлен|更新",
    re.IGNORECASE,
)
_LEGAL = re.compile(r"©|\(c\)|copyright|all rights", re.IGNORECASE)


class Head(msgspec.Struct, frozen=True):
    """`title` and the time of publication, where found, and the indices of the lines that hold the title."""

    title: str | None = None
    published_at: datetime | None = None
    titles: frozenset[int] = frozenset()


def read_head(lines: Sequence[str], chosen: Sequence[bool], *, fetched_at: datetime | None) -> Head:
    """The head of the article whose lines are `chosen` among `lines`."""
    start = find_start(lines, chosen)
    title = find_title(lines, chosen, start)
    key = key_of(title) if title else ""
    titles = frozenset(i for i, line in enumerate(lines) if key and key_of(_unglue(line)) == key)
    published = find_date(lines, chosen, (start, titles), fetched_at=fetched_at)
    return Head(title=title, published_at=published, titles=titles)


def find_start(lines: Sequence[str], chosen: Sequence[bool]) -> int:
    """The first line of running text among the chosen ones; without any the first chosen one."""
    kept = [i for i, is_chosen in enumerate(chosen) if is_chosen]
    return next((i for i in kept if is_sentence(lines[i])), kept[0] if kept else 0)


def is_sentence(line: str) -> bool:
    """Whether `line` is long enough for running text, and ends like it."""
    return ends_sentence(line) and length_in_words(line) >= _GOOD_TITLE


def find_title(lines: Sequence[str], chosen: Sequence[bool], start: int) -> str | None:
    """The line above `start` that reads most like the article's headline: its words come again below."""
    body = [i for i in range(start, len(lines)) if chosen[i] and is_sentence(lines[i])][:_BODY_LINES]
    vocabulary = {word for i in body for word in words_of(lines[i][:2_000])}
    best, title = 0.0, None
    keys = [key_of(_unglue(line)) for line in lines]
    for i in range(max(0, start - _HEAD), start):
        line = _unglue(lines[i])
        worth = _headline_worth(line, vocabulary)
        if not worth:
            continue
        worth += (keys.count(keys[i]) > 1) - (start - i) / _HEAD
        if worth > best:
            best, title = worth, line
    return title


def find_date(
    lines: Sequence[str],
    chosen: Sequence[bool],
    place: tuple[int, frozenset[int]],
    *,
    fetched_at: datetime | None,
) -> datetime | None:
    """The time of publication, from the lines around the article's start and its titles (`place`).

    A line that says "published" is believed before others, and one that says "updated" after them.
    """
    found: list[tuple[int, datetime]] = []
    for tried, i in enumerate(_date_places(lines, chosen, place)):
        if tried == _MOST_DATES:
            break
        if moment := parse_date(lines[i][:LONGEST], fetched_at=fetched_at):
            rank = 0 if _PUBLISHED.search(lines[i]) else 2 if _CHANGED.search(lines[i]) else 1
            if rank == 0:
                return moment
            found.append((rank, moment))
    return min(found, key=lambda item: item[0])[1] if found else None


def is_edge(line: str) -> bool:
    """Whether `line` is a label, a dateline or a heading of something else, which ends an article but is no part of it."""
    if is_label(line) or is_call(line) or opens_tail(line):
        return True
    return (
        len(line) <= LONGEST
        and not ends_sentence(line)
        and length_in_words(line) < _GOOD_TITLE
        and _may_hold_date(line)
    )


def _date_places(lines: Sequence[str], chosen: Sequence[bool], place: tuple[int, frozenset[int]]) -> Iterator[int]:
    """The lines that may hold the date, the likeliest first: title to start, then around each of them."""
    start, titles = place
    above = max((i for i in titles if i < start), default=max(0, start - _NEAR))
    end = max((i for i, is_chosen in enumerate(chosen) if is_chosen), default=start)
    spans = [range(above, start + 2), range(max(0, above - _NEAR), above)]
    spans += [range(i + 1, i + 1 + _NEAR) for i in sorted(titles) if i > start]
    spans += [range(end + 1, end + 1 + _NEAR), range(max(0, start - _HEAD), start)]
    seen: set[int] = set()
    for span in spans:
        for i in span:
            if i < len(lines) and i not in seen:
                seen.add(i)
                if _may_hold_date(lines[i]):
                    yield i


def _may_hold_date(line: str) -> bool:
    return (
        len(line) <= LONGEST
        and (_YEAR.search(line) is not None or _AGO.search(line) is not None)
        and not _LEGAL.search(line)
    )


def _unglue(line: str) -> str:
    """`line` without a video's duration glued to its end."""
    return _DURATION.sub("", line).rstrip()


def _headline_worth(line: str, vocabulary: set[str]) -> float:
    """How much `line` reads as a headline of a text with that vocabulary; 0 if not at all."""
    size = length_in_words(line)
    if not _TITLE[0] <= size <= _TITLE[1] or is_label(line) or is_call(line) or is_consent(line) or opens_tail(line):
        return 0.0
    words = words_of(line)
    own = sum(word in vocabulary for word in words) / len(words) if words else 0.0
    if own < _OWN_WORDS or _may_hold_date(line) and size < _GOOD_TITLE / 2:
        return 0.0
    return 3 * own + 2 * min(size, _GOOD_TITLE) / _GOOD_TITLE - (1.5 if line.endswith((".", ":")) else 0.0)
