"""`status` for people: one screen of 80 columns."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from pagemill.outcomes import DeadReason, Outcome, RejectReason
from workers.cli.render import counted, duration, shown, size, table

_OUTCOME_OF: dict[str, Outcome] = {
    **{reason.value: Outcome.REJECTED for reason in RejectReason},
    **{reason.value: Outcome.DEAD for reason in DeadReason},
    **dict.fromkeys(("resemblance", "containment", "short", "trivial"), Outcome.NEAR_DUPLICATE),
    "fuller": Outcome.UPDATED,
}


def status_page(shot: dict[str, Any]) -> RenderableType:
    """The whole page of a snapshot."""
    return Group(*_parts(shot))


def _parts(shot: dict[str, Any]) -> Iterator[RenderableType]:
    yield Text(_headline(shot), style="bold")
    for warning in _warnings(shot):
        yield Text(f"! {warning}", style="yellow")
    if shot["queues"]:
        yield Text()
        yield table(("queue", "waiting", "in hand", "oldest", "pushed"), map(_queue, shot["queues"]))
    if shot["settled"]:
        yield Text()
        yield table(("outcome", "pages", "share"), outcome_rows(shot["outcomes"], shot["reasons"]))
    yield Text()
    if shot["workers"]:
        yield table(("worker", "state", "heartbeat", "queues"), map(_worker, shot["workers"]), last=True)
    else:
        yield Text("no worker: start some with pagemill worker", style="yellow" if shot["depth"] else "")
    yield Text()
    records = shot["records"]
    yield Text(f"records      {records['length']:,} in the stream (limit {records['limit']:,})")
    for group in records["groups"]:
        unread = "unknown" if group["unread"] is None else f"{group['unread']:,}"
        yield Text(f"  group {shown(group['group'])}: {unread} unread, {group['pending']:,} in hand")
    dead = shot["dead"]
    yield Text(f"dead letters {dead['letters']:,} ({size(dead['bytes'])})")
    yield Text(f"memory       {_memory(shot['memory'], shot['at'])}")


def outcome_rows(outcomes: dict[str, int], reasons: dict[str, int]) -> list[tuple[str, int, str]]:
    """Rows of a table: each outcome with its share, and its reasons indented below it."""
    total = sum(outcomes.values()) or 1
    rows: list[tuple[str, int, str]] = []
    for outcome, count in outcomes.items():
        if not count:
            continue
        rows.append((outcome, count, f"{count / total:.1%}"))
        named = {reason: n for reason, n in reasons.items() if n and _OUTCOME_OF.get(reason) == outcome}
        rows += [(f"  {reason}", n, "") for reason, n in sorted(named.items(), key=lambda item: (-item[1], item[0]))]
    return rows


def _headline(shot: dict[str, Any]) -> str:
    depth = f"{counted(shot['depth'], 'page')} to do" if shot["depth"] else "nothing to do"
    age = f", the oldest {duration(shot['oldest_age'])} old" if shot["depth"] else ""
    return f"{depth}{age}; {shot['pages_per_second']:,.1f} pages/s; {counted(len(shot['workers']), 'worker')}"


def _warnings(shot: dict[str, Any]) -> Iterator[str]:
    from workers.audit import refused  # noqa: PLC0415 - one wording for both
    from workers.store.contract import QueueCount  # noqa: PLC0415

    if shot["suspended"]:
        yield "suspended: the workers take no pages until rq resume"
    for queue in shot["queues"]:
        if queue["refused_jobs"]:
            jobs = queue["refused_jobs"]
            yield refused(QueueCount(queue=queue["queue"], pushed=None, waiting=0, running=0, refused_jobs=jobs))
    if shot["records"]["trimmed"]:
        yield f"{shot['records']['trimmed']:,} records were trimmed before every group had read them"


def _memory(memory: dict[str, Any], at: str) -> str:
    """How full it is, and how far back it reaches."""
    if not memory["since"]:
        return "no page remembered yet"
    age = (datetime.fromisoformat(at) - datetime.fromisoformat(memory["since"])).total_seconds()
    reach = f"back to {duration(max(0.0, age))} ago" if memory["has_forgotten"] else "none forgotten yet"
    return f"{memory['pages']:,} of {memory['capacity']:,} pages remembered ({size(memory['bytes'])}), {reach}"


def _queue(queue: dict[str, Any]) -> tuple[object, ...]:
    oldest = None if queue["oldest_age"] is None else duration(queue["oldest_age"])
    return queue["queue"], queue["waiting"], queue["running"], oldest, queue["pushed"]


def _worker(worker: dict[str, Any]) -> tuple[object, ...]:
    age = worker["heartbeat_age"]
    heartbeat = None if age is None else f"{duration(age)} ago"
    return f"{worker['name'][:24]} ({worker['hostname'][:16]})", worker["state"], heartbeat, ", ".join(worker["queues"])
