"""Are two pages the same article? What the mill would decide of the second, once the first is published, and why."""

from typing import Literal, NamedTuple

import msgspec

from pagemill.page import RawPage, bytes_key
from pagemill.record import Draft
from pipeline.explain.differences import Differences, differences
from pipeline.sameness.near import DEFAULT_THRESHOLDS, Bars, Likeness, Thresholds, bars_of, compare, is_fuller
from pipeline.sameness.sketch import fingerprint
from pipeline.urls.same_page import page_form
from pipeline.urls.url import normalise_url, site_of, url_key

Decider = Literal["bytes", "text", "near", "fuller", "URL version", "none"]
"""What decided: the same bytes under the same URL, the same text, likeness, likeness of a text that says much more, or
the same canonical URL with another text; or nothing, and the two are different articles."""

PairOutcome = Literal["duplicate", "near_duplicate", "updated", "published"]


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What the mill does with near copies, as its settings `near_duplicates`, `near_keeps` and thresholds say."""

    near: Literal["drop", "mark", "off"] = "drop"
    keeps: Literal["longest", "first"] = "longest"
    thresholds: Thresholds = DEFAULT_THRESHOLDS


DEFAULT_POLICY = Policy()


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
    likeness. `marked`: whether the record that it gives is marked as a near copy. `parting`: in what the canonical URLs
    part (`host`, `path`, `query`), None where they do not. `likeness`: in thousandths; `bars`: what it is measured
    against, of texts of this size. `candidates`: index keys that both have: without one nobody would have compared
    them.
    """

    outcome: PairOutcome
    decider: Decider
    rule: str
    marked: bool
    a: Address
    b: Address
    parting: Literal["host", "path", "query"] | None
    text_keys: tuple[str, str]
    titles: tuple[str, str]
    likeness: Likeness
    bars: Bars
    candidates: int
    policy: Policy
    differences: Differences

    @property
    def same(self) -> bool:
        """Whether both are the same article, in this version or another."""
        return self.decider != "none"


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


def compare_pages(a: Side, b: Side, policy: Policy = DEFAULT_POLICY) -> Comparison:
    """What becomes of `b` when `a` is published, in the order in which the commit asks: bytes, text, URL, near.

    Under one canonical URL a text that is nearly the same is a trivial change, and any other the next version.
    """
    one, other = fingerprint(a.text), fingerprint(b.text)
    likeness = compare(one.sketch, other.sketch, policy.thresholds)
    places = _address(a.canonical), _address(b.canonical)
    candidates = len(set(one.keys) & set(other.keys))
    seen = _Seen(
        one_place=places[0].key == places[1].key,
        likeness=likeness,
        candidates=candidates,
        is_fuller=is_fuller(other.sketch, one.sketch, likeness, policy.thresholds),
    )
    verdict = _decide(a, b, seen, policy)
    return Comparison(
        outcome=verdict.outcome,
        decider=verdict.decider,
        rule=verdict.rule,
        marked=verdict.marked,
        a=places[0],
        b=places[1],
        parting=_parting(*places),
        text_keys=(a.text_key.hex(), b.text_key.hex()),
        titles=(a.title, b.title),
        likeness=likeness,
        bars=bars_of(one.sketch, other.sketch, likeness.similarity, policy.thresholds),
        candidates=candidates,
        policy=policy,
        differences=differences(a.text, b.text),
    )


class _Seen(NamedTuple):
    one_place: bool
    likeness: Likeness
    candidates: int
    is_fuller: bool


class _Verdict(NamedTuple):
    outcome: PairOutcome
    decider: Decider
    rule: str = ""
    marked: bool = False


def _decide(a: Side, b: Side, seen: _Seen, policy: Policy) -> _Verdict:
    """As `workers/lua/commit/decide.lua` does of a page whose only predecessor is the other."""
    if a.bytes_key == b.bytes_key:
        return _Verdict("duplicate", "bytes")
    if a.text_key == b.text_key:
        return _Verdict("duplicate", "text")
    if seen.one_place:
        return _decide_version(seen.likeness, policy)
    if policy.near == "off" or not seen.likeness.copy or not seen.candidates:
        return _Verdict("published", "none", _why_none(seen, policy))
    if policy.near == "mark":
        return _Verdict("published", "near", seen.likeness.rule, marked=True)
    if policy.keeps == "longest" and seen.is_fuller:
        return _Verdict("updated", "fuller", seen.likeness.rule)
    return _Verdict("near_duplicate", "near", seen.likeness.rule)


def _decide_version(likeness: Likeness, policy: Policy) -> _Verdict:
    is_trivial = likeness.similarity >= policy.thresholds.same_resemblance
    if is_trivial and policy.near == "drop":
        return _Verdict("near_duplicate", "near", "trivial")
    return _Verdict("updated", "URL version", likeness.rule, marked=is_trivial and policy.near == "mark")


def _why_none(seen: _Seen, policy: Policy) -> str:
    if policy.near == "off":
        return "near copies are not looked for"
    return "no index key in common" if seen.likeness.copy else seen.likeness.rule


def _address(url: str) -> Address:
    form = page_form(normalise_url(url), site_of)
    return Address(url=url, host=form.host, path=form.path, query=form.query, key=url_key(url).hex())


def _parting(a: Address, b: Address) -> Literal["host", "path", "query"] | None:
    if a.host != b.host:
        return "host"
    if a.path != b.path:
        return "path"
    return "query" if a.query != b.query else None
