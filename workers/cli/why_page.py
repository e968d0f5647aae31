"""`why` and `settled` for people."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from workers.cli.render import counted, table
from workers.monitor.search import Found, SettledPage
from workers.monitor.why import Decision, RecordTold, Why
from workers.printable import printable, shortened

_TITLE = 80


def is_known(told: Why) -> bool:
    """Whether anything at all was found."""
    return bool(told.decisions or told.waiting or told.letters or told.remembered)


def why_page(told: Why) -> RenderableType:
    """All that is known of one address, and how far was looked."""
    return Group(*_parts(told))


def settled_page(found: Found) -> RenderableType:
    """What a search found, and how far it looked."""
    rows = [(_time(page.at), page.outcome, page.reason or None, page.of or None, page.url) for page in found.pages]
    parts: list[RenderableType] = [
        table(("settled (UTC)", "outcome", "reason", "of", "url"), rows, last=True) if rows else Text("none"),
        Text(_reach(found.looked, found.length, found.back_to), style="dim"),
    ]
    if found.next:
        parts.append(Text(f"there may be more: --before {found.next}", style="dim"))
    return Group(*parts)


def _parts(told: Why) -> Iterator[RenderableType]:
    yield Text(printable(told.url), style="bold")
    if told.normal != told.url:
        yield Text(f"= {printable(told.normal)}")
    if not is_known(told):
        yield Text("nothing is known of it", style="yellow")
    for page in told.waiting or ():
        where = f"in the hands of worker {page.holder}" if page.holder else "waiting"
        blame = f", {counted(page.strikes, 'strike')}" if page.strikes else ""
        yield Text(
            printable(f"{_time(page.pushed_at)}  {where} on queue {page.queue} ({page.id or page.entry}){blame}")
        )
    for decision in told.decisions:
        yield (
            Text(f"{_time(decision.page.at)}  ")
            .append(decision.page.outcome, style=_style(decision.page))
            .append(f"{_because(decision)}")
        )
    for letter in told.letters or ():
        yield Text(printable(f"{_time(letter.at)}  dead letter {letter.letter}: {letter.reason}"), style="red")
    if told.remembered:
        yield Text(printable(f"remembered: version {told.remembered.version}, made of page {told.remembered.record}"))
    yield Text(_reach(told.looked_settled, told.of_settled, told.back_to), style="dim")
    yield Text(_reach_elsewhere(told), style="dim")


def _because(decision: Decision) -> str:
    page = decision.page
    reason = f": {page.reason}" if page.reason else ""
    record = f", {_record(decision.record)}" if decision.record else ""
    lines = [f"{reason} (page {page.id}){record}"]
    if page.of:
        verb = "replaces" if page.outcome == "updated" else "repeats"
        alike = f"; similarity {page.similarity:.2f}" if page.outcome == "near_duplicate" and page.similarity else ""
        lines.append(f"    {verb} {_original(decision)}{alike}")
    return "\n".join(map(printable, lines))


def _original(decision: Decision) -> str:
    """The record that a page repeats."""
    if decision.repeats is None:
        return f"page {decision.page.of}, which was published before what was looked at"
    told = decision.repeats
    return f"page {told.id} of {_time(told.at)}: {_record(told)}, {told.url}"


def _record(told: RecordTold) -> str:
    if told.entry is None:
        return "a record that the output has let go"
    title = f' "{shortened(told.title, _TITLE)}"' if told.title else ""
    return f"version {told.version}{title}"


def _style(page: SettledPage) -> str:
    return {"published": "green", "updated": "green", "rejected": "yellow", "dead": "red"}.get(page.outcome, "cyan")


def _reach(looked: int, length: int, back_to: datetime | None) -> str:
    until = f", back to {_time(back_to)}" if back_to else ""
    return f"looked at {looked:,} of {length:,} settled pages{until}"


def _reach_elsewhere(told: Why) -> str:
    waiting = (
        "at no queue (this user may not)"
        if told.waiting is None
        else (f"at {told.looked_waiting:,} of {told.of_waiting:,} pages on queues")
    )
    letters = (
        "no dead letter (this user may not)" if told.letters is None else counted(told.looked_letters, "dead letter")
    )
    return f"{waiting}, {letters}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
