"""The parts of a page with what became of each: blocks of an HTML page, lines of a flattened one."""

from collections.abc import Mapping, Sequence

from lxml.html import HtmlElement

from pipeline.blocks.extract import Judged
from pipeline.blocks.inputs import Seen
from pipeline.blocks.passages import Passage, read_passages
from pipeline.blocks.read import Blocks
from pipeline.clean import tidy
from pipeline.explain.explanation import Fate, Part
from pipeline.flattened.extract import Traced
from pipeline.measure import key_of
from pipeline.polish import Step, follow
from pipeline.sameness.fingerprint import normalise_text

_LEVELS = 3  # elements of a place
_MOST_NAME = 30  # characters of a class
_LEAST_QUOTED = 20  # characters from which a block is looked for inside a line


def judged_parts(judged: Judged, steps: Sequence[Step], seen: Seen | None) -> tuple[Part, ...]:
    """The blocks of a page whose text `blocks` chose; `steps` is what the rules left of that text."""
    blocks = judged.blocks
    passages: Sequence[Passage] = read_passages(blocks, judged.kept)
    fates: dict[int, Fate] = dict.fromkeys(judged.likely, "unwanted")
    for step, left in follow(passages, steps):
        gone = {place for passage in passages for place in passage.blocks}
        gone -= {place for passage in left for place in passage.blocks}
        fates |= dict.fromkeys(gone, step.rule)
        passages = left
    fates |= {place: "kept" for passage in passages for place in passage.blocks}
    return _parts(blocks, fates, judged.chances.tolist(), seen)


def matched_parts(blocks: Blocks, text: str, steps: Sequence[Step], seen: Seen | None) -> tuple[Part, ...]:
    """The blocks of a page whose extractor does not tell which it took: found in its `text` by their words."""
    texts = [text, *(step.text for step in steps)]
    known = [_Known(one) for one in texts]
    rules: list[Fate] = ["unlikely", *(step.rule for step in steps)]
    fates: dict[int, Fate] = {}
    for place, said in enumerate(blocks.texts):
        key = normalise_text(said)
        fates[place] = next((rule for rule, one in zip(rules, known, strict=True) if not one.holds(key)), "kept")
    return _parts(blocks, fates, None, seen)


class _Known:
    """The lines of a text, and all of it in one."""

    def __init__(self, text: str) -> None:
        self.lines = frozenset(map(normalise_text, text.split("\n")))
        self.whole = f" {normalise_text(text)} "

    def holds(self, key: str) -> bool:
        return key in self.lines or (len(key) >= _LEAST_QUOTED and f" {key} " in self.whole)


def _parts(
    blocks: Blocks, fates: Mapping[int, Fate], chances: Sequence[float] | None, seen: Seen | None
) -> tuple[Part, ...]:
    times: Sequence[int | None] = seen(blocks.texts)[0] if seen else [None] * len(blocks.texts)
    return tuple(
        Part(
            text=tidy(text),
            fate=fates.get(place, "unlikely"),
            place=_place(blocks, blocks.holders[place]),
            chance=round(chances[place], 4) if chances is not None else None,
            seen=times[place],
            words=len(text.split()),
        )
        for place, text in enumerate(blocks.texts)
    )


def _place(blocks: Blocks, element: int) -> str:
    names: list[str] = []
    while element and len(names) < _LEVELS:
        names.append(_name(blocks.elements[element]))
        element = blocks.parents[element]
    return " > ".join(reversed(names))


def _name(element: HtmlElement) -> str:
    classes = (element.get("class") or "")[: 4 * _MOST_NAME].split()
    return f"{element.tag}.{classes[0][:_MOST_NAME]}" if classes else str(element.tag)[:_MOST_NAME]


def flattened_parts(traced: Traced, seen: Seen | None) -> tuple[Part, ...]:
    """The lines of a page that came as text."""
    fates: dict[int, Fate] = dict.fromkeys(traced.titles, "title")
    fates |= dict.fromkeys(traced.chosen, "repeats")
    fates |= dict.fromkeys(traced.once, "apart")
    left = {key_of(line) for line in traced.flattened.text.split("\n")}
    fates |= {place: "kept" if key_of(traced.lines[place]) in left else "furniture" for place in traced.article}
    times: Sequence[int | None] = seen(traced.lines)[0] if seen else [None] * len(traced.lines)
    return tuple(
        Part(
            text=line,
            fate=fates.get(place, "unlikely"),
            chance=round(traced.chances[place], 4),
            seen=times[place],
            words=len(line.split()),
        )
        for place, line in enumerate(traced.lines)
    )
