"""The main text of a page by a learned choice among its blocks."""

import msgspec
import numpy as np
from lxml.html import HtmlElement

from pipeline.blocks.choice import choose
from pipeline.blocks.inputs import Seen, read_inputs
from pipeline.blocks.net import probabilities
from pipeline.blocks.read import read_blocks
from pipeline.blocks.text import render_blocks
from pipeline.blocks.weights import load_weights


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The text of the blocks taken. `confidence`: the F1 that is expected of it, 0 to 1, None where there is none."""

    text: str = ""
    confidence: float | None = None


def extract_blocks(tree: HtmlElement, seen: Seen | None = None) -> Chosen:
    """The main text of `tree`, which is left as it is; "" where it has no words. The same on every machine.

    `seen`: what is known of the site; without it the page stands alone.
    """
    blocks = read_blocks(tree)
    if not blocks.texts:
        return Chosen()
    vocabularies, weights = load_weights()
    inputs = read_inputs(blocks, tree, vocabularies, seen)
    kept, confidence = choose(probabilities(inputs, weights), inputs.sizes)
    return Chosen(text=render_blocks(blocks, np.flatnonzero(kept).tolist()), confidence=round(confidence, 4))
