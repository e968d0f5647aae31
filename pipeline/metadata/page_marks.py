"""What a page's markup says of the page, gathered in one pass over the tree that runs in C."""

from collections.abc import Iterator

import msgspec
from lxml import etree
from lxml.html import HtmlElement

MAX_MARKS = 400  # of each kind: a page that has more says nothing clearer
_MAX_VALUE = 20_000  # characters of a meta element's content
_MAX_TEXT = 600  # characters of an element's text
_UNREAD = frozenset(("script", "style", "noscript", "template", etree.Comment, etree.ProcessingInstruction))
_LISTED = ("meta", "link", "script", "title", "h1", "time", "base")


class Marks(msgspec.Struct):
    """`metas`: contents by lower-cased name or property, in order. `links`: addresses by rel. `scripts`: JSON-LD.

    `headings`: the h1 elements, `times` the time elements.
    """

    metas: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    scripts: list[str] = []
    title: str = ""
    base: str = ""
    language: str = ""
    headings: list[HtmlElement] = []
    times: list[HtmlElement] = []


def read_marks(tree: HtmlElement) -> Marks:
    """The marks of a page whose root element is `tree`."""
    marks = Marks(language=tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    for element in tree.iter(*_LISTED):
        _NOTE[element.tag](marks, element)
    return marks


def first(marks: Marks, *names: str) -> Iterator[str]:
    """The contents of the meta elements named, in the order of the names."""
    for name in names:
        yield from marks.metas.get(name, ())


def text_of(element: HtmlElement, limit: int = _MAX_TEXT) -> str:
    """An element's text on one line, without scripts and comments, at most about `limit` characters."""
    parts: list[str] = []
    size = 0
    for part in element.iter():
        for text in (part.text if part.tag not in _UNREAD else None, part.tail if part is not element else None):
            if text:
                parts.append(text)
                size += len(text)
        if size > limit:
            break
    return " ".join(" ".join(parts)[: limit + 1].split())


def _note_meta(marks: Marks, element: HtmlElement) -> None:
    content = element.get("content")
    if not content:
        return
    for attribute in ("property", "name", "itemprop", "http-equiv"):
        name = element.get(attribute)
        if name and len(name) < len("x" * 64):
            kept = marks.metas.setdefault(name.strip().lower(), []) if len(marks.metas) < MAX_MARKS else []
            if len(kept) < MAX_MARKS:
                kept.append(content[:_MAX_VALUE])


def _note_link(marks: Marks, element: HtmlElement) -> None:
    href = element.get("href")
    for rel in (element.get("rel") or "")[:64].lower().split():
        if href and rel not in marks.links:
            marks.links[rel] = href


def _note_script(marks: Marks, element: HtmlElement) -> None:
    if "ld+json" in (element.get("type") or "").lower() and element.text and len(marks.scripts) < MAX_MARKS:
        marks.scripts.append(element.text)


def _note_title(marks: Marks, element: HtmlElement) -> None:
    if not marks.title and element.text and element.getparent().tag != "svg":
        marks.title = element.text[:_MAX_VALUE]


def _note_heading(marks: Marks, element: HtmlElement) -> None:
    if len(marks.headings) < MAX_MARKS:
        marks.headings.append(element)


def _note_time(marks: Marks, element: HtmlElement) -> None:
    if len(marks.times) < MAX_MARKS:
        marks.times.append(element)


def _note_base(marks: Marks, element: HtmlElement) -> None:
    marks.base = marks.base or element.get("href") or ""


_NOTE = {
    "meta": _note_meta,
    "link": _note_link,
    "script": _note_script,
    "title": _note_title,
    "h1": _note_heading,
    "time": _note_time,
    "base": _note_base,
}
