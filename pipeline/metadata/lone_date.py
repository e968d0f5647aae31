"""A date that no markup names: the only one that stands alone on a page."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

_ELSEWHERE = ("script", "style", "footer", "aside", "nav", "form")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST = 32  # characters: "Wednesday, September 24, 2025" is a date and nothing else
_LONGEST_TEXT = 120  # with the blanks around it
_MOST_ELEMENTS = 10_000


def find_lone_date(tree: HtmlElement, read: Callable[[str], datetime | None]) -> datetime | None:
    """The moment in the texts that are a date and nothing else, if all of them name one day; None where days differ.

    `read`: reads a text as a date.
    """
    found: datetime | None = None
    for line in _lines_with_year(tree):
        moment = read(line)
        if moment is None:
            continue
        if found and moment.date() != found.date():
            return None
        found = found or moment
    return found


def _lines_with_year(tree: HtmlElement) -> Iterator[str]:
    """The short texts of the body that hold a year, but those of its footer, menus and the like."""
    body = tree.find("body")
    for element in () if body is None else islice(body.iter("*"), _MOST_ELEMENTS):
        for text, inside in ((element.text, True), (element.tail, False)):
            # the pattern is slow to begin, and most texts hold no such digits
            if not text or len(text) >= _LONGEST_TEXT or ("20" not in text and "19" not in text):
                continue
            line = text.strip()
            if len(line) <= _LONGEST and _YEAR.search(line) and not _is_elsewhere(element, inside=inside):
                yield line


def _is_elsewhere(element: HtmlElement, *, inside: bool) -> bool:
    """Whether the text in `element`, or after it, stands in what is no content."""
    return (inside and element.tag in _ELSEWHERE) or next(element.iterancestors(*_ELSEWHERE), None) is not None
