"""`explain` of one page for people: verdict, fields with their sources, parts, times."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.explain import Explanation, Part
from workers.explain.parts import sign
from workers.printable import printable, printable_block, shortened

_FOLDED = 4  # dropped parts in a row, of one fate, that are told in one line
_GLIMPSE = 60  # characters of a dropped part
_WIDE, _MARGIN = 120, 24  # columns of a pipe; of what stands before a part
_VALUE = 400  # characters of a field
_STYLES = {"kept": "green", "unlikely": "dim"}


def explained(explanation: Explanation, *, width: int | None, whole: bool) -> Iterator[RenderableType]:
    """What to print, piece by piece. `width`: of the terminal; a dropped part takes one line. `whole`: all of them."""
    yield _verdict(explanation)
    if explanation.fields:
        yield _grid((field.name, shortened(field.value, _VALUE), field.source) for field in explanation.fields)
    yield Text()
    yield _grid((name, value, "") for name, value in _numbers(explanation))
    if explanation.parts:
        yield Text()
        folded = len(explanation.parts) if whole else _FOLDED
        yield from _parts(explanation.parts, width=(width or _WIDE) - _MARGIN, folded=folded)


def _verdict(explanation: Explanation) -> Text:
    line = Text(printable(explanation.url), style="bold")
    if explanation.draft is not None:
        return line.append("\n\u2713 draft of a record", style="green")
    line.append(f"\n\u2717 rejected: {explanation.reason}", style="yellow")
    return line.append(f" ({printable(explanation.detail)})") if explanation.detail else line


def _grid(rows: Iterable[tuple[str, str, str]]) -> Table:
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    drawn.add_column(style="dim", overflow="fold")
    for name, value, source in rows:
        drawn.add_row(name, Text(printable(value)), Text(printable(source)))
    return drawn


def _numbers(explanation: Explanation) -> Iterator[tuple[str, str]]:
    expected = "" if explanation.confidence is None else f", expected F1 {explanation.confidence:.2f}"
    yield "method", f"{explanation.method}{expected}"
    if explanation.parts:
        kept = sum(part.kept for part in explanation.parts)
        known = "" if explanation.known is None else f"; {explanation.known:,} other pages of the site known"
        yield "parts", f"{kept:,} kept of {len(explanation.parts):,}{known}"
    if explanation.removed:
        yield "removed", ", ".join(f"{rule}: {count:,}" for rule, count in explanation.removed.items())
    if explanation.warnings:
        yield "warnings", ", ".join(explanation.warnings)
    if same := explanation.sameness:
        yield "text key", f"{same.text_key} ({same.words:,} words)"
        yield (
            "fingerprint",
            f"{same.runs:,} runs, {same.pairs:,} pairs with a number, {len(same.index_keys)} index keys",
        )
    if explanation.stages:
        times = ", ".join(f"{stage.name} {1_000 * stage.seconds:.1f}" for stage in explanation.stages)
        yield "time in ms", f"{1_000 * sum(stage.seconds for stage in explanation.stages):.1f}: {times}"


def _parts(parts: Sequence[Part], *, width: int, folded: int) -> Iterator[Text]:
    for fate, run in groupby(parts, key=lambda part: part.fate):
        group = list(run)
        if fate == "kept":
            yield from map(_kept, group)
        elif len(group) > folded:
            glimpse = " \u00b7 ".join(shortened(part.text, _GLIMPSE) for part in group[:_FOLDED])
            yield _line(f"\u2717 {len(group):,} {fate}", shortened(glimpse, width), fate)
        else:
            yield from (_line(_mark(part), shortened(part.text, width), fate) for part in group)


def _kept(part: Part) -> Text:
    return _line(_mark(part), printable_block(part.text), "kept").append("\n")


def _line(mark: str, text: str, fate: str) -> Text:
    style = _STYLES.get(fate, "yellow")
    return Text(f"{mark:<20}  ", style=style).append(text, style="" if fate == "kept" else style)


def _mark(part: Part) -> str:
    chance = "" if part.chance is None else f" {part.chance:.2f}"
    seen = f" x{part.seen}" if part.seen else ""
    return f"{sign(kept=part.kept)} {part.fate}{chance}{seen}"
