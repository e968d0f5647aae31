"""Passages as text that reads: paragraphs apart, lists and tables in lines, code as it stands."""

from collections.abc import Sequence

from pipeline.blocks.passages import Frame, Passage


def render_passages(passages: Sequence[Passage]) -> str:
    """A blank line between passages, `- ` before the items of a list, ` | ` between the cells of a row."""
    text: list[str] = []
    before = Frame()
    for passage in passages:
        text += [gap(before, passage.frame) if text else "", "\n".join(marked_lines(passage))]
        before = passage.frame
    return "".join(text)


def marked_lines(passage: Passage) -> list[str]:
    """The lines of a passage as they stand in the text, with the mark of an item and what it is indented by."""
    frame = passage.frame
    if not frame.item or frame.row:
        return list(passage.lines)
    indent = "  " * max(frame.depth - 1, 0) + ("  " if passage.continues else "- ")
    rest = "  " * max(frame.depth, 1)
    return [indent + passage.lines[0], *(rest + line for line in passage.lines[1:])]


def gap(before: Frame, frame: Frame) -> str:
    """What stands between two passages: rows of a table and items of a list follow each other line by line."""
    if frame.row and before.row and frame.table == before.table:
        return "\n"
    return "\n" if frame.item and before.item and frame.list == before.list else "\n\n"
