"""Where the fields of a description came from: the first place, in the order in which they are asked, that says so."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice

import msgspec
from lxml.html import HtmlElement

from pipeline.language import normalise_language
from pipeline.metadata import meta_tags
from pipeline.metadata.authors import clean_authors
from pipeline.metadata.dates import parse_date
from pipeline.metadata.describe import LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_TAG, Description
from pipeline.metadata.jsonld import read_jsonld
from pipeline.metadata.linked_article import LinkedArticle, choose_article
from pipeline.metadata.one_line import one_line
from pipeline.metadata.page_marks import Marks, read_marks, text_of
from pipeline.metadata.titles import LONGEST as LONGEST_TITLE
from pipeline.metadata.visible_marks import Seen, author_statements, date_texts, microdata_dates, read_page

_MOST = 60  # statements of a field that are looked at
_IN_ADDRESS = ("%Y/%m/%d", "%Y-%m-%d", "%Y%m%d", "%d-%m-%Y")
_QUOTED = 60  # characters of a text of the page's that a source quotes

Statement = tuple[str, str]  # a source, and what it says


class Asked(msgspec.Struct, frozen=True):
    """A page that was described. `language`: as it declares it, with the region; None where it does not."""

    tree: HtmlElement
    url: str
    fetched_at: datetime | None
    description: Description
    language: str | None = None


def sources_of(asked: Asked) -> dict[str, str]:
    """For each field of the description that has a value the place that it came from, in words."""
    marks = read_marks(asked.tree)
    if normalise_language(marks.language) == asked.description.language:  # its region tells how dates are written
        asked = msgspec.structs.replace(asked, language=marks.language)
    linked = choose_article(read_jsonld(marks.scripts), asked.url)
    said = asked.description
    found = {
        "title": _title(said.title, marks, linked),
        "description": _stating(said.description, LONGEST_DESCRIPTION, _texts(linked, marks, "descriptions")),
        "site_name": _stating(said.site_name, LONGEST_NAME, _texts(linked, marks, "site_names")),
        "section": _stating(said.section, LONGEST_TAG, _texts(linked, marks, "sections")),
        "tags": _stating(said.tags[0] if said.tags else None, None, _texts(linked, marks, "tags")),
        "image": _address(said.image, chain(_texts(linked, marks, "images"), _links(marks, "image_src"))),
        "canonical": _address(said.canonical, chain(_links(marks, "canonical"), _metas(marks, ("og:url",)))),
    }
    seen = read_page(marks, asked.tree, next(iter(marks.headings), None), said.title)
    found["authors"] = _authors(said.authors, chain(_stated_authors(linked, marks), _seen_authors(seen)))
    stated = chain(_published(linked, marks, seen), _modified(linked, marks, seen))
    found["published_at"] = _date(asked, said.published_at, stated) or _otherwise(asked.url, said.published_at)
    found["modified_at"] = _date(asked, said.modified_at, _modified(linked, marks, seen))
    return {name: source for name, source in found.items() if source and getattr(said, name) not in (None, ())}


_METAS = {
    "descriptions": meta_tags.DESCRIPTION,
    "site_names": meta_tags.SITE_NAME,
    "sections": meta_tags.SECTION,
    "tags": meta_tags.TAGS,
    "images": meta_tags.IMAGE,
}


def _texts(linked: LinkedArticle, marks: Marks, name: str) -> Iterator[Statement]:
    """What JSON-LD says, then the meta elements; og:site_name is asked before any other name of a site."""
    if name == "site_names":
        yield from _metas(marks, ("og:site_name",))
    yield from _linked(linked, getattr(linked, name))
    yield from _metas(marks, _METAS[name])


def _linked(linked: LinkedArticle, texts: Iterable[str]) -> Iterator[Statement]:
    source = f"JSON-LD ({linked.type[:_QUOTED]})" if linked.type else "JSON-LD"
    return ((source, text) for text in texts)


def _metas(marks: Marks, names: Iterable[str]) -> Iterator[Statement]:
    return ((f"meta {name}", text) for name in names for text in marks.metas.get(name, ()))


def _links(marks: Marks, rel: str) -> Iterator[Statement]:
    if rel in marks.links:
        yield f"link rel={rel}", marks.links[rel]


def _stating(value: str | None, limit: int | None, statements: Iterable[Statement]) -> str | None:
    """The first source that says `value` on one line of `limit` characters; without a limit, that holds it."""
    for source, text in islice(statements, _MOST):
        if value and (value in text if limit is None else value == one_line(text, limit)):
            return source
    return None


def _address(value: str | None, statements: Iterable[Statement]) -> str | None:
    """The first source whose address `value` ends in; one that is relative is its end."""
    return next(
        (source for source, text in islice(statements, _MOST) if value and _end(text) and value.endswith(_end(text))),
        None,
    )


def _end(text: str) -> str:
    return text.strip().replace(" ", "%20").lstrip("./")


def _title(title: str | None, marks: Marks, linked: LinkedArticle) -> str | None:
    """The heading that shows the title, and the first place that states it as well."""
    if not title:
        return None
    shown = any(title in one_line(text_of(heading), LONGEST_TITLE) for heading in marks.headings[:_MOST])
    stated = chain(_linked(linked, linked.titles), _metas(marks, meta_tags.TITLE), [("title", marks.title)])
    named = next((source for source, text in stated if title in one_line(text, LONGEST_TITLE)), None)
    if shown:
        return f"h1, also in {named}" if named else "h1"
    return named


def _stated_authors(linked: LinkedArticle, marks: Marks) -> Iterator[tuple[str, list[str]]]:
    yield next(_linked(linked, [""]))[0], list(linked.authors)
    for name in meta_tags.AUTHOR:
        yield f"meta {name}", marks.metas.get(name, [])
    labelled = [marks.metas.get(f"twitter:data{number}", []) for number in (1, 2)]
    yield "meta twitter:data", list(chain.from_iterable(labelled))


def _seen_authors(seen: Seen) -> Iterator[tuple[str, list[str]]]:
    for number, statements in enumerate(author_statements(seen)):
        yield "visible byline" if number else "microdata", statements


def _authors(authors: tuple[str, ...], groups: Iterable[tuple[str, list[str]]]) -> str | None:
    for source, statements in islice(groups, _MOST):
        if authors and set(authors) <= {*clean_authors(statements), *clean_authors(statements, bylines=True)}:
            return source
    return None


def _otherwise(url: str, moment: datetime | None) -> str | None:
    """Where a date stands that no statement gives."""
    if moment is None:
        return None
    in_address = any(f"{moment:{form}}" in url for form in _IN_ADDRESS)
    return "the page's address" if in_address else "a date found on the page"


def _published(linked: LinkedArticle, marks: Marks, seen: Seen) -> Iterator[Statement]:
    yield from _linked(linked, linked.published)
    yield from _metas(marks, meta_tags.PUBLISHED)
    yield from (("microdata", text) for text in microdata_dates(seen, "datePublished"))
    yield from ((_quoting(text), text) for text in date_texts(seen, modified=False))


def _modified(linked: LinkedArticle, marks: Marks, seen: Seen) -> Iterator[Statement]:
    yield from _linked(linked, linked.modified)
    yield from _metas(marks, meta_tags.MODIFIED)
    yield from (("microdata", text) for text in microdata_dates(seen, "dateModified"))
    yield from ((_quoting(text), text) for text in date_texts(seen, modified=True))


def _quoting(text: str) -> str:
    return f"visible text: {text[:_QUOTED]}"


def _date(asked: Asked, moment: datetime | None, statements: Iterable[Statement]) -> str | None:
    """The first source that gives this very moment."""
    if moment is None:
        return None
    for source, text in islice(statements, _MOST):
        if (
            parse_date(text, fetched_at=asked.fetched_at, language=asked.language or asked.description.language)
            == moment
        ):
            return source
    return None
