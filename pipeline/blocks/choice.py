"""Which blocks to take: those that together are expected to score best."""

import numpy as np
import numpy.typing as npt

from pipeline.blocks.inputs import Floats


def choose(probabilities: Floats, sizes: Floats) -> tuple[npt.NDArray[np.bool_], float]:
    """The blocks to keep, and the F1 that is expected of them.

    Of blocks with t words that are main text with probability p, the likeliest are taken as long as they raise
    2 Σ p t / (Σ t + Σ over all of p t): the expected overlap over the expected lengths.
    """
    order = np.argsort(-probabilities, kind="stable")
    hits = probabilities * sizes
    expected = 2 * np.cumsum(hits[order]) / np.maximum(np.cumsum(sizes[order]) + hits.sum(), 1e-9)
    best = int(np.argmax(expected))
    kept = np.zeros(len(sizes), dtype=np.bool_)
    kept[order[: best + 1]] = True
    return kept, float(expected[best])
