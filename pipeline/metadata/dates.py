"""Dates as pages write them, read without a clock: the same text gives the same moment on any day.

A date needs a day, a month and a year. It keeps the zone that it is written in, so that its day stays the day that
readers see; without one it is taken for UTC.
"""
# ruff: noqa: RUF001  quotation marks and dashes of all kinds stand in dates

import re
from datetime import UTC, datetime, timedelta, timezone
from unicodedata import normalize

from pipeline.metadata.month_names import month_number
from pipeline.metadata.relative_dates import read_age
from pipeline.metadata.time_zones import read_zone

LONGEST = 128  # characters: whatever is longer is a sentence, and is read up to here

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_NONE, _MINUTE, _FARTHEST = timedelta(), timedelta(minutes=1), timedelta(hours=14)
_SLACK = timedelta(days=2)  # zones and clocks that run ahead

_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?(?:[-/.]|年|년)\s?(\d{1,2})\s?(?:[-/.]|月|월)\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/])")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{1,2})[-/ ]([^\W\d_]{3,12})\.?(?:[-/]| ?['’])(\d{2})(?!\d)")
_VIETNAMESE = re.compile(r"(?<!\d)(\d{1,2}),? tháng (\d{1,2}),? (?:năm )?(\d{4})(?!\d)", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:(?P<before>午前|午後|上午|下午|오전|오후)\s?)?(?<![\d+:])(?P<hour>\d{1,2})(?::|\s?h\s?|[時时点點]|시\s?)(?P<minute>\d{2})"
    r"(?:[:分분]\s?(?P<second>\d{2}))?(?!\d)(?:[.,]\d{1,9})?[分분秒초]?\s?(?P<after>[ap]\.?\s?m\b\.?)?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d:])(?P<hour>\d{1,2})\s?(?P<after>[ap]\.?m\b\.?)", re.IGNORECASE)
_DOTTED_CLOCK = re.compile(r"(?<![\d.,])(?P<hour>\d{1,2})\.(?P<minute>\d{2})(?![\d.,])")
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"\d+|[^\W\d_][^\s\d,;:/()|–—'’-]*")
_AFTERNOON = ("p", "午後", "下午", "오후")
_NOON = 12
_NEAR = 4  # tokens between a month's name and its numbers: "26 de noviembre de 2023"
_BUDDHIST = 543  # years that Thailand is ahead

Day = tuple[int, int, int]


def parse_date(text: str, *, fetched_at: datetime | None, language: str | None = None) -> datetime | None:
    """The moment that `text` names, aware, in the zone that it names, or None.

    `fetched_at` (aware) bounds it: from 1990 to two days later, or to 2100 where it is None; and
    relative dates ("2 hours ago") count from it alone. `language` is the page's (`en-US`): it
    decides whether 3/4/2023 is in March, and what Croatian months mean. Only the first 128
    characters are read.
    """
    text = normalize("NFKC", text[:LONGEST]).strip()[:LONGEST]
    if not _DIGIT.search(text):
        return None
    try:
        moment = _read(text, language) or _before(text, fetched_at)
        if moment is None:
            return None
        moment = _in_plain_zone(moment)
        latest = LATEST if fetched_at is None else fetched_at + _SLACK
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment <= latest else None


def _in_plain_zone(moment: datetime) -> datetime:
    """`moment` in a zone that ISO 8601 and its readers know: whole minutes from UTC, and no more than any place is."""
    east = moment.utcoffset()
    if east is None:
        return moment.replace(tzinfo=UTC)
    if east == _NONE or east % _MINUTE or abs(east) > _FARTHEST:
        return moment.astimezone(UTC)
    return moment.replace(tzinfo=timezone(east))


def _read(text: str, language: str | None) -> datetime | None:
    if text.isdigit():
        return _read_digits(text)
    if text[:4].isdigit():
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    return _read_written(text, language)


def _before(text: str, fetched_at: datetime | None) -> datetime | None:
    if fetched_at is None or (age := read_age(text)) is None:
        return None
    return fetched_at.astimezone(UTC).replace(microsecond=0) - age


def _read_digits(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970, or a date in ISO 8601's basic form without its T."""
    if len(text) == len("1700000000"):
        return datetime.fromtimestamp(int(text), UTC)
    if len(text) == len("1700000000000"):
        return datetime.fromtimestamp(int(text) // 1000, UTC)
    for form in ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S"):
        if len(text) == len(datetime(2000, 1, 1, tzinfo=UTC).strftime(form)):
            return datetime.strptime(text, form).replace(tzinfo=UTC)
    return None


def _read_written(text: str, language: str | None) -> datetime | None:
    clock = _CLOCK.search(text) or _HOUR.search(text)
    rest = text if clock is None else f"{text[: clock.start()]} ; {_without_zone(text[clock.end() :])}"
    american = _is_american(language, clock)
    day = _numeric_day(rest, american=american) or _named_day(rest, language) or _short_year(rest, language)
    if day is None:
        return None
    if clock is None:
        clock = _DOTTED_CLOCK.search(_YEAR_LAST.sub(" ", _YEAR_FIRST.sub(" ", text)))
        text = clock.string if clock else text
    return _at_clock(datetime(*day), clock, text)  # noqa: DTZ001  the zone is read next


def _without_zone(text: str) -> str:
    zone = read_zone(text, EARLIEST)
    return text[zone[1] :] if zone else text


def _is_american(language: str | None, clock: re.Match[str] | None) -> bool:
    if language is not None and len(language) > len("en"):
        return language.lower().replace("_", "-") == "en-us"
    return language in (None, "en") and clock is not None and bool(clock["after"])


def _at_clock(day: datetime, clock: re.Match[str] | None, text: str) -> datetime:
    """`day` at the time that `clock` matched in `text`, in the zone that follows it; midnight without one."""
    if clock is None:
        return day
    named = clock.groupdict()
    hour, half = int(named["hour"]), (named.get("before") or named.get("after") or "").lower()
    if half:
        hour = hour % _NOON + (_NOON if half.startswith(_AFTERNOON) else 0)
    try:
        moment = day.replace(hour=hour, minute=int(named.get("minute") or 0), second=int(named.get("second") or 0))
    except ValueError:
        return day
    zone = read_zone(text[clock.end() :], moment)
    return moment.replace(tzinfo=zone[0]) if zone else moment


def _numeric_day(text: str, *, american: bool) -> Day | None:
    found = _YEAR_FIRST.search(text)
    if found:
        return _possible(_full_year(found[1]), int(found[2]), int(found[3]))
    found = _VIETNAMESE.search(text)
    if found:
        return _possible(int(found[3]), int(found[2]), int(found[1]))
    found = _YEAR_LAST.search(text)
    if found is None:
        return None
    year, first, second = _full_year(found[4]), int(found[1]), int(found[3])
    day_first = _possible(year, second, first)
    month_first = _possible(year, first, second)
    return (month_first or day_first) if american and found[2] == "/" else (day_first or month_first)


def _named_day(text: str, language: str | None) -> Day | None:
    tokens = _TOKEN.findall(text)
    for place, token in enumerate(tokens):
        if token[0].isdigit():
            continue
        month = month_number(token, language and language[:2].lower())
        if month is None:
            continue
        before = [number for number in reversed(tokens[max(0, place - _NEAR) : place]) if number.isdigit()]
        after = [number for number in tokens[place + 1 : place + 1 + _NEAR] if number.isdigit()]
        day = _around(month, before, after)
        if day:
            return day
    return None


def _around(month: int, before: list[str], after: list[str]) -> Day | None:
    """The day in the numbers around a month's name, nearest first on both sides."""
    orders = (
        (before[:1], after[:1]),  # 26 November 2023
        (after[:1], after[1:2]),  # November 26, 2023
        (after[:1], before[:1]),  # 2023. november 26.
        (before[:1], before[1:2]),  # 2023. gada 26. novembrī
    )
    for day, year in orders:
        if day and year and len(day[0]) <= len("26") and len(year[0]) == len("2023"):
            found = _possible(_full_year(year[0]), month, int(day[0]))
            if found:
                return found
    return None


def _short_year(text: str, language: str | None) -> Day | None:
    found = _SHORT_YEAR.search(text)
    month = found and month_number(found[2], language and language[:2].lower())
    return _possible(_full_year(found[3]), month, int(found[1])) if found and month else None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) == len("23"):
        return 2000 + year
    return year - _BUDDHIST if year >= EARLIEST.year + _BUDDHIST else year


def _possible(year: int, month: int, day: int) -> Day | None:
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    return year, month, day
