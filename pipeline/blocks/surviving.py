"""Which passages of a text are left after rules took lines out of it."""

from collections.abc import Sequence

import msgspec

from pipeline.blocks.passages import Passage
from pipeline.blocks.text import marked_lines
from pipeline.clean import tidy


def surviving(passages: Sequence[Passage], text: str, *, from_end: bool = False) -> list[Passage]:
    """The passages of which `text` still has lines, with those lines.

    `text` is what `render_passages` made of them, tidied, less whole lines. Of two lines that are equal the first is
    taken to have stayed; `from_end`: the last.
    """
    keys = [_keys(passage) for passage in passages]
    lines, left = [key for some in keys for key in some], [line.strip() for line in text.split("\n") if line]
    kept = iter(_align(lines[::-1], left[::-1])[::-1] if from_end else _align(lines, left))
    rest: list[Passage] = []
    for passage, of_lines in zip(passages, keys, strict=True):
        stays = [next(kept) for _ in of_lines]
        if not any(stay for stay, key in zip(stays, of_lines, strict=True) if key):
            continue
        stayed = tuple(line for line, stay in zip(passage.lines, stays, strict=True) if stay)
        rest.append(passage if all(stays) else msgspec.structs.replace(passage, lines=stayed))
    return rest


def _keys(passage: Passage) -> list[str]:
    """What each line is known by: as it stands in the text; "" of an empty one: it is not looked for."""
    return [(line if line.isascii() and line.isprintable() else tidy(line)).strip() for line in marked_lines(passage)]


def _align(lines: Sequence[str], left: Sequence[str]) -> list[bool]:
    """Which of `lines` are `left`, a subsequence of them; what is empty is not looked for, and stays."""
    kept = [not line for line in lines]
    wanted = 0
    for place, line in enumerate(lines):
        if wanted < len(left) and line and line == left[wanted]:
            kept[place] = True
            wanted += 1
    return kept
