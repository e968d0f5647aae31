"""What readers see of authors and dates: microdata, bylines and datelines in the page itself.

Slower than the meta elements, so it is asked only for what those left open.
"""

import re
from itertools import islice

import msgspec
from lxml import etree
from lxml.html import HtmlElement

from pipeline.authors import MAX_AUTHORS, looks_like_person
from pipeline.page_marks import MAX_MARKS, text_of

_LONGEST_BYLINE = 160  # characters
_LONGEST_DATELINE = 80
_MODIFIED = re.compile(
    r"updat|modif|aktualis|mise à jour|mis à jour|actualiz|aggiorn|zuletzt|atualiz|bijgewerkt|oppdater|uppdater|обновл|更新",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"publi|posted|veröff|erstell|entry-date|опубл|发布|発表|公開", re.IGNORECASE)
_CO_AUTHORS = 5  # more of them are the authors of reviews or teasers
_NEAR = 60  # elements
_BEFORE = 100_000  # the place of what stands before the headline: last
_AUTHOR = re.compile(
    r"(?<![a-z])(?:by-?line|author|autor|auteur|writer|contributor|vcard|fn|creator|posted-?by|publisher-anchor)",
    re.IGNORECASE,
)
_BY = re.compile(r"\s*(?:by|von|par|por|written by|作者|記者|记者)[\s:：]", re.IGNORECASE)
_DATE = re.compile(
    r"(?<![a-z])(?:date|datum|time|timestamp|publish|posted|fecha|data|pub|entry-meta|post-meta|meta)", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"comment|review|related|recommend|sidebar|footer|widget|popular|latest|trending|newsletter|teaser|most-?read|promo|card|reply|\bbio\b|list-item",
    re.IGNORECASE,
)
_MAX_ANCESTORS = 12


class Seen(msgspec.Struct):
    """Candidates, the most trusted first.

    `authors`: groups of statements, each from one place. `published` and `modified`: microdata.
    `dates`: texts of elements whose class speaks of a date, and of those after the headline.
    """

    authors: list[list[str]] = []
    published: list[str] = []
    modified: list[str] = []
    dates: list[str] = []


class _Found(msgspec.Struct):
    """Elements by what their class says, with their distance in elements from the headline."""

    bylines: list[tuple[int, HtmlElement]] = []
    datelines: list[tuple[int, HtmlElement]] = []
    near: list[str] = []


def read_page(tree: HtmlElement, headline: HtmlElement | None) -> Seen:
    """The bylines and datelines of the page whose root element is `tree` and whose h1, if any, is `headline`."""
    found = _find(tree, headline)
    seen = Seen()
    _read_microdata(tree, seen)
    for _, element in sorted(found.bylines, key=lambda pair: pair[0]):
        seen.authors.append(_names_in(element))
    seen.authors[1:1] = [[text] for text in found.near if _BY.match(text)]
    for _, element in sorted(found.datelines, key=lambda pair: pair[0]):
        _read_dateline(element, seen)
    seen.dates += [text for text in found.near if len(text) <= _LONGEST_DATELINE]
    return seen


def _find(tree: HtmlElement, headline: HtmlElement | None) -> _Found:
    found = _Found()
    kinds: dict[str, tuple[bool, bool]] = {}
    place = 0 if headline is None else _BEFORE
    for element in tree.iter(etree.Element):
        place += 1
        if element is headline:
            place = 0
        words = element.get("class")
        if words:
            kind = kinds.get(words)
            if kind is None:
                kind = kinds[words] = (bool(_AUTHOR.search(words[:500])), bool(_DATE.search(words[:500])))
            if kind[0] and len(found.bylines) < MAX_MARKS:
                found.bylines.append((place // _NEAR, element))
            if kind[1] and element.tag != "time" and len(found.datelines) < MAX_MARKS:
                found.datelines.append((place // _NEAR, element))
        if element.tag == "time" and len(found.datelines) < MAX_MARKS:
            found.datelines.append((place // _NEAR, element))
        if 0 < place < _NEAR and headline is not None:
            found.near += _text(element)
    return found


def _read_dateline(element: HtmlElement, seen: Seen) -> None:
    if _is_elsewhere(element):
        return
    stamp = element.get("datetime") or ""
    for text in [stamp] if stamp else _text(element):
        words = f"{element.get('class') or ''} {text_of(element, _LONGEST_DATELINE)}"
        (seen.modified if _MODIFIED.search(words) and not _PUBLISHED.search(words) else seen.dates).append(text)


_MICRODATA = etree.XPath("//*[@itemprop or @rel='author']")


def _read_microdata(tree: HtmlElement, seen: Seen) -> None:
    authors: list[str] = []
    for element in _MICRODATA(tree)[:MAX_MARKS]:
        if element.tag in ("meta", "link"):
            continue
        names = (element.get("itemprop") or element.get("rel") or "").split()
        value = element.get("content") or element.get("datetime")
        if ("author" in names or "creator" in names) and not _is_elsewhere(element):
            authors.append(_author_name(element))
        elif "datePublished" in names:
            seen.published.append(value or text_of(element, _LONGEST_BYLINE))
        elif "dateModified" in names:
            seen.modified.append(value or text_of(element, _LONGEST_BYLINE))
    distinct = list(dict.fromkeys(authors))
    seen.authors.append(distinct if len(distinct) <= _CO_AUTHORS else distinct[:1])


def _author_name(element: HtmlElement) -> str:
    for part in element.iter(etree.Element):
        if part.get("itemprop") == "name":
            return part.get("content") or text_of(part, _LONGEST_BYLINE)
    return text_of(element, _LONGEST_BYLINE)


def _names_in(element: HtmlElement) -> list[str]:
    """The texts of the links in a byline that read like persons, else its whole text."""
    if _is_elsewhere(element):
        return []
    links = [text_of(link, _LONGEST_BYLINE) for link in islice(element.iter("a"), MAX_AUTHORS)]
    return [text for text in links if looks_like_person(text)] or _text(element)


def _text(element: HtmlElement) -> list[str]:
    """The element's text, if it is short enough for a byline or a dateline."""
    text = text_of(element, _LONGEST_BYLINE)
    return [text] if 0 < len(text) <= _LONGEST_BYLINE else []


def _is_elsewhere(element: HtmlElement) -> bool:
    """Whether an ancestor says that this is a comment, a teaser or the like."""
    for number, ancestor in enumerate(element.iterancestors()):
        if number >= _MAX_ANCESTORS or ancestor.tag in ("article", "main", "body"):
            return False
        if ancestor.tag in ("footer", "aside", "nav"):
            return True
        if _ELSEWHERE.search(f"{ancestor.get('class') or ''} {ancestor.get('id') or ''}"[:500]):
            return True
    return False
