"""`status` for people: first whether it keeps up, then what is wrong and what to do, then the figures."""

from collections.abc import Iterator
from textwrap import wrap

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from workers.cli.render import counted, duration, shown, size
from workers.cli.sparkline import sparkline
from workers.cli.status_tables import busiest_table, outcome_table, queue_table, rate, refused_table, worker_table
from workers.monitor.snapshot import Snapshot
from workers.monitor.verdict import Level, judge

NARROW, WIDE = 80, 140
"""Columns: from WIDE on the figures stand side by side."""

_STYLES: dict[Level, str] = {"good": "green", "watch": "yellow", "bad": "red"}


def status_page(shot: Snapshot, width: int = NARROW) -> RenderableType:
    """The whole page of a snapshot, on a terminal of so many columns."""
    if width < WIDE:
        return Group(*_head(shot, width), *_left(shot, bars=60, longest=20), *_right(shot))
    grid = Table.grid(padding=(0, 4))
    grid.add_row(Group(*_left(shot, bars=45, longest=12)), Group(*_right(shot), *_more(shot)))
    return Group(*_head(shot, width), grid)


def _head(shot: Snapshot, width: int) -> Iterator[RenderableType]:
    verdict = judge(shot)
    yield _folded("● ", verdict.headline, width, style=f"bold {_STYLES[verdict.level]}")
    for finding in verdict.findings:
        if finding.what != verdict.headline:
            yield _folded("! ", finding.what, width, style=_STYLES[finding.level])
        yield _folded("  → ", finding.advice, width)
    if verdict.findings:
        yield Text()
    yield _folded("", _flow(shot), width, style="bold")


def _folded(mark: str, told: str, width: int, *, style: str = "") -> Text:
    lines = wrap(shown(told), width - 1, initial_indent=mark, subsequent_indent=" " * len(mark))
    return Text("\n".join(lines), style=style)


def _flow(shot: Snapshot) -> str:
    told = [counted(shot.depth, "page") + " to do" if shot.depth else "nothing to do"]
    if shot.depth and shot.oldest_age is not None:
        told[0] += f", the oldest {duration(shot.oldest_age)} old"
    told.append(f"{rate(shot.pushed_rate.minute)} in/s, {rate(shot.settled_rate.minute)} out/s")
    if shot.depth:
        told.append("not shrinking" if shot.drain_seconds is None else f"done in {duration(shot.drain_seconds)}")
    return "; ".join(told)


def _left(shot: Snapshot, *, bars: int, longest: int) -> Iterator[RenderableType]:
    if shot.queues:
        yield Text()
        yield queue_table(shot, longest)
    yield from _history(shot, bars)
    if shot.settled:
        yield Text()
        yield outcome_table(shot)


def _history(shot: Snapshot, bars: int) -> Iterator[RenderableType]:
    """A bar a minute; each row has a scale of its own, from 0 to its largest number."""
    minutes = shot.minutes[-bars:]
    if not any(minute.pushed or minute.settled or minute.depth for minute in minutes):
        return
    rows = (
        ("in", [minute.pushed for minute in minutes]),
        ("out", [minute.settled for minute in minutes]),
        ("depth", [minute.depth for minute in minutes]),
    )
    yield Text()
    yield Text(f"{f'the last {len(minutes)} minutes':<{len(minutes) + 7}}most", style="dim")
    for name, numbers in rows:
        top = max(number or 0 for number in numbers)
        yield Text(f"{name:<6}").append(sparkline(numbers), style="cyan").append(f" {_brief(top)}")


def _right(shot: Snapshot) -> Iterator[RenderableType]:
    yield Text()
    if shot.workers:
        yield from worker_table(shot)
    else:
        yield Text("no worker", style="red" if shot.depth else "dim")
    refused = refused_table(shot)
    if refused is not None:
        yield Text()
        yield refused
    yield Text()
    yield from _figures(shot)


def _more(shot: Snapshot) -> Iterator[RenderableType]:
    busiest = busiest_table(shot)
    if busiest is not None:
        yield Text()
        yield busiest


def _figures(shot: Snapshot) -> Iterator[RenderableType]:
    if shot.latency.p50 is not None:
        told = ((name, getattr(shot.latency, name)) for name in ("p50", "p95", "p99"))
        yield _figure("latency", ", ".join(f"{name} {_latency(value)}" for name, value in told) + ", push to published")
    yield _figure("records", f"{shot.output.length:,} in the stream (limit {shot.output.limit:,})")
    for group in shot.output.groups:
        unread = "unread unknown" if group.unread is None else f"{group.unread:,} unread"
        age = "" if group.oldest_age is None else f", oldest {duration(group.oldest_age)}"
        yield _figure("", f"group {shown(group.name)[:24]}: {unread}, {group.pending:,} in hand{age}")
    yield _figure("dead", _dead(shot))
    yield _figure("redis", _store(shot))
    yield _figure("memory", _memory(shot))


def _figure(name: str, told: str) -> Text:
    return Text(f"{name:<9}", style="bold").append(told, style="not bold")


def _dead(shot: Snapshot) -> str:
    if not shot.dead.lying:
        return "no dead letters"
    told = f"{counted(shot.dead.lying, 'letter')} ({size(shot.dead.bytes)})"
    reasons = ", ".join(f"{shown(name)} {count:,}" for name, count in list(shot.dead.reasons.items())[:3])
    return f"{told}: {reasons}" if reasons else told


def _store(shot: Snapshot) -> str:
    store = shot.store
    if store.used_bytes is None:
        return "this user may not ask"
    limit = f" of {size(store.limit_bytes)}" if store.limit_bytes else ", no limit"
    kinds = sorted(store.bytes_by_kind.items(), key=lambda item: -item[1])[:2]
    parts = ", ".join(f"{kind} {size(count)}" for kind, count in kinds if count)
    return f"{store.server} {store.version}: {size(store.used_bytes)}{limit}{f' ({parts})' if parts else ''}"


def _memory(shot: Snapshot) -> str:
    told = f"{shot.memory.pages:,} pages remembered (for {shot.memory.capacity:,})"
    back = shot.memory.reaches_back
    return told if back is None else f"{told}, {duration(back)} back"


def _latency(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else duration(seconds)


def _brief(number: int) -> str:
    """Within five characters: 999, 12.3k, 1.2M."""
    for step, unit in ((1_000_000, "M"), (10_000, "k")):
        if number >= step:
            return f"{number / (1_000_000 if unit == 'M' else 1_000):.1f}{unit}"
    return f"{number:,}"
