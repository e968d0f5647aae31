"""Rates and histories: the differences between what the counters show now and what was noted before."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from workers.monitor.snapshot import Rate

MINUTE, QUARTER_HOUR = 60.0, 900.0


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """All counters at one moment: seconds since 1970, on Redis's clock."""

    at: float
    values: Mapping[str, int]

    def sum(self, fields: Iterable[str]) -> int:
        """Of these counters together; one that is not there counts 0."""
        return sum(self.values.get(field, 0) for field in fields)


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What rates over a minute and over a quarter of an hour count from: see `base`."""

    minute: Counts | None = None
    quarter_hour: Counts | None = None

    def rate(self, now: Counts, fields: Sequence[str]) -> Rate:
        """How fast these counters together grow."""
        return Rate(
            minute=_growth(now, self.minute, fields) if self.minute else 0.0,
            quarter_hour=_growth(now, self.quarter_hour, fields) if self.quarter_hour else 0.0,
        )

    def pushed_rate(self, now: Counts, queues: Sequence["Flow"]) -> Rate:
        """How fast pages are pushed to these queues."""
        return Rate(
            minute=sum(_pushed(now, self.minute, queue, MINUTE) for queue in queues),
            quarter_hour=sum(_pushed(now, self.quarter_hour, queue, QUARTER_HOUR) for queue in queues),
        )


def base(before: Counts | None, within: Counts | None, window: float) -> Counts | None:
    """What a rate over a window counts from: the last note before it, or the first within it.

    The latter when there is none before, or only one from long ago: the mill stood, and has just begun again.
    """
    if before is None or within is None:
        return before or within
    return within if within.at - before.at > window else before


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """The counters of one queue's pushed and settled pages; and the age in seconds of the oldest page on it."""

    pushed: str
    settled: tuple[str, ...]
    oldest_age: float | None


class Mark(msgspec.Struct, frozen=True):
    """Sums over all queues at one moment (seconds since 1970)."""

    at: float
    pushed: int
    settled: int
    depth: int


def history(marks: Sequence[Mark], now: Mark, *, step: float, count: int) -> list[Mark | None]:
    """`count + 1` marks, `step` seconds apart, that end now: each interpolated between those that were noted.

    None before the first one was.
    """
    line = [*(mark for mark in marks if mark.at < now.at), now]
    found: list[Mark | None] = []
    behind = 0
    for at in (now.at - step * (count - i) for i in range(count)):
        while behind + 1 < len(line) and line[behind + 1].at <= at:
            behind += 1
        found.append(_between(line[behind], line[min(behind + 1, len(line) - 1)], at))
    return [*found, now]


def _between(before: Mark, after: Mark, at: float) -> Mark | None:
    if at < before.at:
        return None
    share = (at - before.at) / (after.at - before.at) if after.at > before.at else 0.0
    pushed, settled, depth = (
        begin + round(share * (end - begin))
        for begin, end in (
            (before.pushed, after.pushed),
            (before.settled, after.settled),
            (before.depth, after.depth),
        )
    )
    return Mark(at, pushed, settled, depth)


def _growth(now: Counts, then: Counts, fields: Sequence[str]) -> float:
    return max(0, now.sum(fields) - then.sum(fields)) / max(now.at - then.at, 1.0)


def _pushed(now: Counts, then: Counts | None, queue: Flow, window: float) -> float:
    """While no worker runs nobody notes anything: then the pages' own ages tell.

    Where no page lay at the last note, and none was settled since, all that came lies there.
    """
    since = then or Counts(at=0.0, values={})
    came = max(0, now.sum([queue.pushed]) - since.sum([queue.pushed]))
    lay = since.sum([queue.pushed]) - since.sum(queue.settled)
    span = now.at - since.at
    if span > 2 * window and lay == 0 and now.sum(queue.settled) == since.sum(queue.settled):
        span = min(span, max(window, queue.oldest_age or 0.0))
    return came / max(span, 1.0)
