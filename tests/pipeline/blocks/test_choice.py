"""Which blocks are taken."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks.choice import choose

BLOCKS = st.lists(st.tuples(st.floats(0, 1, width=16), st.integers(1, 50)), min_size=1, max_size=7)


def expected(likely, sizes, kept):
    hits = likely * sizes
    return 2 * hits[kept].sum() / (sizes[kept].sum() + hits.sum())


@given(BLOCKS)
def test_no_other_choice_is_expected_to_score_better(blocks):
    """Taking the likeliest while it pays is as good as the best of all choices."""
    likely, sizes = (np.asarray(column, dtype=np.float64) for column in zip(*blocks, strict=True))
    kept, score = choose(likely, sizes)
    every = range(len(blocks))
    best = max(
        expected(likely, sizes, list(some)) for n in range(1, len(blocks) + 1) for some in combinations(every, n)
    )
    assert score == pytest.approx(best)
    assert score == pytest.approx(expected(likely, sizes, kept))


def test_sure_blocks_are_taken_and_sure_furniture_is_not():
    """With certain probabilities the choice is exact, and its score is 1."""
    kept, score = choose(np.array([0.0, 1.0, 1.0, 0.0]), np.array([5.0, 50.0, 40.0, 7.0]))
    assert kept.tolist() == [False, True, True, False]
    assert score == 1.0
