"""Hashes of a text's shingles: runs of five words, and pairs of neighbours of which one is a number.

A run's hash is a polynomial over its bytes modulo 2**64, so that all runs come from one running sum (Karp and Rabin,
IBM J. Res. Dev. 31, 1987), mixed by splitmix64's last steps (Steele, Lea and Flood, OOPSLA 2014). All is arithmetic
on 64-bit integers: the same on every machine.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

WORDS = 5
"""Words in a shingle."""

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 1 << 64)
_BYTES = np.frombuffer(
    b"".join(blake2b(bytes([part]), person=b"pagemill.shingle").digest() for part in range(32)), "<u8"
).astype(np.uint64)
_NO_HASHES = np.zeros(0, np.uint64)
_BEHIND_DIGITS = ord(":")  # words hold letters and digits only, so what is below begins with a digit


class Shingles(NamedTuple):
    """`runs` and `pairs`: distinct hashes, ascending. `numeric`: which share of all runs holds a number, 0 to 1."""

    runs: Hashes
    pairs: Hashes
    numeric: float


def shingles_of(words: Sequence[bytes]) -> Shingles:
    """The hashes of all runs of `words`; a text of fewer than five words is one run, and no word is none."""
    if not words:
        return Shingles(_NO_HASHES, _NO_HASHES, 0.0)
    text = b" ".join(words)
    letters = np.frombuffer(text, np.uint8)
    powers, inverses = _powers(len(text).bit_length())
    sums = np.zeros(len(text) + 1, np.uint64)
    np.cumsum(_BYTES[letters] * powers[: len(text)], out=sums[1:])
    blanks = np.flatnonzero(letters == ord(" "))
    starts = np.concatenate(([0], blanks + 1))
    ends = np.concatenate((blanks, [len(text)]))
    numbers = letters[starts] < _BEHIND_DIGITS

    def hashes_of_runs(width: int) -> Hashes:
        first = starts[: len(starts) - width + 1]
        return _mixed((sums[ends[width - 1 :]] - sums[first]) * inverses[first])

    width = min(WORDS, len(words))
    pairs = hashes_of_runs(2)[numbers[1:] | numbers[:-1]] if len(words) > 1 else _NO_HASHES
    with_number = np.convolve(numbers, np.ones(width, np.int8), "valid") > 0
    return Shingles(_distinct(hashes_of_runs(width)), _distinct(pairs), float(with_number.mean()))


@cache
def _powers(bits: int) -> tuple[Hashes, Hashes]:
    """Powers of the base and of its inverse, for a text of fewer than 2**`bits` bytes."""
    found = []
    for base in (_BASE, _INVERSE):
        powers = np.full(1 << bits, base, np.uint64)
        powers[0] = 1
        found.append(np.multiply.accumulate(powers))
    return found[0], found[1]


def _mixed(hashes: Hashes) -> Hashes:
    hashes ^= hashes >> np.uint64(30)
    hashes *= np.uint64(0xBF58476D1CE4E5B9)
    hashes ^= hashes >> np.uint64(27)
    hashes *= np.uint64(0x94D049BB133111EB)
    hashes ^= hashes >> np.uint64(31)
    return hashes


def _distinct(hashes: Hashes) -> Hashes:
    hashes = np.sort(hashes)
    if len(hashes) < 2:  # noqa: PLR2004
        return hashes
    return hashes[np.concatenate(([True], hashes[1:] != hashes[:-1]))]
