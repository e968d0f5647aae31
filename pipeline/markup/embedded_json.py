"""JSON in a page that trafilatura's patterns would take for ever to look through.

Measured in trafilatura 2.3.1: a `"@type":[` again and again in JSON-LD (core.py, _DISCUSSION_FORUM_POSTING_RE), and a
tag of many `=` in an articleBody or in Discourse's posts (baseline.py, _HTML_MARKUP), take the square of their number.
"""

import re

from lxml import etree
from lxml.html import HtmlElement

_MOST_STEPS = 50_000_000  # of the pattern's machine: half a second

_EMBEDDED = etree.XPath(
    "/descendant::script[@type='application/ld+json']/text() | /descendant::div[@id='data-preloaded']/@data-preloaded",
    smart_strings=False,
)
_TYPES = re.compile(r'"@type"\s*+:\s*+\[')
_SIGNS = ('"@type"', "=", "u003", "&")  # without one of them neither pattern has a start
_TAG_END = re.compile(r"[<>]|\\+u003[ce]|&[lg]t;", re.IGNORECASE)
_EQUALS = re.compile(r"=|\\+u003d|&#0*61|&#x0*3d|&equals", re.IGNORECASE)


def is_odd(tree: HtmlElement) -> bool:
    """Whether any JSON in `tree` would cost the extractor's patterns more than half a second. Linear."""
    return any(_steps(text) > _MOST_STEPS for text in _EMBEDDED(tree))


def _steps(text: str) -> int:
    """About how often the two patterns step, at worst: for each start the rest of the stretch that may match."""
    if sum(map(text.count, _SIGNS)) * len(text) <= _MOST_STEPS:
        return 0
    lists = sum(_count(_TYPES, piece) * len(piece) for piece in text.split("]"))
    tags = sum(_count(_EQUALS, piece) * len(piece) for piece in _TAG_END.split(text))
    return lists + tags


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))
