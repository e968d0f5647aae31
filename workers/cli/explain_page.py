"""`explain` for people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from workers.printable import printable, printable_block


def verdict(outcome: str, url: str, reason: str = "", detail: str = "") -> Text:
    """The first lines: what became of the page."""
    line = Text(printable(url), style="bold")
    line.append(f"\n{outcome}", style="green" if not reason else "yellow")
    if reason:
        line.append(f": {reason}", style="yellow")
    if detail:
        line.append(f" ({printable(detail)})")
    return line


def fields(rows: Iterable[tuple[str, Any]]) -> Table:
    """Names and values, without those that are empty."""
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(style="dim", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in rows:
        if value not in (None, "", (), []):
            drawn.add_row(name, Text(_said(value)))
    return drawn


def text(content: str) -> Text:
    """The text, in which only its line feeds move the cursor."""
    return Text(printable_block(content))


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple):
        return printable(", ".join(map(str, value)))
    return printable(str(value))
