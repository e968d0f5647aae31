"""A date that no markup names: the only one that stands alone on a page, or the first that it shows."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import islice

from lxml.html import HtmlElement

_ELSEWHERE = ("script", "style", "footer", "aside", "nav", "form")
_UNREAD = ("script", "style")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DIGIT = re.compile(r"\d")
_LONGEST_ALONE = 32  # characters: "Wednesday, September 24, 2025" is a date and nothing else
_LONGEST = 64  # "Last edited by the editors on 24 September 2025 at 10:15"; what is longer tells of that day
_LONGEST_TEXT = 120  # with the blanks around it
_MOST_DAYS = 30  # a page that shows more is a calendar or a list
_MOST_ELEMENTS = 10_000


def find_loose_date(tree: HtmlElement, read: Callable[[str], datetime | None]) -> datetime | None:
    """The moment in the texts that are a date and nothing else, if all of them name one day; else in the first text.

    The first short one that holds a date, wherever it stands, footers included; None where texts name more than 30
    days. `read`: reads a text as a date.
    """
    alone: set[date] = set()
    days: set[date] = set()
    lone = first = None
    for line, element, inside in _lines_with_day(tree):
        moment = read(line)
        if moment is None:
            continue
        first = first or moment
        days.add(moment.date())
        if len(line) <= _LONGEST_ALONE and not _is_elsewhere(element, inside=inside):
            lone = lone or moment
            alone.add(moment.date())
        if len(days) > _MOST_DAYS and len(alone) > 1:
            return None
    if len(alone) == 1:
        return lone
    return first if len(days) <= _MOST_DAYS else None


def _lines_with_day(tree: HtmlElement) -> Iterator[tuple[str, HtmlElement, bool]]:
    """The short texts of the body that hold a year and another number, with their elements: in them or after them."""
    body = tree.find("body")
    for element in () if body is None else islice(body.iter("*"), _MOST_ELEMENTS):
        for text, inside in ((element.text, True), (element.tail, False)):
            # the pattern is slow to begin, and most texts hold no such digits
            if not text or len(text) >= _LONGEST_TEXT or ("20" not in text and "19" not in text):
                continue
            line = text.strip()
            if len(line) > _LONGEST or (inside and element.tag in _UNREAD):
                continue
            rest, years = _YEAR.subn("", line)
            if years and _DIGIT.search(rest):
                yield line, element, inside


def _is_elsewhere(element: HtmlElement, *, inside: bool) -> bool:
    """Whether the text in `element`, or after it, stands in what is no content."""
    return (inside and element.tag in _ELSEWHERE) or next(element.iterancestors(*_ELSEWHERE), None) is not None
