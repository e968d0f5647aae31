"""Which passages of a text are left after rules took lines out of it."""

from collections.abc import Sequence

import msgspec

from pipeline.blocks.passages import Passage
from pipeline.blocks.text import marked_lines
from pipeline.clean import tidy
from pipeline.measure import key_of


def surviving(passages: Sequence[Passage], text: str) -> list[Passage]:
    """The passages of which `text` still has lines, with those lines.

    `text` is what `render_passages` made of them, tidied, less whole lines.
    """
    keys = [_keys(passage) for passage in passages]
    kept = iter(_align([key for some in keys for key in some], [key_of(line) for line in text.split("\n") if line]))
    rest: list[Passage] = []
    for passage, of_lines in zip(passages, keys, strict=True):
        stays = [next(kept) for _ in of_lines]
        if not any(stay for stay, key in zip(stays, of_lines, strict=True) if key):
            continue
        lines = tuple(line for line, stay in zip(passage.lines, stays, strict=True) if stay)
        rest.append(passage if all(stays) else msgspec.structs.replace(passage, lines=lines))
    return rest


def _keys(passage: Passage) -> list[str]:
    """What each line is known by: as it stands in the text, less blanks; "" of an empty one: it is not looked for."""
    return [key_of(tidy(line)) for line in marked_lines(passage)]


def _align(lines: Sequence[str], left: Sequence[str]) -> list[bool]:
    """Which of `lines` are `left`, a subsequence of them; matched from the end, since rules cut most at the top."""
    kept = [not line for line in lines]
    wanted = len(left) - 1
    for place in range(len(lines) - 1, -1, -1):
        if wanted >= 0 and lines[place] and lines[place] == left[wanted]:
            kept[place] = True
            wanted -= 1
    return kept
