"""What becomes of an extractor's text: tidied, its repeats, furniture and masthead taken out, rule by rule."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from pipeline.blocks.passages import Passage
from pipeline.blocks.surviving import surviving
from pipeline.clean import tidy
from pipeline.flattened.furniture import drop_furniture
from pipeline.flattened.repeats import drop_repeats
from pipeline.masthead import drop_masthead

Rule = Literal["repeats", "furniture", "masthead"]


class Step(NamedTuple):
    """A rule, the text that it left, and how many characters it took."""

    rule: Rule
    text: str
    taken: int


def follow(passages: Sequence[Passage], steps: Sequence[Step]) -> Iterator[tuple[Step, Sequence[Passage]]]:
    """What each step left of the passages that the text was made of."""
    for step in steps:
        passages = surviving(passages, step.text, from_end=step.rule == "masthead")
        yield step, passages


def polish(text: str, title: str | None) -> tuple[Step, ...]:
    """What each rule leaves of `text`, in their order; the last one's is the record's."""
    once, repeats = drop_repeats(tidy(text))
    bare, furniture = drop_furniture(once)
    body, masthead = drop_masthead(bare, title)
    return Step("repeats", once, repeats), Step("furniture", bare, furniture), Step("masthead", body, masthead)
