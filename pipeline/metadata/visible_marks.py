"""What readers see of authors and dates: microdata, bylines and datelines in the page itself.

Slower than the meta elements, so it is asked only for what those left open.
"""
# ruff: noqa: RUF001  full-width marks stand in bylines

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import islice

import msgspec
from lxml import etree
from lxml.html import HtmlElement

from pipeline.metadata.authors import MAX_AUTHORS, looks_like_person
from pipeline.metadata.page_marks import MAX_MARKS, Marks, text_of

_LONGEST_BYLINE = 160  # characters
_LONGEST_DATELINE = 80
_CO_AUTHORS = 5  # more of them are the authors of reviews or teasers
_NEAR = 60  # elements
_MAX_CHILDREN = 8  # of a byline or dateline
_TITLE_PART = 6  # characters: some titles in Chinese are no longer
_MAX_ANCESTORS = 12
_MAX_CLASS = 500  # characters
_KNOWN = 1_024  # classes: a page's datelines share their ancestors, and a site's pages too

_AUTHOR = re.compile(
    r"(?<![a-z])(?:by-?line|author|autor|auteur|writer|contributor|vcard|fn|creator|posted-?by)", re.IGNORECASE
)
_DATE = re.compile(
    r"(?<![a-z])(?:dat[ea]|datum|updat|modif|time|publish|posted|fecha|pub|entry-meta|post-meta|meta)", re.IGNORECASE
)
# Every cue of the two begins like one of these; most classes have none, and are done with at a quarter of the price.
_CUE = re.compile(
    r"by-?line|aut(?:hor|or|eur)|writer|c(?:ontributor|reator)|vcard|f(?:n|echa)|p(?:osted|ub)|dat[eau]|updat"
    r"|m(?:odif|eta)|time"
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
_UNSEEN = frozenset(("meta", "link"))
_CONTENT = frozenset(("article", "main", "body"))
_SHOWING = ("h2", "h3", "h4", "div", "p", "span", "b", "strong", "td", "font", "a", "center")


class Seen(msgspec.Struct, frozen=True, dict=True):
    """Elements that may show an author or a date, in the page's order.

    `bylines`, `datelines`: by what their class says, with their rank: 0 just after the headline, 1
    later, 2 before it. `near`: those just after the headline. `around`: its ancestors; whatever their
    class says, it is not said of the byline. `microdata`: with an itemprop or rel=author.
    """

    around: frozenset[HtmlElement]
    near: list[HtmlElement]
    microdata: list[HtmlElement]
    bylines: list[tuple[int, HtmlElement]]
    datelines: list[tuple[int, HtmlElement]]

    @cached_property
    def near_texts(self) -> list[str]:
        """The short texts just after the headline."""
        return [text for element in self.near if len(element) <= _MAX_CHILDREN for text in _text(element)]

    @cached_property
    def dates(self) -> list[tuple[bool, str]]:
        """What the datelines say, the most trusted first, and whether they speak of a change."""
        found: list[tuple[bool, str]] = []
        for _, element in sorted(self.datelines, key=lambda pair: pair[0]):
            if _is_elsewhere(element, self.around):
                continue
            shown = text_of(element, _LONGEST_BYLINE)
            stamp = element.get("datetime")
            if stamp or len(shown) <= _LONGEST_BYLINE:
                found.append((_speaks_of_change(element, shown), stamp or shown))
        return found


def read_page(marks: Marks, tree: HtmlElement, headline: HtmlElement | None, title: str | None = None) -> Seen:
    """The bylines and datelines of the page whose root element is `tree`.

    `headline` is the element that shows its title; where it is None, the first that shows a good part of `title`.
    """
    return _find(marks, tree, headline if headline is not None else _showing(tree, title or ""))


def author_statements(seen: Seen) -> Iterator[list[str]]:
    """Groups of statements, each from one place, the most trusted first; the first group is microdata's."""
    yield _microdata_authors(seen)
    bylines = iter(sorted(seen.bylines, key=lambda pair: pair[0]))
    first = next(bylines, None)
    if first:
        yield _names_in(first[1], seen.around)
    yield from ([text] for text in seen.near_texts if is_byline(text))
    for _, element in bylines:
        yield _names_in(element, seen.around)


def microdata_dates(seen: Seen, name: str) -> Iterator[str]:
    """The values of the property `name`, such as `datePublished`."""
    for element in seen.microdata:
        if name in (element.get("itemprop") or "")[:_MAX_CLASS].split():
            yield element.get("content") or element.get("datetime") or text_of(element, _LONGEST_BYLINE)


def date_texts(seen: Seen, *, modified: bool) -> Iterator[str]:
    """The texts that may be the date of publication, or those that speak of a change, the most trusted first."""
    yield from (text for changed, text in seen.dates if changed == modified)
    if not modified:
        yield from (text for text in seen.near_texts if len(text) <= _LONGEST_DATELINE)


def is_byline(text: str) -> bool:
    """Whether `text` begins with "by", in the languages that set it before names."""
    return _BY.match(text) is not None


def _showing(tree: HtmlElement, title: str) -> HtmlElement | None:
    for element in tree.iter(*_SHOWING):
        text = " ".join((element.text or "")[:_LONGEST_BYLINE].split())
        if len(text) >= _TITLE_PART and text in title and 2 * len(text) >= len(title):
            return element
    return None


def _find(marks: Marks, tree: HtmlElement, headline: HtmlElement | None) -> Seen:
    near: list[HtmlElement] = []
    microdata: list[HtmlElement] = []
    named: tuple[list[tuple[int, HtmlElement]], ...] = ([], [(1, element) for element in marks.times])
    kinds: dict[str | None, tuple[int, ...]] = {None: ()}
    stated = 0
    for rank, elements in _by_rank(tree, headline, near):
        for element in elements:
            words = element.get("class")
            if words not in kinds:
                kinds[words] = _kinds_of(words[:_MAX_CLASS])
            if kinds[words]:
                for number in kinds[words]:
                    if len(named[number]) < MAX_MARKS:
                        named[number].append((rank, element))
            if stated < MAX_MARKS and (element.get("itemprop") is not None or element.get("rel") == "author"):
                stated += 1
                if element.tag not in _UNSEEN:
                    microdata.append(element)
    beside = set(near)
    return Seen(
        around=frozenset(() if headline is None else headline.iterancestors()),
        near=near,
        microdata=microdata,
        bylines=named[0],
        datelines=[(0 if element in beside else rank, element) for rank, element in named[1]],
    )


def _by_rank(
    tree: HtmlElement, headline: HtmlElement | None, near: list[HtmlElement]
) -> Iterator[tuple[int, Iterable[HtmlElement]]]:
    """The elements of the page in their order, with their rank; those just after the headline are left in `near`."""
    walk = tree.iter("*")
    yield 2, iter(walk.__next__, headline)
    if headline is not None:
        yield 1, (headline,)
        near.extend(islice(walk, _NEAR))
        yield 0, near
        yield 1, walk


def _kinds_of(words: str) -> tuple[int, ...]:
    """What a class names: 0 an author, 1 a date."""
    if not _CUE.search(words.lower()):
        return ()
    return tuple(number for number, named in enumerate((_AUTHOR, _DATE)) if named.search(words))


def _microdata_authors(seen: Seen) -> list[str]:
    """Microdata (html.spec.whatwg.org) with schema.org's properties, and rel=author."""
    authors: dict[str, None] = {}
    for element in seen.microdata:
        names = f"{element.get('itemprop') or ''} {element.get('rel') or ''}"[:_MAX_CLASS].split()
        if ("author" in names or "creator" in names) and not _is_elsewhere(element, seen.around):
            authors[_author_name(element)] = None
    return list(authors) if len(authors) <= _CO_AUTHORS else list(authors)[:1]


def _author_name(element: HtmlElement) -> str:
    for part in islice(element.iter(etree.Element), _NEAR):
        if part.get("itemprop") == "name":
            return part.get("content") or text_of(part, _LONGEST_BYLINE)
    return text_of(element, _LONGEST_BYLINE)


def _speaks_of_change(element: HtmlElement, shown: str) -> bool:
    words = f"{(element.get('class') or '')[:_MAX_CLASS]} {shown[:_LONGEST_DATELINE]}"
    return bool(_MODIFIED.search(words) and not _PUBLISHED.search(words))


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
            or _names_elsewhere(words)
        ):
            return True
    return False


@lru_cache(maxsize=_KNOWN)
def _names_elsewhere(words: str) -> bool:
    return _ELSEWHERE.search(words) is not None
