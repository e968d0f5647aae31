"""Chosen blocks as text that reads: paragraphs apart, lists and tables in lines, code as it stands."""

from collections.abc import Iterable, Sequence

from pipeline.blocks.read import Blocks

_LISTS = frozenset({"ul", "ol", "dl", "menu"})
_ITEMS = frozenset({"li", "dt", "dd"})
_CELLS = frozenset({"td", "th"})
_MOST_IN_CELL = 2  # blocks on average: cells that hold more lay a page out, and are no table


def render_blocks(blocks: Blocks, kept: Iterable[int]) -> str:
    """The text of the blocks `kept`, places in ascending order.

    A blank line between blocks, `- ` before the items of a list, ` | ` between the cells of a row.
    """
    frames = _frames(blocks)
    text: list[str] = []
    before = _Frame()
    for place in kept:
        frame = frames[blocks.holders[place]]
        text += [_gap(before, frame) if text else "", _mark(before, frame), _indented(blocks.texts[place], frame)]
        before = frame
    return "".join(text)


class _Frame:
    """What stands around a block: places of the item, its outermost list, the cell, row and table; 0 is none."""

    __slots__ = ("cell", "depth", "item", "list", "row", "table")

    def __init__(self) -> None:
        self.item = self.list = self.depth = self.cell = self.row = self.table = 0


def _frames(blocks: Blocks) -> list[_Frame]:
    frames: list[_Frame] = []
    tags = [element.tag for element in blocks.elements]
    tabular = _tabular(blocks, tags)
    for place, tag in enumerate(tags):
        around = frames[blocks.parents[place]] if place else _Frame()
        if place and (tag in _LISTS or tag in _ITEMS or tag == "table" or tag in _CELLS or tag == "tr"):
            around = _framed(around, place, tag, is_row=place in tabular)
        frames.append(around)
    return frames


def _framed(around: _Frame, place: int, tag: str, *, is_row: bool) -> _Frame:
    frame = _Frame()
    if tag in _LISTS or tag in _ITEMS:
        frame.list, frame.depth, frame.item = around.list or place, around.depth + (tag in _LISTS), around.item
        frame.cell, frame.row, frame.table = around.cell, around.row, around.table
        if tag in _ITEMS:
            frame.item = place
    elif tag == "table":
        frame.table = place
    elif tag == "tr":
        frame.table, frame.row = around.table, place * is_row
    else:
        frame.table, frame.row, frame.cell = around.table, around.row, place
    return frame


def _tabular(blocks: Blocks, tags: Sequence[str]) -> set[int]:
    """The rows of two cells and more that hold little each."""
    cells: dict[int, int] = {}
    for place, tag in enumerate(tags):
        if tag in _CELLS:
            row = blocks.parents[place]
            cells[row] = cells.get(row, 0) + 1
    held = {row: blocks.lasts[row] - blocks.firsts[row] for row in cells}
    return {row for row, count in cells.items() if count > 1 and held[row] <= _MOST_IN_CELL * count}


def _gap(before: _Frame, frame: _Frame) -> str:
    if frame.row and frame.row == before.row:
        return " " if frame.cell == before.cell else " | "
    if frame.row and before.row and frame.table == before.table:
        return "\n"
    return "\n" if frame.item and before.item and frame.list == before.list else "\n\n"


def _mark(before: _Frame, frame: _Frame) -> str:
    if not frame.item or frame.row:
        return ""
    indent = "  " * max(frame.depth - 1, 0)
    return indent + ("  " if frame.item == before.item else "- ")


def _indented(text: str, frame: _Frame) -> str:
    if frame.row:
        return text.replace("\n", " ")
    return text.replace("\n", "\n" + "  " * max(frame.depth, 1)) if frame.item else text
