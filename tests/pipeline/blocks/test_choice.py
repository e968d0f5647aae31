"""Which blocks are taken."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks.choice import AS_JUDGED, DOUBTED, choose, without_repeats
from pipeline.blocks.features import site_features

BLOCKS = st.lists(st.tuples(st.floats(0, 1, width=16), st.integers(1, 50)), min_size=1, max_size=7)


def expected(likely, sizes, kept, cases=AS_JUDGED):
    score = 0.0
    for odds, share in cases:
        hits = likely * odds / (1 - likely + likely * odds) * sizes
        score += share * 2 * hits[kept].sum() / max(sizes[kept].sum() + hits.sum(), 1e-9)
    return score


@given(BLOCKS)
def test_no_other_choice_is_expected_to_score_better(blocks):
    """Taking the likeliest while it pays is as good as the best of all choices."""
    likely, sizes = (np.asarray(column, dtype=np.float64) for column in zip(*blocks, strict=True))
    kept, score = choose(likely, sizes)
    every = range(len(blocks))
    best = max(
        expected(likely, sizes, list(some)) for n in range(1, len(blocks) + 1) for some in combinations(every, n)
    )
    assert score == pytest.approx(best, abs=1e-4)
    assert score == pytest.approx(expected(likely, sizes, kept), abs=1e-4)


@given(BLOCKS)
def test_in_doubt_no_other_number_of_the_likeliest_is_expected_to_score_better(blocks):
    """Over several cases, of all that could be taken beginning with the likeliest, the best on their mean is."""
    likely, sizes = (np.asarray(column, dtype=np.float64) for column in zip(*blocks, strict=True))
    kept, score = choose(likely, sizes, DOUBTED)
    order = np.argsort(-likely, kind="stable")
    best = max(expected(likely, sizes, order[:n], DOUBTED) for n in range(1, len(blocks) + 1))
    assert score == pytest.approx(best, abs=1e-4)
    assert score == pytest.approx(expected(likely, sizes, kept, DOUBTED), abs=1e-4)


@pytest.mark.parametrize("cases", [AS_JUDGED, DOUBTED])
def test_sure_blocks_are_taken_and_sure_furniture_is_not(cases):
    """With certain probabilities the choice is exact, and its score is 1."""
    kept, score = choose(np.array([0.0, 1.0, 1.0, 0.0]), np.array([5.0, 50.0, 40.0, 7.0]), cases)
    assert kept.tolist() == [False, True, True, False]
    assert score == 1.0


def test_doubt_takes_more_where_the_whole_page_may_have_been_misjudged():
    """What is one to two against is taken with a surer block, once the odds of all may be wrong together."""
    likely, sizes = np.array([0.95, 0.35, 0.35, 0.01]), np.array([50.0, 50.0, 50.0, 50.0])
    assert choose(likely, sizes)[0].tolist() == [True, False, False, False]
    assert choose(likely, sizes, DOUBTED)[0].tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("times", "known", "left"), [(0, 0, 0.5), (1, 1, 0.5), (2, 7, 0.5), (2, 6, 0.0), (2, 2, 0.0), (16, 16, 0.0)]
)
def test_what_two_pages_and_a_third_of_those_known_repeat_is_no_main_text(times, known, left):
    """However likely it is of itself; what is on one other page only, or on few of many, is left to the model."""
    site = site_features(np.array([float(times)]), float(known))
    assert without_repeats(np.array([0.5]), site).tolist() == [left]
