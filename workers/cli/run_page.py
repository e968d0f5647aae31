"""`run`'s summary for people."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from workers.cli.outcomes import outcome_rows
from workers.cli.render import counted, duration, table
from workers.printable import printable
from workers.run import Summary


def run_page(summary: Summary, *, out: str | None, outcomes: str | None, skipped: int, bad: int) -> RenderableType:
    """A table by outcome, and where things are."""
    return Group(*_parts(summary, out=out, outcomes=outcomes, skipped=skipped, bad=bad))


def _parts(
    summary: Summary, *, out: str | None, outcomes: str | None, skipped: int, bad: int
) -> Iterator[RenderableType]:
    if summary.pages:
        yield table(("outcome", "pages", "share"), outcome_rows(summary.outcomes, summary.reasons))
        yield Text()
    rate = summary.pages / max(summary.seconds, 0.001)
    yield Text(f"{counted(summary.pages, 'page')} in {duration(summary.seconds)}, {rate:,.1f} pages/s", style="bold")
    if skipped:
        yield Text(f"{counted(skipped, 'file')} of other kinds skipped")
    if bad:
        yield Text(f"{counted(bad, 'input')} could not be read (see above)", style="yellow")
    published = summary.outcomes["published"] + summary.outcomes["updated"]
    if out and out != "-":
        yield Text(f"{counted(published, 'record')} in {printable(out)}")
    if outcomes and outcomes != "-":
        yield Text(f"{counted(summary.pages, 'outcome')} in {printable(outcomes)}")
