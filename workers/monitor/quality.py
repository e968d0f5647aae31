"""A source whose pages have changed for the worse, against its own past: mostly its template is another now.

For each source and each measure two shares are compared: that of its recent pages (the last one to two hours) and that
of all before. An alarm needs all of

- enough pages: `LEAST_RECENT` and `LEAST_PAST` of those that the measure is about,
- a difference that matters: `LEAST_RISE` at least,
- one that is no accident: the likelihood ratio of two binomials against one (G-test; Wilks 1938), as its signed root,
  at least `SCORE`.

Pages of one hour are no independent draws: a section is crawled in one go. So the recent ones count for less, n for
n / (1 + (n - 1) x `ALIKE`) (Kish's design effect, 1965). docs/monitoring.md tells the rate of false alarms.
"""

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from workers.monitor.snapshot import Quality, Site

LEAST_RECENT, LEAST_PAST = 20, 50
LEAST_RISE = 0.15
ALIKE = 0.03
"""How alike pages of one source and hour are: their intraclass correlation."""

SCORE = 5.3

Measure = Literal["rejected", "dead", "without_title", "without_date", "without_authors"]

_SAID: dict[Measure, str] = {
    "rejected": "are rejected",
    "dead": "end as dead letters",
    "without_title": "have no title",
    "without_date": "have no date",
    "without_authors": "name no author",
}


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one source that has risen. `name` comes from outside: whoever shows it escapes it."""

    name: str
    measure: Measure
    recent: float
    """The share now, 0 to 1."""

    past: float
    """The share before."""

    pages: int
    """Recent pages that it is a share of."""

    reason: str = ""
    """Of `rejected`: the reason that most of the recent ones have."""

    score: float
    """How far it is from an accident, in standard deviations."""


def quality_alarms(sites: Iterable[Site]) -> list[Alarm]:
    """The alarms of all sources (or hosts), the surest first; `Snapshot.sources.comparable` are those to ask about."""
    found = [alarm for site in sites for measure in _SAID if (alarm := _compare(site, measure))]
    return sorted(found, key=lambda alarm: (-alarm.score, alarm.name, alarm.measure))


def said(alarm: Alarm) -> str:
    """The alarm in one sentence, without the source's name."""
    reason = f" ({alarm.reason})" if alarm.reason else ""
    return f"{alarm.recent:.0%} of {alarm.pages:,} pages {_SAID[alarm.measure]}{reason}, {alarm.past:.0%} before"


def score_of(bad: int, of: int, past_bad: int, past_of: int) -> float:
    """How far the recent share lies above the past one, in standard deviations; below 0 where it lies below.

    The signed root of the likelihood ratio, which holds at small shares too, where the z-test of two proportions errs.
    """
    share, past_share = bad / of, past_bad / past_of
    weight = of / (1 + (of - 1) * ALIKE)
    pooled = (weight * share + past_bad) / (weight + past_of)
    ratio = 2 * (weight * _divergence(share, pooled) + past_of * _divergence(past_share, pooled))
    return math.copysign(math.sqrt(max(0.0, ratio)), share - past_share)


def _compare(site: Site, measure: Measure) -> Alarm | None:
    bad, of = _counted(site.recent, measure)
    past_bad, past_of = _counted(site.past, measure)
    if of < LEAST_RECENT or past_of < LEAST_PAST or bad / of - past_bad / past_of < LEAST_RISE:
        return None
    score = score_of(bad, of, past_bad, past_of)
    if score < SCORE:
        return None
    reasons = site.recent.reasons if measure == "rejected" else {}
    return Alarm(
        name=site.name,
        measure=measure,
        recent=bad / of,
        past=past_bad / past_of,
        pages=of,
        reason=max(reasons, key=lambda reason: (reasons[reason], reason), default=""),
        score=score,
    )


def _counted(quality: Quality, measure: Measure) -> tuple[int, int]:
    """Pages that the measure holds against the source, and those that it is about.

    Repetitions that were never parsed say nothing about a template, so they count on neither side.
    """
    parsed = quality.drafts + quality.rejected + quality.dead
    if measure == "rejected":
        return quality.rejected, parsed
    if measure == "dead":
        return quality.dead, parsed
    return min(getattr(quality, measure), quality.drafts), quality.drafts


def _divergence(share: float, expected: float) -> float:
    """Kullback and Leibler's, of two coins, in nats; `expected` lies between 0 and 1 wherever `share` does."""
    parts = ((share, expected), (1 - share, 1 - expected))
    return sum(one * math.log(one / other) for one, other in parts if one > 0)
