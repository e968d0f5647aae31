"""Tables and lines for people. Colour only on a terminal; page content only as escaped text, never as markup."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workers.printable import printable

_WIDE = 10_000  # columns: a pipe has no edge to fold at


def console(stream: TextIO | None = None) -> Console:
    """A console on a stream (standard output); NO_COLOR is rich's own matter."""
    stream = stream or sys.stdout
    return Console(
        file=stream,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=not stream.isatty(),
        width=None if stream.isatty() else _WIDE,
        force_terminal=stream.isatty(),
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, last: bool = False, gap: int = 3) -> Table:
    """A table whose first column is left, the rest right; with `last` the last column, of any length, is left.

    `gap`: blanks between columns, 2 or 3.
    """
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False, padding=(0, 1, 0, gap - 2))
    for number, name in enumerate(columns):
        free = last and number == len(columns) - 1
        drawn.add_column(
            name,
            justify="left" if number == 0 or free else "right",
            no_wrap=not free,
            overflow="ellipsis" if free else "fold",
        )
    for row in rows:
        drawn.add_row(*(value if isinstance(value, Text) else Text(shown(value)) for value in row))
    return drawn


def fields(rows: Iterable[tuple[str, Any]]) -> Table:
    """Names and values, without those that are empty."""
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in rows:
        if value not in (None, "", (), []):
            said = value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
            drawn.add_row(name, Text(printable(said)))
    return drawn


def shown(value: object) -> str:
    """A value as it stands in a table: numbers grouped, nothing as a dash, text escaped."""
    if value is None:
        return "–"  # noqa: RUF001 - an en dash stands for none
    if isinstance(value, int):
        return f"{value:,}"
    return printable(str(value))


def counted(count: int, thing: str) -> str:
    """`1 page`, `2,000 pages`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Seconds as a person says them: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
    if seconds < 10:  # noqa: PLR2004 - below ten the tenths tell something
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, smaller, name in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {name}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def size(count: int) -> str:
    """Bytes as a person says them: 512 B, 3.4 kB, 12 MB."""
    number = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1_000:  # noqa: PLR2004 - SI
            return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"  # noqa: PLR2004
        number /= 1_000
    return f"{number:.1f} TB"


def print_json(value: Any) -> None:
    """One JSON document on standard output, indented on a terminal, ASCII throughout: nothing in it is a control."""
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(value, indent=indent) + "\n")
