"""Chosen blocks as passages: paragraphs, headings, items, rows and code, each with what stands around it."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from pipeline.blocks.read import Blocks

Shape = Literal["paragraph", "heading", "item", "row", "code"]

_LISTS = frozenset({"ul", "ol", "dl", "menu"})
_ITEMS = frozenset({"li", "dt", "dd"})
_CELLS = frozenset({"td", "th"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_FRAMING = frozenset({*_LISTS, *_ITEMS, *_CELLS, *_HEADINGS, "table", "tr", "blockquote", "pre"})
_MOST_IN_CELL = 2  # blocks on average: cells that hold more lay a page out, and are no table
_DEEPEST = 8  # lists, and quotations, in one another that are told apart: each of their lines bears its depth
_LANGUAGE = re.compile(r"(?:lang(?:uage)?|highlight-source|brush:)[-_ ]?([a-z0-9+#]{1,20})")
_MOST_CLASS = 200  # characters


class Frame(msgspec.Struct, frozen=True):
    """What stands around a block: places of elements, 0 is none.

    `list`: the outermost list, `depth`: how many lists, `number`: of the item in an ordered list. `heading`: 1 to 6.
    `quoted`: how many quotations. `code`: inside `pre`.
    """

    item: int = 0
    list: int = 0
    depth: int = 0
    number: int = 0
    cell: int = 0
    row: int = 0
    table: int = 0
    heading: int = 0
    quoted: int = 0
    code: int = 0


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on lines of its own. `blocks`: their places. `lines`: its text; of a row one line with all cells.

    `continues`: a later block of the same item. `language`: of code, as its class says.
    """

    blocks: tuple[int, ...]
    lines: tuple[str, ...]
    shape: Shape
    frame: Frame
    cells: tuple[str, ...] = ()
    continues: bool = False
    language: str = ""


_NO_FRAME = Frame()


def read_passages(blocks: Blocks, kept: Iterable[int]) -> list[Passage]:
    """The passages of the blocks `kept`, places in ascending order."""
    kept = list(kept)
    frames = _frames(blocks, 1 + max((blocks.holders[place] for place in kept), default=-1))
    passages: list[Passage] = []
    before = _NO_FRAME
    for place in kept:
        frame = frames[blocks.holders[place]]
        text = blocks.texts[place]
        if frame.row:
            text = text.replace("\n", " ")
            if frame.row == before.row and passages:
                passages[-1] = _widened(passages[-1], place, text, same_cell=frame.cell == before.cell)
                before = frame
                continue
        passages.append(_passage(blocks, place, text, frame=frame, before=before))
        before = frame
    return passages


def _passage(blocks: Blocks, place: int, text: str, *, frame: Frame, before: Frame) -> Passage:
    if frame.row:
        return Passage(blocks=(place,), lines=(text,), shape="row", frame=frame, cells=(text,))
    continues = bool(frame.item) and frame.item == before.item
    shape: Shape = "item" if frame.item else "paragraph"
    if frame.code:
        shape = "code"
    elif frame.heading and not frame.item:
        shape = "heading"
    return Passage(
        blocks=(place,),
        lines=tuple(text.split("\n")),
        shape=shape,
        frame=frame,
        continues=continues,
        language=_language(blocks, frame.code) if frame.code else "",
    )


def _widened(row: Passage, place: int, text: str, *, same_cell: bool) -> Passage:
    """A row with one more block, in its last cell or in a new one."""
    cells = (*row.cells[:-1], f"{row.cells[-1]} {text}") if same_cell else (*row.cells, text)
    return Passage(blocks=(*row.blocks, place), lines=(" | ".join(cells),), shape="row", frame=row.frame, cells=cells)


def _frames(blocks: Blocks, count: int) -> list[Frame]:
    """What stands around the blocks of the first `count` elements."""
    frames: list[Frame] = []
    tags = [element.tag for element in blocks.elements]
    tabular = _tabular(blocks, tags)
    numbers: dict[int, int] = {}
    for place, tag in enumerate(tags[:count]):
        parent = blocks.parents[place]
        around = frames[parent] if place else _NO_FRAME
        if place and tag in _FRAMING:
            if tag == "li" and tags[parent] == "ol":
                numbers[parent] = numbers.get(parent, 0) + 1
            around = _framed(around, place, tag, number=numbers.get(parent, 0), is_row=place in tabular)
        frames.append(around)
    return frames


def _framed(around: Frame, place: int, tag: str, *, number: int, is_row: bool) -> Frame:
    change = msgspec.structs.replace
    if tag in _LISTS:
        return change(around, list=around.list or place, depth=min(around.depth + 1, _DEEPEST), number=0)
    if tag in _ITEMS:
        return change(around, list=around.list or place, item=place, number=number)
    if tag in _HEADINGS:
        return change(around, heading=_HEADINGS[tag])
    if tag == "blockquote":
        return change(around, quoted=min(around.quoted + 1, _DEEPEST))
    if tag == "pre":
        return change(around, code=place)
    if tag == "table":  # a list or an item around a table is the table's, and not its cells'
        return Frame(table=place, quoted=around.quoted)
    if tag == "tr":
        return Frame(table=around.table, row=place * is_row, quoted=around.quoted)
    return Frame(table=around.table, row=around.row, cell=place, quoted=around.quoted)


def _tabular(blocks: Blocks, tags: Sequence[str]) -> set[int]:
    """The rows of two cells and more that hold little each."""
    cells: dict[int, int] = {}
    for place, tag in enumerate(tags):
        if tag in _CELLS:
            row = blocks.parents[place]
            cells[row] = cells.get(row, 0) + 1
    held = {row: blocks.lasts[row] - blocks.firsts[row] for row in cells}
    return {row for row, count in cells.items() if count > 1 and held[row] <= _MOST_IN_CELL * count}


def _language(blocks: Blocks, place: int) -> str:
    """The language of code, as the class of its `pre` or of the `code` in it says; "" where neither does."""
    element = blocks.elements[place]
    for holder in (element, *element[:1]):
        if found := _LANGUAGE.search((holder.get("class") or "")[:_MOST_CLASS].lower()):
            return found[1]
    return ""
