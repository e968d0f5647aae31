"""How well a page was read: its text, and what it says of itself; and how many pages together are told of."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import msgspec
import numpy as np
from extract_systems import Found
from extract_truth import Truth

from training.score import overlap, words_in

FIELDS = (
    "title", "title, nearly", "authors", "authors where none", "day", "day where none", "language",
)  # fmt: skip
_NAMES = re.compile(r"\s*[;|,/&]\s*|\s+(?:and|und|et|y|e)\s+")
_BY = re.compile(r"^(?:by|von|par|por|de)\s+", re.IGNORECASE)
_LONG_TITLE = 15  # characters: one title within another is the same
_ALIKE = 0.8
_ROUNDS = 1_000


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One page by one system. `text`: precision, recall and F1 of its words, None where the true text is not known.

    `right`: of each field that is known, whether it is right. `lost`: the page raised, or took too long. `ms`: of CPU.
    """

    page: str
    domain: str
    groups: tuple[str, ...]
    text: tuple[float, float, float] | None
    right: Mapping[str, bool]
    empty: bool
    lost: bool
    ms: float

    @property
    def f1(self) -> float:
        """Of the words; 0 where nobody knows them."""
        return self.text[2] if self.text else 0.0


def score(truth: Truth, found: Found, *, ms: float, lost: bool, many: bool) -> Score:
    """`many`: whether the data have three pages and more of the domain."""
    words = words_in(found.text)
    kinds = "articles" if truth.kind == "article" else "other types", f"type {truth.kind}"
    return Score(
        page=f"{truth.dataset}/{truth.id}",
        domain=truth.domain,
        groups=("all", f"set {truth.dataset}", *kinds, *["domains of 3 pages and more"] * many),
        text=overlap(words_in(truth.text), words) if truth.text else None,
        right=_fields(truth, found),
        empty=not words,
        lost=lost,
        ms=ms,
    )


def _fields(truth: Truth, found: Found) -> dict[str, bool]:
    right: dict[str, bool] = {}
    if truth.title:
        right["title"] = words_in(truth.title) == words_in(found.title)
        right["title, nearly"] = right["title"] or _nearly(truth.title, found.title)
    if truth.authors:
        right["authors"] = _names(truth.authors) == _names(found.authors)
    elif truth.no_authors:
        right["authors where none"] = bool(_names(found.authors))
    if truth.day:
        right["day"] = truth.day == found.day
    elif truth.no_day:
        right["day where none"] = bool(found.day)
    if truth.language:
        right["language"] = truth.language == found.language
    return right


def _nearly(true: str, found: str) -> bool:
    one, other = (" ".join(words_in(title)) for title in (true, found))
    shorter, longer = sorted((one, other), key=len)
    within = len(shorter) > _LONG_TITLE and shorter in longer
    return within or overlap(one.split(), other.split())[2] >= _ALIKE


def _names(authors: Iterable[str]) -> set[str]:
    parts = (_BY.sub("", part.strip()) for author in authors for part in _NAMES.split(author))
    return {name for part in parts if (name := " ".join(words_in(part)))}


def interval(values: Sequence[float], domains: Sequence[str]) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean; domains are drawn, for pages of one are alike."""
    names, places = np.unique(np.asarray(domains), return_inverse=True)
    sizes = np.bincount(places)
    sums = np.bincount(places, weights=np.asarray(values, dtype=np.float64))
    drawn = np.random.default_rng(7).multinomial(len(names), np.full(len(names), 1 / len(names)), size=_ROUNDS)
    low, high = np.quantile(drawn @ sums / (drawn @ sizes), (0.025, 0.975))
    return float(low), float(high)


def by_group(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """Scores of pages whose true text is known, by the groups that they count in."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for one in scores:
        for group in one.groups if one.text else ():
            groups[group].append(one)
    return dict(sorted(groups.items()))


def text_row(scores: Sequence[Score], yardstick: Sequence[Score] | None) -> str:
    """Precision, recall, F1 and its interval, and how much F1 is above the yardstick's on the same pages."""
    domains = [one.domain for one in scores]
    columns = "".join(f"{fmean(one.text[i] for one in scores if one.text):7.4f}" for i in range(3))
    low, high = interval([one.f1 for one in scores], domains)
    against = ""
    if yardstick is not None:
        pairs = {one.page: one.f1 for one in yardstick}
        above = [one.f1 - pairs[one.page] for one in scores]
        least, most = interval(above, domains)
        against = f"{fmean(above):+7.4f} ({least:+.4f} to {most:+.4f})"
    worst = sum(one.f1 < 0.5 for one in scores)
    return f"{columns}  {low:.4f} to {high:.4f}  {against:27}{worst:6}{sum(one.empty for one in scores):6}"


def field_row(scores: Sequence[Score], fields: Sequence[str]) -> str:
    """The share of pages on which each field is right, with its interval; "-" where the system states none."""
    cells = []
    for field in FIELDS:
        known = [one for one in scores if field in one.right]
        if not known or not field.startswith(tuple(fields)):
            cells.append(f"{'-':>20}")
            continue
        values = [float(one.right[field]) for one in known]
        low, high = interval(values, [one.domain for one in known])
        cells.append(f"{fmean(values):7.3f} {low:.3f}-{high:.3f}".rjust(20))
    return "".join(cells)
