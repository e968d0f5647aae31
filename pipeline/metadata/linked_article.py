"""The main article among a page's JSON-LD nodes, and what it states."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from pipeline.metadata.jsonld import Node, strings, types_of

_ARTICLES = ("Article", "Posting", "Report", "Review")
_OTHERS = frozenset(
    {
        "AudioObject", "Book", "Course", "CreativeWork", "Dataset", "Event", "HowTo", "Movie", "PodcastEpisode",
        "Product", "Question", "Recipe", "SoftwareApplication", "TVEpisode", "Thesis", "VideoObject",
    }
)  # fmt: skip
_PAGES = ("WebPage", "ItemPage", "CollectionPage", "ProfilePage", "QAPage", "AboutPage", "SearchResultsPage")
_SITES = ("WebSite", "Organization", "NewsMediaOrganization", "Corporation")
_CARELESS = ("article", "newsarticle", "blogposting")  # written with small letters
_TEASERS = 3  # more articles than that, none of them at the page's address, are teasers


class LinkedArticle(msgspec.Struct, frozen=True, kw_only=True):
    """What JSON-LD states, as it stands there; each sequence has the most trusted first.

    `persons`: those of `authors` that are said to be persons.
    """

    type: str | None = None
    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def choose_article(nodes: Sequence[Node], url: str) -> LinkedArticle:
    """What the article (or video, product, ...) that the page at `url` is about states, then its WebPage node."""
    main = _main_node(nodes, url)
    page = next((node for node in nodes if _is(node, _PAGES)), {})
    sites = [node for node in nodes if _is(node, _SITES)]
    return LinkedArticle(
        type=next(iter(types_of(main or page)), None),
        titles=_texts(main, "headline", "name"),
        authors=_texts(main, "author", "creator") or _texts(page, "author"),
        persons=tuple(name for node in _list(main.get("author")) if _is(node, ("Person",)) for name in strings(node)),
        published=_texts(main, "datePublished", "uploadDate", "dateCreated") + _texts(page, "datePublished"),
        modified=_texts(main, "dateModified") + _texts(page, "dateModified"),
        languages=_languages(main) + _languages(page),
        descriptions=_texts(main, "description") + _texts(page, "description"),
        images=_addresses(main, "image", "thumbnailUrl") + _addresses(page, "primaryImageOfPage"),
        site_names=_texts(main, "publisher") + tuple(name for node in sites for name in _texts(node, "name")),
        sections=_texts(main, "articleSection"),
        tags=_texts(main, "keywords"),
    )


def _main_node(nodes: Sequence[Node], url: str) -> Node:
    for wanted in (_is_article, _is_other):
        found = [node for node in nodes if wanted(node)]
        for node in found:
            if _address(url) in _addresses_of(node):
                return node
        if found and len(found) <= _TEASERS:
            return found[0]
    return {}


def _is_article(node: Node) -> bool:
    return any(name.endswith(_ARTICLES) or name.lower() in _CARELESS for name in types_of(node))


def _is_other(node: Node) -> bool:
    return not _OTHERS.isdisjoint(types_of(node))


def _is(node: Node, types: tuple[str, ...]) -> bool:
    return any(name in types for name in types_of(node))


def _list(value: object) -> list[Node]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _addresses_of(node: Node) -> set[str]:
    return {_address(text) for text in _addresses(node, "url", "@id", "mainEntityOfPage")}


def _address(url: str) -> str:
    """A URL's host and path: enough to tell a page from its neighbours."""
    try:
        parts = urlsplit(url[:2048])
    except ValueError:
        return ""
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"


def _texts(node: Node, *keys: str) -> tuple[str, ...]:
    return tuple(text for key in keys for text in strings(node.get(key)))


def _languages(node: Node) -> tuple[str, ...]:
    value = node.get("inLanguage")
    if isinstance(value, dict):
        return _texts(value, "alternateName", "name")
    return tuple(strings(value))


def _addresses(node: Node, *keys: str) -> tuple[str, ...]:
    """The URLs in values that may be a text, a list or an object with a URL."""
    found: list[str] = []
    for key in keys:
        value = node.get(key)
        for item in value if isinstance(value, list) else [value]:
            address = (item.get("url") or item.get("contentUrl") or item.get("@id")) if isinstance(item, dict) else item
            if isinstance(address, str):
                found.append(address)
    return tuple(found)
