"""Pages with parts left out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks.read import Blocks, read_blocks
from pipeline.markup.parse import parse
from training.parts import draw_parts, without

PAGE = (
    "<body><header><ul><li><a href=x>Home page</a></li><li>About us</li></ul><img src=x></header><main><h1>Corn</h1>"
    "<div><p>The miller grinds.<p>He asks nobody.</div>loose text<table><tr><td>one<td>two</table></main>"
    "<footer><p>All rights<p>reserved</footer></body>"
)


def blocks_of(markup: str) -> Blocks:
    parsed = parse(markup)
    assert parsed is not None
    return read_blocks(parsed.tree)


WHOLE = blocks_of(PAGE)
COUNT = len(WHOLE.texts)


def outline(blocks: Blocks) -> list[tuple[str, str, int, int]]:
    parents = [blocks.elements[place] for place in blocks.parents]
    return [
        (element.tag, parent.tag, first, last)
        for element, parent, first, last in zip(blocks.elements, parents, blocks.firsts, blocks.lasts, strict=True)
    ]


def test_a_page_with_nothing_left_out_is_the_page():
    """Every column is as it was."""
    left = without(WHOLE, np.ones(COUNT, dtype=np.bool_))
    assert vars(left) == vars(WHOLE)


@given(st.lists(st.booleans(), min_size=COUNT, max_size=COUNT).filter(any))
def test_what_is_left_is_read_as_if_the_rest_had_never_been(kept):
    """The blocks that stay, their elements and spans are those of the page without the texts of the others."""
    left = without(WHOLE, np.array(kept))
    assert left.texts == [text for text, stays in zip(WHOLE.texts, kept, strict=True) if stays]
    shorter = PAGE
    for text, stays in zip(WHOLE.texts, kept, strict=True):
        shorter = shorter if stays else shorter.replace(text, "", 1)
    assert outline(left) == outline(blocks_of(shorter))


@given(st.integers(0, 2**32))
def test_something_of_the_main_text_always_stays(seed):
    """However much is left out: a third of it, about, and five blocks."""
    shares = np.array([0.0] * 2 + [1.0] * (COUNT - 4) + [0.0] * 2)
    kept = draw_parts(WHOLE, shares, np.random.default_rng(seed))
    assert kept.sum() >= 5
    assert kept[2:-2].sum() >= 0.3 * (COUNT - 4)
