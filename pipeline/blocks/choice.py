"""Which blocks to take: those that together are expected to score best."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.blocks.inputs import Floats

Cases = Sequence[tuple[float, float]]
"""How a model may be wrong about a page: factors on the odds of all its blocks, each with its share of the pages."""

AS_JUDGED: Cases = ((1.0, 1.0),)
DOUBTED: Cases = ((1 / 64, 0.4), (1.0, 0.35), (64.0, 0.25))
"""On a page of a site that it never saw, a model errs on many blocks at once, and is too sure of each."""

_FINE = 2.0**20  # chances are multiples of 1/_FINE, and sizes whole: sums are exact in any order


def choose(probabilities: Floats, sizes: Floats, cases: Cases = AS_JUDGED) -> tuple[npt.NDArray[np.bool_], float]:
    """The blocks to keep, and the F1 that is expected of them.

    Of blocks with t words that are main text with probability p, the likeliest are taken as long as they raise
    2 Σ p t / (Σ t + Σ over all of p t): the expected overlap over the expected lengths. Of several `cases` the mean
    counts; the order of the blocks is the same in all of them.
    """
    order = np.argsort(-probabilities, kind="stable")
    likely, words = probabilities[order], sizes[order]
    taken = np.cumsum(words)
    expected = np.zeros(len(words))
    for odds, share in cases:
        held = likely * odds / (1.0 - likely + likely * odds)
        hits = np.cumsum(np.rint(held * _FINE) / _FINE * words)
        expected += share * 2 * hits / np.maximum(taken + hits[-1], 1e-9)
    best = int(np.argmax(expected))
    kept = np.zeros(len(sizes), dtype=np.bool_)
    kept[order[: best + 1]] = True
    return kept, float(expected[best])


def without_repeats(probabilities: Floats, site: Floats) -> Floats:
    """The probabilities, 0 of blocks that `site`, what `site_features` made, calls repeated."""
    return np.where(site[:, -1] > 0, 0.0, probabilities)
