"""A tree as lines of text, in one pass: for pages that are too large for a better reading."""

from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

_NAMES = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rp rt ruby s samp small "
    "span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_NAMES.split())
_NO_TEXT = "head script style template nav footer aside button select svg math iframe object audio video canvas"
_UNREAD = frozenset(_NO_TEXT.split())


def lines_of(tree: HtmlElement) -> Iterator[str]:
    """The lines of text in `tree`, one for each run that no block-level tag divides; blanks squeezed, none empty.

    Without what is plainly navigation or code. Linear, and without recursion.
    """
    run: list[str] = []
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if element.tag not in _INLINE:
            yield from _line(run)
            run = []
        text = element.tail
        if event == "start":
            unread = element.tag in _UNREAD or not isinstance(element.tag, str)
            text = None if unread else element.text
            if unread:
                walk.skip_subtree()
        if text:
            run.append(text)
    yield from _line(run)


def _line(run: list[str]) -> Iterator[str]:
    line = " ".join("".join(run).split())
    if line:
        yield line
