"""Are two pages the same article? What the mill would decide of the second, once the first is published, and why."""

from typing import Literal

import msgspec

from pagemill.page import RawPage, bytes_key
from pagemill.record import Draft
from pipeline.explain.differences import Differences, differences
from pipeline.sameness.near import DEFAULT_THRESHOLDS, Bars, Likeness, Thresholds, bars_of, compare
from pipeline.sameness.sketch import fingerprint
from pipeline.urls.same_page import page_form
from pipeline.urls.url import normalise_url, site_of, url_key

Decider = Literal["bytes", "text", "near", "URL version", "none"]
"""What decided: the same bytes under the same URL, the same text, likeness, or the same canonical URL with another
text; or nothing, and the two are different articles."""

PairOutcome = Literal["duplicate", "near_duplicate", "updated", "published"]


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two pages, as far as sameness goes. Keys are bytes.

    `canonical`: the URL that it is known by, of the page's own or its address. `text`: cleaned.
    """

    id: str
    url: str
    canonical: str
    bytes_key: bytes
    text_key: bytes
    title: str = ""
    text: str


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A canonical URL in the form in which all addresses of a page are equal."""

    url: str
    host: str
    path: str
    query: str
    key: str


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two pages side by side.

    `outcome`: of the second, once the first is published. `decider`, `rule`: what decided, and by which rule of
    likeness. `parting`: in what the canonical URLs part (`host`, `path`, `query`), None where they do not.
    `likeness`: in thousandths; `bars`: what it is measured against, of texts of this size. `candidates`: index keys
    that both have: without one nobody would have compared them.
    """

    outcome: PairOutcome
    decider: Decider
    rule: str
    a: Address
    b: Address
    parting: Literal["host", "path", "query"] | None
    text_keys: tuple[str, str]
    titles: tuple[str, str]
    likeness: Likeness
    bars: Bars
    candidates: int
    thresholds: Thresholds
    differences: Differences

    @property
    def same(self) -> bool:
        """Whether both are the same article, in this version or another."""
        return self.outcome != "published"


def side_of(page: RawPage, draft: Draft) -> Side:
    """The side of a page that gave `draft`."""
    return Side(
        id=page.id,
        url=page.url,
        canonical=draft.canonical_url,
        bytes_key=bytes_key(page.url, page.body),
        text_key=bytes.fromhex(draft.content_hash),
        title=draft.title or "",
        text=draft.text,
    )


def compare_pages(a: Side, b: Side, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Comparison:
    """What becomes of `b` when `a` is published, in the order in which the commit asks: bytes, text, near, URL.

    Under one canonical URL a text that is nearly the same is a trivial change, and any other the next version.
    """
    one, other = fingerprint(a.text), fingerprint(b.text)
    likeness = compare(one.sketch, other.sketch, thresholds)
    places = _address(a.canonical), _address(b.canonical)
    candidates = len(set(one.keys) & set(other.keys))
    outcome, decider, rule = _decide(a, b, likeness, candidates=candidates, thresholds=thresholds)
    return Comparison(
        outcome=outcome,
        decider=decider,
        rule=rule,
        a=places[0],
        b=places[1],
        parting=_parting(*places),
        text_keys=(a.text_key.hex(), b.text_key.hex()),
        titles=(a.title, b.title),
        likeness=likeness,
        bars=bars_of(one.sketch, other.sketch, likeness.similarity, thresholds),
        candidates=candidates,
        thresholds=thresholds,
        differences=differences(a.text, b.text),
    )


def _decide(
    a: Side, b: Side, likeness: Likeness, *, candidates: int, thresholds: Thresholds
) -> tuple[PairOutcome, Decider, str]:
    if a.bytes_key == b.bytes_key:
        return "duplicate", "bytes", ""
    if a.text_key == b.text_key:
        return "duplicate", "text", ""
    if url_key(a.canonical) == url_key(b.canonical):
        if likeness.copy and likeness.similarity >= thresholds.same_resemblance:
            return "near_duplicate", "near", "trivial"
        return "updated", "URL version", likeness.rule
    if likeness.copy and candidates:
        return "near_duplicate", "near", likeness.rule
    return "published", "none", likeness.rule if not likeness.copy else "no index key in common"


def _address(url: str) -> Address:
    form = page_form(normalise_url(url), site_of)
    return Address(url=url, host=form.host, path=form.path, query=form.query, key=url_key(url).hex())


def _parting(a: Address, b: Address) -> Literal["host", "path", "query"] | None:
    if a.host != b.host:
        return "host"
    if a.path != b.path:
        return "path"
    return "query" if a.query != b.query else None
