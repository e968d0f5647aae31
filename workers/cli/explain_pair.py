"""`explain` of two pages for people: what decided, what was measured against what, what differs."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.explain import Comparison
from workers.explain.parts import sign
from workers.printable import shortened

_LONG, _SHORT = 200, 100  # characters of a URL or sentence, of a key or title

_SAID = {
    "bytes": "the same bytes under the same URL",
    "text": "the same text, type and layout aside",
    "near": "the text is nearly the same",
    "fuller": "the same text, and much more of it: a new version",
    "URL version": "the same canonical URL, with another text: a new version",
    "none": "two articles",
}


def compared(comparison: Comparison) -> Iterator[RenderableType]:
    """What to print, piece by piece; all that stems from the pages is escaped."""
    yield _verdict(comparison)
    yield Text()
    yield _addresses(comparison)
    yield Text()
    yield _measures(comparison)
    yield from _only("A", comparison.differences.only_a, comparison.differences.count_a)
    yield from _only("B", comparison.differences.only_b, comparison.differences.count_b)
    numbers = comparison.differences.numbers_a, comparison.differences.numbers_b
    for name, found in zip("AB", numbers, strict=True):
        if found:
            yield Text(f"numbers only in {name}: ", style="dim").append(shortened(", ".join(found), _LONG))


def _verdict(comparison: Comparison) -> Text:
    sign, style = ("\u2713", "green") if comparison.same else ("\u2717", "yellow")
    line = Text(f"{sign} {'the same article' if comparison.same else 'not the same article'}", style=f"bold {style}")
    rule = f", by {comparison.rule}" if comparison.rule and comparison.decider in {"near", "fuller", "none"} else ""
    line.append(f": {_SAID[comparison.decider]}{rule}", style=style)
    marked = ", marked as a near copy of A" if comparison.marked else ""
    return line.append(f"\nwith A published, B is settled as {comparison.outcome}{marked}")


def _addresses(comparison: Comparison) -> Table:
    drawn = Table.grid(padding=(0, 2))
    for _ in range(4):
        drawn.add_column(overflow="fold")
    a, b = comparison.a, comparison.b
    rows = (
        ("canonical URL", a.url, b.url, a.key == b.key),
        ("host", a.host, b.host, a.host == b.host),
        ("path", a.path, b.path, a.path == b.path),
        ("query", a.query, b.query, a.query == b.query),
        ("title", *comparison.titles, comparison.titles[0] == comparison.titles[1]),
        ("text key", *comparison.text_keys, comparison.text_keys[0] == comparison.text_keys[1]),
    )
    drawn.add_row(Text(), Text("A", style="bold"), Text("B", style="bold"), Text())
    for name, one, other, equal in rows:
        mark = Text("= same", style="green") if equal else Text("\u2260 differ", style="yellow")
        drawn.add_row(Text(name, style="dim"), Text(shortened(one, _LONG)), Text(shortened(other, _LONG)), mark)
    return drawn


def _measures(comparison: Comparison) -> Table:
    """What was measured, what a copy must reach, and whether it does."""
    drawn = Table.grid(padding=(0, 2))
    likeness, bars = comparison.likeness, comparison.bars
    rows: tuple[tuple[str, int, int | None, str], ...] = (
        ("resemblance", likeness.similarity, bars.resemblance, "share of all runs of five words that both have"),
        ("containment", likeness.containment, bars.containment, "share of the shorter text's runs that the other has"),
        ("figures", likeness.figures, bars.figures, "share of the pairs with a number that both have"),
    )
    for name, value, bar, what in rows:
        reached = "not asked" if bar is None else f"{sign(kept=value >= bar)} wants {bar / 1000:.3f}"
        drawn.add_row(Text(name, style="dim"), f"{value / 1000:.3f}", reached, Text(what, style="dim"))
    found = "\u2713 enough to meet" if comparison.candidates else "\u2717 they would never meet"
    drawn.add_row(
        Text("index keys", style="dim"), f"{comparison.candidates} of 8", found, Text("in common", style="dim")
    )
    return drawn


def _only(name: str, sentences: Iterable[str], count: int) -> Iterator[Text]:
    if not count:
        return
    yield Text(f"\nonly in {name}, {count:,} sentence{'s' * (count != 1)}:", style="bold")
    for sentence in sentences:
        yield Text(
            f"{'-' if name == 'A' else '+'} {shortened(sentence, _LONG)}", style="red" if name == "A" else "green"
        )
