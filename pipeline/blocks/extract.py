"""The main text of a page by a learned choice among its blocks."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from lxml.html import HtmlElement

from pipeline.blocks.choice import DOUBTED, choose, without_repeats
from pipeline.blocks.inputs import Floats, Seen, read_inputs
from pipeline.blocks.net import probabilities
from pipeline.blocks.passages import Passage, read_passages
from pipeline.blocks.read import Blocks, read_blocks
from pipeline.blocks.roles import follow_wishes, wishes_of
from pipeline.blocks.text import render_passages
from pipeline.blocks.weights import load_weights
from pipeline.options import DEFAULT_OPTIONS, Options


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The text of the blocks taken. `confidence`: the F1 that is expected of it, 0 to 1, None where there is none.

    `passages`: what the text was made of; none where the extractor knows of no structure.
    """

    text: str = ""
    confidence: float | None = None
    passages: Sequence[Passage] = ()


class Judged(msgspec.Struct, frozen=True):
    """The blocks of a page, how likely each is main text, the places of those to keep, and the F1 expected of them.

    `likely`: the places of those that were chosen before wishes for captions and the like were followed.
    """

    blocks: Blocks
    chances: Floats
    likely: Sequence[int]
    kept: Sequence[int]
    confidence: float


def extract_blocks(tree: HtmlElement, seen: Seen | None = None, options: Options = DEFAULT_OPTIONS) -> Chosen:
    """The main text of `tree`, which is left as it is; "" where it has no words, or more blocks than are read.

    The same on every machine. `seen`: what is known of the site; without it the page stands alone. `options`: of them
    captions, footnotes and comments.
    """
    judged = judge_blocks(tree, seen, options)
    if judged is None:
        return Chosen()
    passages = read_passages(judged.blocks, judged.kept)
    return Chosen(text=render_passages(passages), confidence=judged.confidence, passages=passages)


def judge_blocks(tree: HtmlElement, seen: Seen | None = None, options: Options = DEFAULT_OPTIONS) -> Judged | None:
    """All blocks of `tree`, judged; None where it has no words, or more blocks than are read."""
    blocks = read_blocks(tree)
    if not blocks.texts or blocks.cut:
        return None
    vocabularies, weights = load_weights()
    inputs = read_inputs(blocks, tree, vocabularies, seen)
    chances = without_repeats(probabilities(inputs, weights), inputs.site)
    chosen, confidence = choose(chances, inputs.sizes, DOUBTED)
    likely = np.flatnonzero(chosen).tolist()
    kept = follow_wishes(blocks, likely, wishes_of(options))
    # In doubt all is expected to be worse than it is; of 2,787 pages the square root is what was reached.
    return Judged(blocks, chances, likely, kept, round(math.sqrt(confidence), 4))
