"""Dead letters for people."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pagemill.limits import Limits
from workers.cli.render import fields, size, table
from workers.printable import printable, printable_block, shortened
from workers.store.contract import DeadLetter
from workers.store.letters import body_of

_MOST_SHOWN = 20_000  # characters of a body


def dead_table(letters: Sequence[DeadLetter]) -> Table:
    """A line each."""
    rows = [
        (letter.letter, f"{letter.at:%Y-%m-%d %H:%M}", letter.reason, size(letter.size), letter.url or letter.id)
        for letter in letters
    ]
    return table(("id", "at (UTC)", "reason", "size", "url"), rows, last=True)


def dead_page(letter: DeadLetter, limits: Limits) -> RenderableType:
    """Why it died, its fields, and its body, escaped."""
    return Group(*_parts(letter, limits))


def _parts(letter: DeadLetter, limits: Limits) -> Iterator[RenderableType]:
    yield Text(printable(letter.url or letter.id or letter.letter), style="bold")
    yield Text(f"dead: {printable(letter.reason)}", style="red")
    yield fields(
        [
            ("letter", letter.letter),
            ("at", letter.at),
            ("queue", letter.queue),
            ("id", letter.id),
            ("size", size(letter.size)),
            *(
                (printable(name.decode("utf-8", "backslashreplace")), shortened(_text(value), 500))
                for name, value in letter.fields.items()
                if name not in (b"body", b"id", b"url")
            ),
        ]
    )
    if letter.detail:
        yield Text(f"\n{printable_block(letter.detail)}")
    body = _text(body_of(letter, limits))
    yield Text(f"\n{printable_block(body[:_MOST_SHOWN])}")
    if len(body) > _MOST_SHOWN:
        yield Text(f"... {len(body) - _MOST_SHOWN:,} characters more: --body FILE writes them all", style="dim")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
