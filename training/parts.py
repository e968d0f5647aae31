"""Pages with parts left out by lot: what is learned must not hang on a page being whole."""

import numpy as np
import numpy.typing as npt

from pipeline.blocks.read import Blocks

Mask = npt.NDArray[np.bool_]

_MOST_PARTS = 8
_LARGEST = 0.4  # of a page's blocks that one part may hold
_ENDS, _END = 0.3, 0.25  # of the pages lose an end, and how much of all blocks it may hold
_LEAST_TRUE, _FEWEST = 0.3, 5  # of the blocks of main text, and blocks in all, that stay
_TRIES = 6


def draw_parts(blocks: Blocks, shares: npt.NDArray[np.float64], dice: np.random.Generator) -> Mask:
    """Which blocks stay when elements are left out, larger ones rather, and sometimes an end of the page.

    `shares`: of each block's words, what the true text has. All stay where too little was left each time.
    """
    true = shares > 0.5
    for _ in range(_TRIES):
        kept = _drawn(blocks, dice)
        if kept.sum() >= _FEWEST and (true & kept).sum() >= _LEAST_TRUE * true.sum():
            return kept
    return np.ones(len(shares), dtype=np.bool_)


def _drawn(blocks: Blocks, dice: np.random.Generator) -> Mask:
    count = len(blocks.texts)
    firsts, lasts = np.array(blocks.firsts), np.array(blocks.lasts)
    kept = np.ones(count, dtype=np.bool_)
    parts = np.flatnonzero(lasts - firsts <= max(1.0, _LARGEST * count))
    if len(parts):
        weight = np.sqrt(lasts - firsts)[parts]
        drawn = min(int(dice.integers(0, _MOST_PARTS + 1)), len(parts))
        for part in dice.choice(parts, drawn, replace=False, p=weight / weight.sum()):
            kept[firsts[part] : lasts[part]] = False
    if dice.random() < _ENDS:
        end = int(count * dice.random() * _END)
        kept[slice(end) if dice.random() < 0.5 else slice(count - end, count)] = False
    return kept


def without(blocks: Blocks, kept: Mask) -> Blocks:
    """The blocks that stay, and the elements that hold any of them."""
    left = Blocks()
    stay = np.flatnonzero(kept).tolist()
    at = np.concatenate([[0], np.cumsum(kept)])
    firsts, lasts = at[np.array(blocks.firsts)], at[np.array(blocks.lasts)]
    living = lasts > firsts
    living[0] = True
    places = np.cumsum(living) - 1
    elements = np.flatnonzero(living)
    left.texts = [blocks.texts[place] for place in stay]
    left.leads = [blocks.leads[place] for place in stay]
    left.linked = [blocks.linked[place] for place in stay]
    left.links = [blocks.links[place] for place in stay]
    left.holders = places[np.array(blocks.holders)[stay]].tolist()
    left.images = np.cumsum(np.diff(np.array(blocks.images), prepend=0)[stay]).tolist()
    left.elements = [blocks.elements[place] for place in elements.tolist()]
    left.parents = places[np.array(blocks.parents)[elements]].tolist()
    left.firsts, left.lasts = firsts[elements].tolist(), lasts[elements].tolist()
    left.scripts = blocks.scripts
    return left
