"""Is the mill keeping up, and if not, what to do: a snapshot as one headline, and findings with advice.

The headline is what is bad, or else how the pages flow. Nothing in it is escaped: names come from outside.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from workers.monitor.quality import quality_alarms, said
from workers.monitor.scaling import workers_needed
from workers.monitor.snapshot import Snapshot

Level = Literal["good", "watch", "bad"]
Kind = Literal[
    "suspended", "no_worker", "standing_still", "falling_behind", "long_backlog", "output_full", "output_lag",
    "output_trimmed", "dying", "source_changed", "dead_full", "redis_memory", "worker_gone", "foreign_jobs",
]  # fmt: skip

_OF_FLOW: frozenset[Kind] = frozenset({"suspended", "no_worker", "standing_still", "falling_behind", "long_backlog"})

STOPPED: frozenset[Kind] = frozenset({"no_worker", "standing_still"})
"""Pages wait, and none is settled."""

PATIENCE = 60.0
"""Seconds that a page may wait before anybody is told: a burst is not a backlog."""

FALLING_BEHIND = 1.05
"""Pages in for each page out, over a minute, above which the depth grows by more than chance."""

DRAINS_SOON = 3_600.0
"""Seconds: a backlog that is gone by then needs nobody."""

MOST_SOURCES = 5
"""Changed sources that are named; when more change at once it is rather the release that did."""

MEMORY_WATCH, MEMORY_BAD = 0.8, 0.95
"""Of Redis's limit; at the first the Producer stops pushing by default."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not as it should be. `advice`: what to do, with the command to run."""

    kind: Kind
    level: Level
    what: str
    advice: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The whole: the worst level, a headline of one line, and what was found, the worst first."""

    level: Level
    headline: str
    findings: tuple[Finding, ...]


def judge(shot: Snapshot) -> Verdict:
    """The verdict on a snapshot."""
    looks = (_flow, _output, _redis, _dead, _sources, _around)
    found = sorted((finding for look in looks for finding in look(shot)), key=_severity)
    told = next((finding for finding in found if finding.level == "bad" or finding.kind in _OF_FLOW), None)
    level = found[0].level if found else "good"
    return Verdict(level=level, headline=told.what if told else _well(shot), findings=tuple(found))


def _well(shot: Snapshot) -> str:
    if not shot.depth:
        return "Keeping up: every page is settled" if shot.settled else "Ready: no page was pushed yet"
    if shot.drain_seconds is not None and (shot.oldest_age or 0) > PATIENCE:
        return f"Catching up: the backlog is gone in about {span(shot.drain_seconds)}"
    return "Keeping up: pages are settled as they come"


def _flow(shot: Snapshot) -> Iterator[Finding]:
    living = [worker for worker in shot.workers if not worker.dead]
    waited = shot.oldest_age or 0.0
    if not shot.depth:
        return
    pages = f"{shot.depth:,} page{'s' * (shot.depth != 1)}"
    if shot.suspended:
        what, advice = f"Suspended: {pages} wait", "rq resume lets the workers go on."
        yield Finding(kind="suspended", level="watch", what=what, advice=advice)
    elif not living:
        advice = "Start some: pagemill worker --workers 2. If some should be there, their log tells why they ended."
        yield Finding(kind="no_worker", level="bad", what=f"No worker: {pages} wait", advice=advice)
    elif shot.settled_rate.minute <= 0 and waited > PATIENCE:
        advice = "Look at the workers' log and at the output below: a full output makes the mill wait."
        what = f"Standing still: {pages} wait, and none was settled for a minute"
        yield Finding(kind="standing_still", level="bad", what=what, advice=advice)
    elif waited > PATIENCE and _is_growing(shot):
        needed = workers_needed(shot, DRAINS_SOON)
        more = ""
        if needed is not None and needed > len(living):
            more = f"About {needed} workers would be through in an hour; {len(living)} are here. "
        yield Finding(
            kind="falling_behind",
            level="bad" if waited > 10 * PATIENCE else "watch",
            what=f"Falling behind: {shot.pushed_rate.minute:,.1f} pages/s come, {shot.settled_rate.minute:,.1f} go",
            advice=f"{more}Add some: pagemill worker --workers N, here or on another machine.",
        )
    elif waited > PATIENCE and (shot.drain_seconds or 0) > DRAINS_SOON:
        what = f"A long backlog: {span(shot.drain_seconds or 0)} to go as things are"
        advice = "Twice the workers take half of it, while there are cores."
        yield Finding(kind="long_backlog", level="watch", what=what, advice=advice)


def _is_growing(shot: Snapshot) -> bool:
    return shot.pushed_rate.minute > FALLING_BEHIND * shot.settled_rate.minute


def _output(shot: Snapshot) -> Iterator[Finding]:
    output = shot.output
    slowest = max(output.groups, key=lambda group: (group.unread or 0) + group.pending, default=None)
    behind = 0 if slowest is None else (slowest.unread or 0) + slowest.pending
    if slowest is not None and behind >= output.limit:
        what = f"The output is full: group {slowest.name} is {behind:,} records behind"
        advice = "Start its consumer, or have it forgotten: pagemill records --drop-group NAME."
        yield Finding(kind="output_full", level="bad", what=what, advice=advice)
    elif slowest is not None and behind > output.limit / 2:
        what = f"Group {slowest.name} is {behind:,} records behind, of {output.limit:,} that are kept"
        advice = "At the limit the mill waits for it: give it more consumers."
        yield Finding(kind="output_lag", level="watch", what=what, advice=advice)
    if output.trimmed:
        what = f"{output.trimmed:,} records were trimmed before every group had read them"
        advice = "A larger records_limit, or records_at_limit = wait, keeps them."
        yield Finding(kind="output_trimmed", level="watch", what=what, advice=advice)


def _dead(shot: Snapshot) -> Iterator[Finding]:
    if shot.dead.rate.minute > 0:
        yield Finding(
            kind="dying",
            level="watch",
            what=f"Pages die: {shot.dead.rate.minute * 60:,.0f} in the last minute, {shot.dead.lying:,} lie",
            advice="Look at their reasons below; what a new release mends can be replayed.",
        )
    if shot.dead.bytes > MEMORY_BAD * shot.dead.limit_bytes:
        what = "The dead letters are full: the oldest go"
        advice = "Replay or drop them, or give them more room: dead_bytes."
        yield Finding(kind="dead_full", level="watch", what=what, advice=advice)


def _redis(shot: Snapshot) -> Iterator[Finding]:
    used, limit = shot.store.used_bytes, shot.store.limit_bytes
    if used and limit and used > MEMORY_WATCH * limit:
        yield Finding(
            kind="redis_memory",
            level="bad" if used > MEMORY_BAD * limit else "watch",
            what=f"Redis's memory is {used / limit:.0%} full",
            advice="See below what takes it; give it more (maxmemory), or let the backlog drain.",
        )


def _sources(shot: Snapshot) -> Iterator[Finding]:
    named = [("Source", alarm) for alarm in quality_alarms(shot.sources.comparable) if alarm.name]
    named += [("Host", alarm) for alarm in quality_alarms(shot.hosts.comparable)]
    for kind, alarm in sorted(named, key=lambda one: -one[1].score)[:MOST_SOURCES]:
        advice = "Mostly its template was changed: find its pages with pagemill settled, and explain one."
        what = f"{kind} {alarm.name or '(none)'}: {said(alarm)}"
        yield Finding(kind="source_changed", level="watch", what=what, advice=advice)


def _around(shot: Snapshot) -> Iterator[Finding]:
    gone = [worker for worker in shot.workers if worker.dead]
    if gone:
        named = ", ".join(f"{worker.name} on {worker.host}" for worker in gone[:3])
        what = f"{len(gone)} worker{'s' * (len(gone) != 1)} gave no sign of life: {named}"
        advice = "Their pages go to others by themselves. Look at the machine; the name goes within minutes."
        yield Finding(kind="worker_gone", level="watch", what=what, advice=advice)
    for queue in shot.queues:
        if queue.refused_jobs:
            what = f"Queue {queue.name}: {queue.refused_jobs:,} ordinary RQ jobs lie in its list, and are never run"
            advice = "Whoever enqueues them means another RQ: delete the list."
            yield Finding(kind="foreign_jobs", level="watch", what=what, advice=advice)


def span(seconds: float) -> str:
    """A time to go, in one unit: `40 s`, `12 min`, `5 h`, `3 days`."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.0f} s"


def _severity(finding: Finding) -> int:
    return {"bad": 0, "watch": 1, "good": 2}[finding.level]
