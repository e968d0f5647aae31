"""A page's description: title, authors, dates and the rest, from what the page states of itself.

JSON-LD is asked first, then the meta elements, then what readers see. Deterministic: the same page,
address and time of fetching give the same description on any day.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from urllib.parse import urljoin, urlsplit

import msgspec
from lxml.html import HtmlElement

from pipeline.language import normalise_language
from pipeline.metadata import meta_tags
from pipeline.metadata.authors import clean_authors, looks_like_person
from pipeline.metadata.dates import parse_date
from pipeline.metadata.jsonld import read_jsonld
from pipeline.metadata.linked_article import LinkedArticle, choose_article
from pipeline.metadata.loose_date import find_loose_date
from pipeline.metadata.one_line import one_line
from pipeline.metadata.page_marks import Marks, first, read_marks, text_of
from pipeline.metadata.titles import LONGEST as LONGEST_TITLE
from pipeline.metadata.titles import choose_title, site_labels
from pipeline.metadata.visible_marks import Seen, author_statements, date_texts, is_byline, microdata_dates, read_page

LONGEST_DESCRIPTION = 2_000
LONGEST_NAME = 200
LONGEST_TAG = 100
LONGEST_URL = 2_048
MAX_TAGS = 50

_DATE_IN_URL = re.compile(r"/((?:19|20)\d{2})([/-]?)(\d{2})\2(\d{2})(?![\d])")
_DAY_FIRST_IN_URL = re.compile(r"[/-]([0-3]?\d)-([01]?\d)-(20\d\d)(?!\d)")
_TAG_BREAK = re.compile(r"[,;\uff0c\u3001|]")
_MAX_HEADINGS = 10
_MAX_DATES = 40
_MAX_STATEMENTS = 100
_NEWS = ("NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "LiveBlogPosting")


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a page states of itself; every text is one line.

    `title`: at most 500 characters, without the site's name. `authors`: names. `published_at`,
    `modified_at`: aware, in the zone that the page gives, UTC where it gives none. `language`: as
    declared, ISO 639-1. `description`: at most 2,000 characters. `image`, `canonical`: absolute
    http(s) URLs of at most 2,048 characters; `canonical` as the page states it by rel=canonical,
    else og:url. `section`, `tags` (at most 50): at most 100 characters each. `page_type`: JSON-LD's
    (`NewsArticle`), else OpenGraph's (`article`).
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    description: str | None = None
    image: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    canonical: str | None = None
    page_type: str | None = None


class _Page(msgspec.Struct, frozen=True):
    """A page while it is being described."""

    tree: HtmlElement
    url: str
    fetched_at: datetime | None
    marks: Marks
    linked: LinkedArticle
    language: str

    def date(self, text: str) -> datetime | None:
        return parse_date(text, fetched_at=self.fetched_at, language=self.language or None)


def describe(tree: HtmlElement, *, url: str, fetched_at: datetime | None) -> Description:
    """The description of the page at `url` whose root element is `tree` (lxml.html).

    `fetched_at` (aware) bounds its dates, and is what relative ones count from. Reads a bounded part
    of the page, never raises for what stands in it, and leaves `tree` as it is.
    """
    marks = read_marks(tree)
    linked = choose_article(read_jsonld(marks.scripts), url)
    language = _language(marks, linked)
    page = _Page(tree, url, fetched_at, marks, linked, language)
    site_name = _line(
        chain(first(marks, "og:site_name"), linked.site_names, first(marks, *meta_tags.SITE_NAME)), LONGEST_NAME
    )
    sites = [*([site_name] if site_name else []), *site_labels(url)]
    title, headline = _title(page, sites)
    authors = _stated_authors(page, sites)
    published, modified = _stated_dates(page)
    if not authors or published is None:
        seen = read_page(marks, tree, headline, title)
        authors = authors or _seen_authors(page, seen, sites)
        modified = modified or _seen_change(page, seen)
        published = published or _seen_date(page, seen) or find_loose_date(tree, page.date) or modified
    return Description(
        title=title,
        authors=authors,
        published_at=published,
        modified_at=modified,
        language=normalise_language(language),
        description=_line(chain(linked.descriptions, first(marks, *meta_tags.DESCRIPTION)), LONGEST_DESCRIPTION),
        image=_first_address(page, chain(linked.images, first(marks, *meta_tags.IMAGE), _link(marks, "image_src"))),
        site_name=site_name,
        section=_line(chain(linked.sections, first(marks, *meta_tags.SECTION)), LONGEST_TAG),
        tags=_tags(page),
        canonical=_first_address(page, chain(_link(marks, "canonical"), first(marks, "og:url"))),
        page_type=_line(chain([linked.type] if linked.type else [], first(marks, "og:type")), LONGEST_TAG),
    )


def _language(marks: Marks, linked: LinkedArticle) -> str:
    """The first declared language that is one, as declared: its region tells how dates are written."""
    for tag in chain([marks.language], first(marks, *meta_tags.LANGUAGE), linked.languages):
        if normalise_language(tag):
            return tag.strip()[:LONGEST_TAG]
    return ""


def _title(page: _Page, sites: list[str]) -> tuple[str | None, HtmlElement | None]:
    """The title, and the heading that shows it, if one does."""
    headings = {one_line(text_of(part), LONGEST_TITLE): part for part in reversed(page.marks.headings[:_MAX_HEADINGS])}
    stated = chain(
        page.linked.titles[:1], first(page.marks, *meta_tags.TITLE), [page.marks.title], page.linked.titles[1:]
    )
    lines = [line for text in islice(stated, _MAX_HEADINGS) if (line := one_line(text, LONGEST_TITLE))]
    title = choose_title([text for text in reversed(headings) if text], lines, sites)
    shown = next((part for text, part in reversed(headings.items()) if title and title in text), None)
    return title, shown if shown is not None else next(iter(page.marks.headings), None)


def _stated_authors(page: _Page, sites: list[str]) -> tuple[str, ...]:
    """The authors of the first place in JSON-LD and the meta elements that names any."""
    labels = zip(
        first(page.marks, "twitter:label1", "twitter:label2"),
        first(page.marks, "twitter:data1", "twitter:data2"),
        strict=False,
    )
    written = [name for label, name in labels if any(word in label.lower() for word in meta_tags.WRITTEN_BY)]
    metas = [page.marks.metas.get(name, []) for name in meta_tags.AUTHOR]
    for statements in (page.linked.authors, *metas, written):
        names = _named(page, statements, sites)
        if names:
            return names
    return ()


def _seen_authors(page: _Page, seen: Seen, sites: list[str]) -> tuple[str, ...]:
    for number, statements in enumerate(author_statements(seen)):
        names = _named(page, statements, sites, bylines=True)
        if number > 0:  # the first group is microdata, and says that it names authors
            sure = any(is_byline(text) for text in statements)
            names = tuple(name for name in names if looks_like_person(name) or (sure and " " not in name))
        if names:
            return names
    return ()


def _named(page: _Page, statements: Iterable[str], sites: list[str], *, bylines: bool = False) -> tuple[str, ...]:
    """The names in `statements` that are not the site's; a person's own site may bear the author's name."""
    kept = list(islice(statements, _MAX_STATEMENTS))
    if not kept:
        return ()
    names = clean_authors(kept, bylines=bylines)
    own = page.linked.type not in _NEWS
    sure = {name for name in names if looks_like_person(name) and (own or name in page.linked.persons)}
    if len(sure) == len(names):
        return names
    others = clean_authors(kept, site_names=sites, bylines=bylines)
    return tuple(name for name in names if name in sure or name in others)


def _stated_dates(page: _Page) -> tuple[datetime | None, datetime | None]:
    published = _first_date(page, chain(page.linked.published, first(page.marks, *meta_tags.PUBLISHED)))
    modified = _first_date(page, chain(page.linked.modified, first(page.marks, *meta_tags.MODIFIED)))
    return published, modified


def _seen_date(page: _Page, seen: Seen) -> datetime | None:
    """The date in microdata, in the address (with the time of day that the page shows), or in a dateline."""
    stated = _first_date(page, microdata_dates(seen, "datePublished"))
    if stated:
        return stated
    shown = (moment for text in islice(date_texts(seen, modified=False), _MAX_DATES) if (moment := page.date(text)))
    dated = _date_in_address(page)
    if dated:
        return next((moment for moment in shown if moment.date() == dated.date()), dated)
    return next(shown, None)


def _seen_change(page: _Page, seen: Seen) -> datetime | None:
    return _first_date(page, chain(microdata_dates(seen, "dateModified"), date_texts(seen, modified=True)))


def _date_in_address(page: _Page) -> datetime | None:
    found = _DATE_IN_URL.search(page.url[:LONGEST_URL])
    if found:
        return page.date(f"{found[1]}-{found[3]}-{found[4]}")
    found = _DAY_FIRST_IN_URL.search(page.url[:LONGEST_URL])
    return page.date(f"{found[1]}.{found[2]}.{found[3]}") if found else None


def _first_date(page: _Page, texts: Iterable[str]) -> datetime | None:
    """The first text that is a date; with the time of day that a later one gives to the same day.

    Of the texts that name that moment the first that names another zone than UTC: the page's own, and so its day.
    """
    best: datetime | None = None
    moments = [moment for text in islice(texts, _MAX_DATES) if (moment := page.date(text))]
    for moment in moments:
        best = best or moment
        if moment.time() != moment.time().min and moment.date() == best.date():
            best = moment
            break
    return next((moment for moment in moments if moment == best and moment.utcoffset()), best)


def _tags(page: _Page) -> tuple[str, ...]:
    stated = chain(page.linked.tags, first(page.marks, *meta_tags.TAGS))
    tags = (
        one_line(tag, LONGEST_TAG)
        for text in islice(stated, 2 * MAX_TAGS)
        for tag in _TAG_BREAK.split(text[: 10 * LONGEST_DESCRIPTION])
    )
    return tuple(islice(dict.fromkeys(tag for tag in tags if tag), MAX_TAGS))


def _line(texts: Iterable[str], limit: int) -> str | None:
    return next((line for text in texts if (line := one_line(text, limit))), None)


def _link(marks: Marks, rel: str) -> Iterator[str]:
    if rel in marks.links:
        yield marks.links[rel]


def _first_address(page: _Page, texts: Iterable[str]) -> str | None:
    return next((address for text in texts if (address := _absolute(page, text))), None)


def _absolute(page: _Page, text: str) -> str | None:
    """`text` as an absolute http(s) URL, or None."""
    text = text.strip()
    if not text or len(text) > LONGEST_URL or not text.isprintable():
        return None
    try:
        address = urljoin(urljoin(page.url, page.marks.base[:LONGEST_URL]), text.replace(" ", "%20"))
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > LONGEST_URL:
        return None
    return address
