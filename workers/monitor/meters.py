"""Reads what `lua/commit/meters.lua` counts: sources and hosts in three windows of time, and latencies."""

from collections.abc import Mapping, Sequence
from heapq import nlargest
from itertools import accumulate, pairwise

from pagemill.outcomes import RejectReason
from workers.monitor.snapshot import Bucket, Latency, Quality, Site, Sites

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 21_600.0)
"""Seconds: the upper bounds of the latency's buckets, as the commit has them in milliseconds. The last one has none."""

LATENCIES = tuple(f"latency|{number}" for number in range(1, len(BOUNDS) + 2))
"""The ledger's fields, one a bucket."""

LATENCY_SUM = "latency|ms"

REASONS = (
    RejectReason.EMPTY,
    RejectReason.TOO_SHORT,
    RejectReason.NOT_HTML,
    RejectReason.HTTP_ERROR,
    RejectReason.TOO_LARGE,
    RejectReason.UNDECODABLE,
    RejectReason.WRONG_LANGUAGE,
)
"""In the order in which a window counts them."""

SHOWN = 20
"""Names that a list tells."""

COMPARED = 200
"""Names that `comparable` tells, at most: those with the most pages."""

RECENT_PAGES, PAST_PAGES = 20, 50
"""Pages that two windows must hold to be compared."""

_BEFORE_REASONS = 6  # pages, drafts, dead, drafts without title, date and authors
_PLACES, _BYTES = _BEFORE_REASONS + len(REASONS), 3
_WINDOW = _PLACES * _BYTES
_HOUR = 4

_Counts = tuple[int, ...]
_NONE: _Counts = (0,) * _PLACES


def read_sites(old: Mapping[bytes, bytes], new: Mapping[bytes, bytes], *, hour: int) -> Sites:
    """The sites in both generations of a hash. `hour`: since 1970, of Redis's clock."""
    windows = {name: _windows(value, hour) for name, value in {**old, **new}.items()}
    recent = {name: counts[0] for name, counts in windows.items() if counts[0][0]}
    busiest = nlargest(SHOWN, recent, key=lambda name: recent[name][0])
    refused = {name: _refused(counts) for name, counts in recent.items() if _refused(counts)}
    worst = nlargest(SHOWN, refused, key=lambda name: refused[name])
    enough = [
        name for name, counts in recent.items() if counts[0] >= RECENT_PAGES and windows[name][1][0] >= PAST_PAGES
    ]
    compared = nlargest(COMPARED, enough, key=lambda name: recent[name][0])

    def sites(names: Sequence[bytes]) -> tuple[Site, ...]:
        return tuple(_site(name, *windows[name]) for name in names)

    return Sites(known=len(windows), by_pages=sites(busiest), by_rejects=sites(worst), comparable=sites(compared))


def read_latency(now: Mapping[str, int], then: Mapping[str, int]) -> Latency:
    """The histogram since ever, and percentiles of what came since `then`."""
    counts = [now.get(field, 0) for field in LATENCIES]
    fresh = [max(0, count - then.get(field, 0)) for count, field in zip(counts, LATENCIES, strict=True)]
    return Latency(
        buckets=tuple(Bucket(*bucket) for bucket in zip((*BOUNDS, None), accumulate(counts), strict=True)),
        count=sum(counts),
        sum=now.get(LATENCY_SUM, 0) / 1_000,
        p50=quantile(fresh, 0.5),
        p95=quantile(fresh, 0.95),
        p99=quantile(fresh, 0.99),
    )


def quantile(counts: Sequence[int], share: float) -> float | None:
    """The latency in seconds within which this share of the pages was published: linear within a bucket.

    As Prometheus's histogram_quantile does it: in the last bucket, which has no end, it is where that begins.
    """
    wanted = share * sum(counts)
    if not wanted:
        return None
    below = 0.0
    for count, (begin, end) in zip(counts, pairwise((0.0, *BOUNDS)), strict=False):
        if below + count >= wanted:
            return begin + (end - begin) * (wanted - below) / count
        below += count
    return BOUNDS[-1]


def _windows(value: bytes, hour: int) -> tuple[_Counts, _Counts]:
    """The last one to two hours, and all before."""
    if len(value) != _HOUR + 3 * _WINDOW:
        return _NONE, _NONE
    passed = max(0, hour - int.from_bytes(value[:_HOUR]))
    now, last, past = (_counts(value, _HOUR + i * _WINDOW) for i in range(3))
    if passed == 0:
        return _sum(now, last), past
    if passed == 1:
        return now, _sum(last, past)
    return _NONE, _sum(_sum(now, last), past)


def _counts(value: bytes, at: int) -> _Counts:
    if not any(value[at : at + _WINDOW]):
        return _NONE
    return tuple(int.from_bytes(value[i : i + _BYTES]) for i in range(at, at + _WINDOW, _BYTES))


def _sum(one: _Counts, other: _Counts) -> _Counts:
    return tuple(map(sum, zip(one, other, strict=True)))


def _refused(counts: _Counts) -> int:
    return counts[2] + sum(counts[_BEFORE_REASONS:])


def _site(name: bytes, recent: _Counts, past: _Counts) -> Site:
    return Site(name=name.decode("utf-8", "replace"), recent=_quality(recent), past=_quality(past))


def _quality(counts: _Counts) -> Quality:
    pages, drafts, dead, untitled, undated, unsigned = counts[:_BEFORE_REASONS]
    reasons = {str(reason): count for reason, count in zip(REASONS, counts[_BEFORE_REASONS:], strict=True) if count}
    return Quality(
        pages=pages,
        drafts=drafts,
        rejected=sum(reasons.values()),
        dead=dead,
        reasons=reasons,
        without_title=untitled,
        without_date=undated,
        without_authors=unsigned,
    )
