"""What is kept of a text, to know it again when it was changed: index keys, and a sketch of fixed size.

The sketch is a one-permutation minhash (Li, Owen and Zhang, NIPS 2012) that keeps 4 bits of each minimum (Li and König,
WWW 2010): the hashes' range is cut into equal lanes, and of the smallest hash in each a value from 1 to 15 stays, 0
where the lane is empty. Two sets that share a share J of their elements agree in about that share of their lanes.
"""

from typing import NamedTuple

import numpy as np

from pipeline.sameness.shingles import Hashes, shingles_of
from pipeline.sameness.words import words_of

KEYS = 8
"""Index keys of a text: its smallest hashes. A copy of three fifths of it shares one in 999 of 1,000 cases."""

RUN_LANES, PAIR_LANES = 176, 80
"""Two a byte. Runs tell what is said; pairs with a number, which figures are in it."""

SKETCH_BYTES = 5 + (RUN_LANES + PAIR_LANES) // 2
"""Runs (2 bytes, big-endian), pairs (2), the share of runs with a number in 250ths (1), the lanes."""

VALUES = 15
"""Values that a lane may have, besides that of an empty one."""

_MOST = 0xFFFF  # of runs and pairs that a size can tell


class Fingerprint(NamedTuple):
    """`keys`: 8 bytes each, ascending, fewer than 8 of a short text. `sketch`: SKETCH_BYTES."""

    keys: tuple[bytes, ...]
    sketch: bytes


def fingerprint(text: str) -> Fingerprint:
    """The fingerprint of a cleaned text; without words it has no keys, and resembles nothing."""
    shingles = shingles_of(words_of(text))
    sizes = min(len(shingles.runs), _MOST) << 16 | min(len(shingles.pairs), _MOST)
    lanes = np.concatenate((_lanes(shingles.runs, RUN_LANES), _lanes(shingles.pairs, PAIR_LANES)))
    smallest = shingles.runs[:KEYS].astype(">u8").tobytes()
    return Fingerprint(
        keys=tuple(smallest[at : at + 8] for at in range(0, len(smallest), 8)),
        sketch=sizes.to_bytes(4, "big") + bytes([round(shingles.numeric * 250)]) + _in_halves(lanes),
    )


def _lanes(hashes: Hashes, lanes: int) -> Hashes:
    """The value of each lane, of distinct hashes in ascending order."""
    values = np.zeros(lanes, np.uint64)
    lane = (((hashes >> np.uint64(32)) * np.uint64(lanes)) >> np.uint64(32)).astype(np.intp)
    first = np.flatnonzero(np.diff(lane, prepend=-1))
    values[lane[first]] = hashes[first] % np.uint64(VALUES) + np.uint64(1)
    return values


def _in_halves(lanes: Hashes) -> bytes:
    return (lanes[::2] << np.uint64(4) | lanes[1::2]).astype(np.uint8).tobytes()
