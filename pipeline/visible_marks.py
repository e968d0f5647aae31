"""What readers see of authors and dates: microdata, bylines and datelines in the page itself.

Slower than the meta elements, so it is asked only for what those left open.
"""
# ruff: noqa: RUF001  full-width marks stand in bylines

import re
from itertools import islice

import msgspec
from lxml import etree
from lxml.html import HtmlElement

from pipeline.authors import MAX_AUTHORS, looks_like_person
from pipeline.page_marks import MAX_MARKS, text_of

_LONGEST_BYLINE = 160  # characters
_LONGEST_DATELINE = 80
_CO_AUTHORS = 5  # more of them are the authors of reviews or teasers
_NEAR = 60  # elements
_BEFORE = 100_000  # the place of what stands before the headline: last
_TITLE_PART = 6  # characters: some titles in Chinese are no longer
_MAX_ANCESTORS = 12
_MAX_CLASS = 500  # characters

_AUTHOR = re.compile(
    r"(?<![a-z])(?:by-?line|author|autor|auteur|writer|contributor|vcard|fn|creator|posted-?by)", re.IGNORECASE
)
_DATE = re.compile(
    r"(?<![a-z])(?:dat[ea]|datum|time|publish|posted|fecha|pub|entry-meta|post-meta|meta)", re.IGNORECASE
)
_BY = re.compile(r"\s*(?:by|von|par|por|written by|作者|記者|记者)[\s:：]", re.IGNORECASE)
_MODIFIED = re.compile(
    r"updat|modif|aktualis|mis(?:e)? à jour|actualiz|aggiorn|zuletzt|atualiz|bijgewerkt|oppdater|uppdater|обновл|更新",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"publi|posted|veröff|erstell|entry-date|опубл|发布|発表|公開", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"comment|review|related|recommend|sidebar|footer|widget|popular|latest|trending|newsletter|teaser|most-?read"
    r"|promo|card|reply|\bbio\b|list-item",
    re.IGNORECASE,
)
_OTHER_ITEMS = re.compile(r"Comment|Answer|Review")
_CONTENT = frozenset(("article", "main", "body"))
_SHOWING = ("h2", "h3", "h4", "div", "p", "span", "b", "strong", "td", "font", "a", "center")
_MICRODATA = etree.XPath("//*[@itemprop or @rel='author'][not(self::meta or self::link)]")


class Seen(msgspec.Struct):
    """Candidates, the most trusted first.

    `authors`: groups of statements, each from one place; the first is microdata's. `published` and
    `modified`: microdata. `dates`: texts of elements whose class speaks of a date, and of those after
    the headline. `elements`: how many the page has.
    """

    authors: list[list[str]] = []
    published: list[str] = []
    modified: list[str] = []
    dates: list[str] = []
    elements: int = 0


class _Found(msgspec.Struct):
    """Elements by what their class says, with their distance from the headline in steps of 60 elements.

    `around`: the headline's ancestors; whatever their class says, it is not said of its byline.
    """

    around: frozenset[HtmlElement]
    bylines: list[tuple[int, HtmlElement]] = []
    datelines: list[tuple[int, HtmlElement]] = []
    near: list[str] = []
    elements: int = 0


def read_page(tree: HtmlElement, headline: HtmlElement | None, title: str | None = None) -> Seen:
    """The bylines and datelines of the page whose root element is `tree`.

    `headline` is the element that shows its title; where it is None, the first that shows a good part of `title`.
    """
    found = _find(tree, headline if headline is not None else _showing(tree, title or ""))
    seen = Seen(elements=found.elements)
    _read_microdata(tree, seen, found.around)
    for _, element in sorted(found.bylines, key=lambda pair: pair[0]):
        seen.authors.append(_names_in(element, found.around))
    seen.authors[1:1] = [[text] for text in found.near if is_byline(text)]
    for _, element in sorted(found.datelines, key=lambda pair: pair[0]):
        _read_dateline(element, seen, found.around)
    seen.dates += [text for text in found.near if len(text) <= _LONGEST_DATELINE]
    return seen


def is_byline(text: str) -> bool:
    """Whether `text` begins with "by", in the languages that set it before names."""
    return _BY.match(text) is not None


def _showing(tree: HtmlElement, title: str) -> HtmlElement | None:
    for element in tree.iter(*_SHOWING):
        text = " ".join((element.text or "")[:_LONGEST_BYLINE].split())
        if len(text) >= _TITLE_PART and text in title and 2 * len(text) >= len(title):
            return element
    return None


def _find(tree: HtmlElement, headline: HtmlElement | None) -> _Found:
    found = _Found(frozenset(() if headline is None else headline.iterancestors()))
    kinds: dict[str, tuple[bool, bool]] = {}
    place = _BEFORE
    for element in tree.iter(etree.Element):
        found.elements += 1
        place = 0 if element is headline else place + 1
        words = element.get("class") or ""
        if words not in kinds:
            kinds[words] = (bool(_AUTHOR.search(words, 0, _MAX_CLASS)), bool(_DATE.search(words, 0, _MAX_CLASS)))
        by, dated = kinds[words]
        if by and len(found.bylines) < MAX_MARKS:
            found.bylines.append((place // _NEAR, element))
        if (dated or element.tag == "time") and len(found.datelines) < MAX_MARKS:
            found.datelines.append((place // _NEAR, element))
        if 0 < place < _NEAR:
            found.near += _text(element)
    return found


def _read_microdata(tree: HtmlElement, seen: Seen, around: frozenset[HtmlElement]) -> None:
    """Microdata (html.spec.whatwg.org) with schema.org's properties, and rel=author."""
    authors: dict[str, None] = {}
    for element in _MICRODATA(tree)[:MAX_MARKS]:
        names = (element.get("itemprop") or element.get("rel") or "")[:_MAX_CLASS].split()
        value = element.get("content") or element.get("datetime")
        if ("author" in names or "creator" in names) and not _is_elsewhere(element, around):
            authors[_author_name(element)] = None
        elif "datePublished" in names:
            seen.published.append(value or text_of(element, _LONGEST_BYLINE))
        elif "dateModified" in names:
            seen.modified.append(value or text_of(element, _LONGEST_BYLINE))
    seen.authors.append(list(authors) if len(authors) <= _CO_AUTHORS else list(authors)[:1])


def _author_name(element: HtmlElement) -> str:
    for part in islice(element.iter(etree.Element), _NEAR):
        if part.get("itemprop") == "name":
            return part.get("content") or text_of(part, _LONGEST_BYLINE)
    return text_of(element, _LONGEST_BYLINE)


def _read_dateline(element: HtmlElement, seen: Seen, around: frozenset[HtmlElement]) -> None:
    if _is_elsewhere(element, around):
        return
    shown = text_of(element, _LONGEST_BYLINE)
    stamp = element.get("datetime")
    if not stamp and len(shown) > _LONGEST_BYLINE:
        return
    words = f"{(element.get('class') or '')[:_MAX_CLASS]} {shown[:_LONGEST_DATELINE]}"
    is_modified = _MODIFIED.search(words) and not _PUBLISHED.search(words)
    (seen.modified if is_modified else seen.dates).append(stamp or shown)


def _names_in(element: HtmlElement, around: frozenset[HtmlElement]) -> list[str]:
    """The texts of the links in a byline that read like persons, else its whole text."""
    if _is_elsewhere(element, around):
        return []
    links = [text_of(link, _LONGEST_BYLINE) for link in islice(element.iter("a"), MAX_AUTHORS)]
    return [text for text in links if looks_like_person(text)] or _text(element)


def _text(element: HtmlElement) -> list[str]:
    """The element's text, if it is short enough for a byline or a dateline."""
    text = text_of(element, _LONGEST_BYLINE)
    return [text] if 0 < len(text) <= _LONGEST_BYLINE else []


def _is_elsewhere(element: HtmlElement, around: frozenset[HtmlElement]) -> bool:
    """Whether an ancestor says that this is a comment, a teaser or the like."""
    for ancestor in islice(element.iterancestors(), _MAX_ANCESTORS):
        if ancestor in around or ancestor.tag in _CONTENT:
            return False
        words = f"{(ancestor.get('class') or '')[:_MAX_CLASS]} {(ancestor.get('id') or '')[:_MAX_CLASS]}"
        if (
            ancestor.tag in ("footer", "aside")
            or _OTHER_ITEMS.search(ancestor.get("itemtype") or "")
            or _ELSEWHERE.search(words)
        ):
            return True
    return False
