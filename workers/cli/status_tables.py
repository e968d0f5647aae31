"""The tables of `status`: queues, outcomes, workers, and where pages are refused."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from workers.cli.render import counted, duration, shown, size, table
from workers.monitor.snapshot import Quality, Reason, Site, Snapshot, Tally, Worker

MOST_WORKERS = 12
MOST_SITES = 5
_NAME, _HOST = 8, 12


def queue_table(shot: Snapshot, longest: int = 20) -> RenderableType:
    """A row a queue, by name, of which so many characters are shown."""
    rows = (
        (
            queue.name[:longest],
            queue.waiting,
            queue.in_hand,
            _said(queue.oldest_age),
            rate(queue.pushed_rate.minute),
            rate(queue.settled_rate.minute),
            _said(queue.drain_seconds) if queue.depth else None,
        )
        for queue in shot.queues
    )
    return table(("queue", "waiting", "in hand", "oldest", "in/s", "out/s", "empty in"), rows, gap=2)


def outcome_table(shot: Snapshot) -> RenderableType:
    """Each outcome that a page had, with its reasons below it; shares of all pages, ever."""
    total = sum(outcome.total for outcome in shot.outcomes) or 1
    rows: list[Sequence[object]] = []
    for outcome in shot.outcomes:
        if outcome.total:
            share = f"{outcome.total / total:.1%}"
            rows.append(_outcome_row(outcome, outcome.name, share))
            rows += [_outcome_row(one, f"  {one.name}", "") for one in shot.reasons if one.outcome == outcome.name]
    return table(("outcome", "pages", "share", "/s, 1 min", "/s, 15 min"), rows, gap=2)


def worker_table(shot: Snapshot) -> Iterable[RenderableType]:
    """Silent ones first; where there are many, the rest by state."""
    ordered = sorted(shot.workers, key=lambda one: (not one.dead, one.state != "busy", one.name))
    columns = ("worker", "state", "pages/s", "claim", "memory", "silent for")
    yield table(columns, map(_worker_row, ordered[:MOST_WORKERS]), gap=2)
    rest = ordered[MOST_WORKERS:]
    if rest:
        states = {state: sum(one.state == state for one in rest) for state in sorted({one.state for one in rest})}
        told = ", ".join(f"{count:,} {shown(state)}" for state, count in states.items())
        yield Text(f"and {counted(len(rest), 'more worker')}: {told}", style="dim")


def refused_table(shot: Snapshot) -> RenderableType | None:
    """Sources and hosts whose pages were rejected or died lately, and how it was before; None without one."""
    found = [("source ", one) for one in shot.sources.by_rejects[:MOST_SITES] if one.name]
    found += [("host ", one) for one in shot.hosts.by_rejects[:MOST_SITES] if one.name]
    if not found:
        return None
    return table(
        ("refused in the last hours", "pages", "refused", "before", "mostly"),
        [_refused_row(kind, site) for kind, site in found],
        gap=2,
    )


def busiest_table(shot: Snapshot) -> RenderableType | None:
    """Sources and hosts with the most pages lately; None without one."""
    found = [("source ", one) for one in shot.sources.by_pages[:MOST_SITES] if one.name]
    found += [("host ", one) for one in shot.hosts.by_pages[:MOST_SITES] if one.name]
    if not found:
        return None
    return table(
        ("busiest in the last hours", "pages", "with a text"),
        [(_site_name(kind, one), one.recent.pages, _share(one.recent.drafts, one.recent)) for kind, one in found],
        gap=2,
    )


def rate(pages_per_second: float) -> str:
    """Pages a second: with as many digits as tell something."""
    digits = 0 if pages_per_second >= 100 else 1 if pages_per_second >= 1 or not pages_per_second else 2  # noqa: PLR2004
    return f"{pages_per_second:,.{digits}f}"


def _said(seconds: float | None) -> str | None:
    return None if seconds is None else duration(seconds)


def _outcome_row(one: Tally | Reason, name: str, share: str) -> Sequence[object]:
    return name, one.total, share, rate(one.rate.minute), rate(one.rate.quarter_hour)


def _worker_row(worker: Worker) -> Sequence[object]:
    name = f"{worker.name[:_NAME]} ({worker.host[:_HOST]})"
    return (
        Text(shown(name), style="red") if worker.dead else name,
        "dead" if worker.dead else worker.state,
        None if worker.pages_per_second is None else rate(worker.pages_per_second),
        _said(worker.claim_age),
        None if not worker.memory_bytes else size(worker.memory_bytes),
        _said(worker.heartbeat_age),
    )


def _refused_row(kind: str, site: Site) -> Sequence[object]:
    reasons = {**site.recent.reasons, **({"dead": site.recent.dead} if site.recent.dead else {})}
    return (
        _site_name(kind, site),
        site.recent.pages,
        _share(_refused(site.recent), site.recent),
        _share(_refused(site.past), site.past),
        max(reasons, key=lambda reason: reasons[reason], default=None),
    )


def _site_name(kind: str, site: Site) -> str:
    name = shown(site.name)
    return kind + (name if len(name) <= 30 else f"{name[:29]}…")  # noqa: PLR2004 - fits 80 columns


def _refused(quality: Quality) -> int:
    return quality.rejected + quality.dead


def _share(part: int, quality: Quality) -> str | None:
    return f"{part / quality.pages:.1%}" if quality.pages else None
