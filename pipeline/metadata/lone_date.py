"""A date that no markup names: the only one that stands alone on a page."""

import re
from collections.abc import Callable
from datetime import datetime
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

_TEXTS = etree.XPath(
    "//body//text()[string-length() < 120][not(ancestor::script or ancestor::style or ancestor::footer"
    " or ancestor::aside or ancestor::nav or ancestor::form)]",
    smart_strings=False,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST = 32  # characters: "Wednesday, September 24, 2025" is a date and nothing else
_MOST_TEXTS = 20_000


def find_lone_date(tree: HtmlElement, read: Callable[[str], datetime | None]) -> datetime | None:
    """The moment in the texts that are a date and nothing else, if all of them name one day; None where days differ.

    `read`: reads a text as a date.
    """
    found: datetime | None = None
    for text in islice(_TEXTS(tree), _MOST_TEXTS):
        line = text.strip()
        if len(line) > _LONGEST or not _YEAR.search(line) or (moment := read(line)) is None:
            continue
        if found and moment.date() != found.date():
            return None
        found = found or moment
    return found
