"""Passages as Markdown (CommonMark, with GitHub's tables): headings, lists, quotes, tables and code keep their shape.

All that a page says is text: what would be markup in it is escaped, and no HTML gets through.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from pipeline.blocks.passages import Passage

_INDENT = 4  # blanks a level: inside the item above, whether that has a dash or a number
_MARKUP = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w{1,32};)")
_OPENING = re.compile(r"(?:#{1,6}|[-+>]|\d{1,9}[.)])(?=\s|$)|=+\s*$|-{2,}\s*$|>")
_ITEM = re.compile("( *)- (?=.)")
_TICKS = re.compile("`+")


def render_markdown(passages: Sequence[Passage]) -> str:
    """The passages in their order, as one document that ends without a line feed."""
    text: list[str] = []
    before: Passage | None = None
    for _, group in groupby(enumerate(passages), key=_of_table):
        pieces = [passage for _, passage in group]
        lines = _table(pieces) if pieces[0].frame.row else _lines(pieces[0])
        if before is not None and not _follows(before, pieces[0]):
            text.append(("> " * min(before.frame.quoted, pieces[0].frame.quoted)).rstrip(" "))
        quote = "> " * pieces[0].frame.quoted
        text += [quote + line if line else quote.rstrip(" ") for line in lines]
        before = pieces[-1]
    return "\n".join(text)


def text_as_markdown(text: str) -> str:
    """A text of `render_passages`' kind, whose passages are not known: its paragraphs, lines and items."""
    lines = text.split("\n")
    written = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        item = _ITEM.match(line)
        words = escape(line[item.end() :].strip() if item else line.strip())
        goes_on = bool(words) and bool(after) and not _ITEM.match(after)
        indent = " " * _INDENT * (len(item[1]) // 2) + "- " if item else ""
        written.append(indent + words + "\\" * goes_on)
    return "\n".join(written)


def escape(line: str) -> str:
    """`line` as Markdown that shows it as it is."""
    return _escape_opening(_MARKUP.sub(r"\\\g<0>", line))


def _escape_opening(line: str) -> str:
    """What would make a heading, an item, a quotation or a rule of a line does so no more."""
    found = _OPENING.match(line)
    if found is None:
        return line
    at = found.end() - 1 if found[0][0].isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


def _of_table(numbered: tuple[int, Passage]) -> tuple[int, int]:
    """Rows of one table go together; every other passage stands for itself."""
    number, passage = numbered
    return (passage.frame.table, 0) if passage.frame.row else (0, number + 1)


def _follows(before: Passage, passage: Passage) -> bool:
    """Whether no empty line parts the two: items of one list, each in one piece."""
    same_list = bool(passage.frame.item and before.frame.item) and before.frame.list == passage.frame.list
    return same_list and not passage.continues and "code" not in (before.shape, passage.shape)


def _lines(passage: Passage) -> list[str]:
    if passage.shape == "code":
        lines = _code(passage)
    elif passage.shape == "heading":
        lines = [f"{'#' * passage.frame.heading} {' '.join(map(escape, passage.lines))}"]
    else:
        lines = [f"{escape(line)}\\" for line in passage.lines[:-1]] + [escape(passage.lines[-1])]
    return _in_item(passage, lines) if passage.frame.item else lines


def _in_item(passage: Passage, lines: Sequence[str]) -> list[str]:
    """The lines of an item, its first one with the mark."""
    indent = " " * _INDENT * max(passage.frame.depth - 1, 0)
    rest = indent + " " * _INDENT
    mark = f"{passage.frame.number}. " if passage.frame.number else "- "
    first = rest + lines[0] if passage.continues else indent + mark + lines[0]
    return [first, *(rest + line if line else "" for line in lines[1:])]


def _code(passage: Passage) -> list[str]:
    """The lines as they stand, between fences that are longer than any run of backticks in them."""
    longest = max((len(run) for line in passage.lines for run in _TICKS.findall(line)), default=0)
    fence = "`" * max(longest + 1, len("```"))
    return [f"{fence}{passage.language}", *passage.lines, fence]


def _table(rows: Sequence[Passage]) -> list[str]:
    """The rows, of which the first is the head: Markdown knows no table without one."""
    width = max(len(row.cells) for row in rows)
    lines = [_row([escape(cell).replace("|", "\\|") for cell in row.cells], width) for row in rows]
    return [lines[0], _row(["---"] * width, width), *lines[1:]]


def _row(cells: Sequence[str], width: int) -> str:
    return f"| {' | '.join([*cells, *[''] * (width - len(cells))])} |"
