"""What a flattened page says of its article above and below it: title, time of publication, authors."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from pipeline.flattened.furniture import is_call, is_consent, is_label, opens_tail
from pipeline.measure import ends_sentence, key_of, length_in_words, words_of
from pipeline.metadata.dates import LONGEST, parse_date

_HEAD = 60  # lines above the article where its title and its date stand
_NEAR = 6  # lines around a title or an article's end where a date stands
_TITLE = (2, 35)  # words
_GOOD_TITLE = 12  # words
_LONGEST_TITLE = 300  # characters
_LEAST_WORTH = 3.0  # of a title; below that none is named
_LEAD = 3  # sentences that a title speaks of most
_SHORT_WORD = 3  # characters of words that say little, in scripts with blanks
_LONG_READ = 2_000  # characters of a paragraph that are compared with a title
_MOST_DATES = 12  # lines that are read as dates
_BODY_LINES = 40  # lines of the article that a title is compared with

_DURATION = re.compile(r"(?<=[^\W\d])\d{1,2}:\d\d(?::\d\d)?$|[\[(]\d{1,2}:\d\d(?::\d\d)?[\])]$")
_DURATION_ENDS = tuple("0123456789)]")
_YEAR = re.compile(r"(?<!\d)(?:19|20|25)\d\d(?!\d)|\d[./-]\d{1,2}[./-]\d\d(?!\d)")
_AGO = re.compile(r"\bago\b|\bvor \d|\bil y a \d|\bhace \d|\d\s?(?:分钟|小时|天|時間|日)前|назад", re.IGNORECASE)
_DIGIT, _NO_DIGIT = re.compile(r"\d"), re.compile("ago|назад", re.IGNORECASE)  # all the others have a digit
_PUBLISHED = re.compile(
    r"publish|posted|released|veröffentlicht|erstellt|publi[éec]|pubblicat|opublikowan|dodano|опубликован"
    r"|发布|發布|公開|掲載|配信",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"updat|modif|edited|aktualisiert|geändert|mis à jour|maj\b|actualizad|atualizad|aggiornat|aktualizacj"
    r"|обновлен|更新",
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
    keys = [key_of(_unglue(line)) if len(line) <= _LONGEST_TITLE else "" for line in lines]
    title = find_title(lines, chosen, start=start, keys=keys)
    key = key_of(title) if title else ""
    titles = frozenset(i for i, its in enumerate(keys) if key and its == key)
    published = find_date(lines, chosen, (start, titles), fetched_at=fetched_at)
    return Head(title=title, published_at=published, titles=titles)


def find_start(lines: Sequence[str], chosen: Sequence[bool]) -> int:
    """The first line of running text among the chosen ones; without any the first chosen one."""
    kept = [i for i, is_chosen in enumerate(chosen) if is_chosen]
    return next((i for i in kept if is_sentence(lines[i])), kept[0] if kept else 0)


def is_sentence(line: str) -> bool:
    """Whether `line` is long enough for running text, and ends like it."""
    return ends_sentence(line) and length_in_words(line) >= _GOOD_TITLE


def find_title(lines: Sequence[str], chosen: Sequence[bool], *, start: int, keys: Sequence[str]) -> str | None:
    """The line above `start` that reads most like the article's headline: its words come again below.

    `keys`: what each line is compared by.
    """
    body = [i for i in range(start, len(lines)) if chosen[i] and is_sentence(lines[i])][:_BODY_LINES]
    sentences = [frozenset(words_of(lines[i][:_LONG_READ])) for i in body]
    vocabulary = frozenset[str]().union(*sentences)
    lead = frozenset[str]().union(*sentences[:_LEAD])
    often = Counter(keys)
    best, title = _LEAST_WORTH, None
    for i in range(max(0, start - _HEAD), start):
        line = _unglue(lines[i])
        if len(line) > _LONGEST_TITLE or not _TITLE[0] <= length_in_words(line) <= _TITLE[1]:
            continue
        worth = _worth_of_words(line, vocabulary, lead) + _worth_of_place(lines, i, start)
        worth += 0.6 * (often[keys[i]] > 1) - 1.5 * chosen[i]
        if worth > best and not (is_label(line) or is_call(line) or is_consent(line) or opens_tail(line)):
            best, title = worth, line
    return title


def _worth_of_words(line: str, vocabulary: frozenset[str], lead: frozenset[str]) -> float:
    """How much `line` says of what the article and its first sentences say. Weights by logistic regression."""
    words = words_of(line)
    if not words:
        return 0.0
    own = sum(word in vocabulary for word in words)
    long = [word for word in words if len(word) > _SHORT_WORD] or words
    first = sum(word in lead for word in long) / len(long)
    size = min(length_in_words(line), _GOOD_TITLE) / _GOOD_TITLE
    stop = line.endswith((".", ":"))
    return 3 * min(own, 8) / 8 + 0.7 * own / len(words) + 1.8 * first + 1.7 * size - 2.5 * stop - 0.9 * ("|" in line)


def _worth_of_place(lines: Sequence[str], i: int, start: int) -> float:
    """How much line `i` stands where a headline does: near the article, with less above it than below.

    A notice of consent above it is none of the page's text.
    """
    over = lines[i - 1] if i and not is_consent(lines[i - 1]) else ""
    above = min(length_in_words(over), _GOOD_TITLE) / _GOOD_TITLE
    below = min(length_in_words(lines[i + 1]), _GOOD_TITLE) / _GOOD_TITLE
    return below - 2.4 * above - 2.4 * (start - i) / _HEAD


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
    """Whether `line` is a label, a dateline or a heading of something else: beside an article, and no part of it."""
    if is_label(line) or is_call(line) or opens_tail(line):
        return True
    return (
        len(line) <= LONGEST and not ends_sentence(line) and length_in_words(line) < _GOOD_TITLE and may_hold_date(line)
    )


def _date_places(lines: Sequence[str], chosen: Sequence[bool], place: tuple[int, frozenset[int]]) -> Iterator[int]:
    """The lines that may hold the date, the likeliest first: title to start, then around each of them."""
    start, titles = place
    above = max((i for i in titles if i < start), default=max(0, start - _NEAR))
    end = max((i for i, is_chosen in enumerate(chosen) if is_chosen), default=start)
    spans: list[Iterable[int]] = [range(above, start + 2), range(max(0, above - _NEAR), above)]
    spans += [range(i + 1, i + 1 + _NEAR) for i in sorted(titles) if i > start]
    spans += [range(end + 1, end + 1 + _NEAR), range(max(0, start - _HEAD), start)]
    spans.append(i for i, line in enumerate(lines) if may_hold_date(line) and _PUBLISHED.search(line))
    seen: set[int] = set()
    for span in spans:
        for i in span:
            if i < len(lines) and i not in seen:
                seen.add(i)
                if may_hold_date(lines[i]):
                    yield i


def may_hold_date(line: str) -> bool:
    """Whether it is worth reading `line` as a date: short, with a year or an age, and no copyright."""
    if len(line) > LONGEST or (_DIGIT.search(line) is None and _NO_DIGIT.search(line) is None):
        return False
    return (_YEAR.search(line) is not None or _AGO.search(line) is not None) and not _LEGAL.search(line)


def _unglue(line: str) -> str:
    """`line` without a video's duration glued to its end."""
    return _DURATION.sub("", line).rstrip() if line.endswith(_DURATION_ENDS) else line
