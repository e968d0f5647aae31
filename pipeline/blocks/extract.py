"""The main text of a page by a learned choice among its blocks."""

from collections.abc import Sequence

import msgspec
import numpy as np
from lxml.html import HtmlElement

from pipeline.blocks.choice import choose
from pipeline.blocks.inputs import Floats, Seen, read_inputs
from pipeline.blocks.net import probabilities
from pipeline.blocks.passages import Passage, read_passages
from pipeline.blocks.read import Blocks, read_blocks
from pipeline.blocks.text import render_passages
from pipeline.blocks.weights import load_weights


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The text of the blocks taken. `confidence`: the F1 that is expected of it, 0 to 1, None where there is none.

    `passages`: what the text was made of; none where the extractor knows of no structure.
    """

    text: str = ""
    confidence: float | None = None
    passages: Sequence[Passage] = ()


class Judged(msgspec.Struct, frozen=True):
    """The blocks of a page, how likely each is main text, the places of those to keep, and the F1 expected of them."""

    blocks: Blocks
    chances: Floats
    kept: Sequence[int]
    confidence: float


def extract_blocks(tree: HtmlElement, seen: Seen | None = None) -> Chosen:
    """The main text of `tree`, which is left as it is; "" where it has no words, or more blocks than are read.

    The same on every machine. `seen`: what is known of the site; without it the page stands alone.
    """
    judged = judge_blocks(tree, seen)
    if judged is None:
        return Chosen()
    passages = read_passages(judged.blocks, judged.kept)
    return Chosen(text=render_passages(passages), confidence=judged.confidence, passages=passages)


def judge_blocks(tree: HtmlElement, seen: Seen | None = None) -> Judged | None:
    """All blocks of `tree`, judged; None where it has no words, or more blocks than are read."""
    blocks = read_blocks(tree)
    if not blocks.texts or blocks.cut:
        return None
    vocabularies, weights = load_weights()
    inputs = read_inputs(blocks, tree, vocabularies, seen)
    chances = probabilities(inputs, weights)
    kept, confidence = choose(chances, inputs.sizes)
    return Judged(blocks, chances, np.flatnonzero(kept).tolist(), round(confidence, 4))
