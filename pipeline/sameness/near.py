"""Is one text a copy of the other? Decided from their sketches alone.

Whoever holds an index of sketches may ask the same in another language. So all is in whole numbers below 2**53, shares
in thousandths and rounded down: every machine answers the same.
"""

from operator import eq
from typing import Literal, NamedTuple

import msgspec

from pipeline.sameness.shingles import WORDS
from pipeline.sameness.sketch import RUN_LANES, SKETCH_BYTES, VALUES

Rule = Literal["resemblance", "containment", "short", "figures", "apart"]
"""What decided: for a copy how much of both, how much of the shorter, or how much of two short texts is the same;
against it that the figures differ, or that too little is the same."""

WHOLE = 1000
"""Shares are in thousandths."""

_PAIRS_AT = 5 + RUN_LANES // 2


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """From where on a text is a copy. Shares are in thousandths; docs/deduplication.md says what each was chosen by.

    A text is `short` under so many words, and then only `short_resemblance` makes it a copy. One of `long` shingles or
    more is a copy by `long_resemblance` or `long_containment`, one between by `resemblance` or `containment`.
    Where both have `figures` pairs with a number or more, those of the one that has fewer must be in the other:
    a share of `figures_contained`, less `figures_eased` for each whole of similarity; or, where numbers are rare,
    of `figures_slope` times what the share of numeric shingles is above `figures_from`, if that is less.
    From `same_resemblance` on figures are not asked.
    A copy is a fuller text when it has `fuller_growth` thousandths of the other's shingles or more, and contains
    `fuller_containment` of it.
    """

    short: int = 60
    short_resemblance: int = 750
    resemblance: int = 310
    containment: int = 560
    long: int = 180
    long_resemblance: int = 365
    long_containment: int = 650
    figures: int = 9
    figures_contained: int = 790
    figures_eased: int = 40
    figures_slope: int = 8
    figures_from: int = 90
    same_resemblance: int = 950
    fuller_growth: int = 1300
    fuller_containment: int = 850

    def numbers(self) -> tuple[int, ...]:
        """All of them, in their order: the form in which a script takes them."""
        return msgspec.structs.astuple(self)


DEFAULT_THRESHOLDS = Thresholds()


class Likeness(NamedTuple):
    """How alike two texts are, in thousandths.

    `similarity`: the share of all shingles that both have. `containment`: the share of the shorter one's.
    `figures`: the share of the pairs with a number of whichever has fewer, 1,000 where one has none.
    """

    rule: Rule
    similarity: int
    containment: int
    figures: int

    @property
    def copy(self) -> bool:
        """Whether one is a copy of the other."""
        return self.rule not in {"figures", "apart"}


class Change(NamedTuple):
    """What a text has that an older one has not, and what it has no more: estimated, in thousandths of either.

    `added` is a share of the newer text's shingles, `removed` of the older one's.
    """

    added: int
    removed: int


class Bars(NamedTuple):
    """What two texts must reach to be copies, in thousandths, by their sizes.

    `resemblance`, or else `containment`, which is None for short texts; and `figures`, None where they are not asked.
    """

    resemblance: int
    containment: int | None
    figures: int | None


class Sizes(NamedTuple):
    """What a sketch tells without its lanes: how many shingles and pairs, and how many thousandths are numeric."""

    runs: int
    pairs: int
    numeric: int


def sizes_of(sketch: bytes) -> Sizes:
    """The sizes at the head of a sketch."""
    return Sizes(sketch[0] << 8 | sketch[1], sketch[2] << 8 | sketch[3], sketch[4] * 4)


def compare(one: bytes, other: bytes, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Likeness:
    """Whether two sketches are those of copies; the order of the two does not matter. Raises ValueError for others."""
    if len(one) != SKETCH_BYTES or len(other) != SKETCH_BYTES:
        problem = f"a sketch has {SKETCH_BYTES} bytes, and not {len(one)} and {len(other)}"
        raise ValueError(problem)
    a, b = sizes_of(one), sizes_of(other)
    similarity, containment = _shared(one[5:_PAIRS_AT], other[5:_PAIRS_AT], (a.runs, b.runs))
    figures = _shared(one[_PAIRS_AT:], other[_PAIRS_AT:], (a.pairs, b.pairs))[1] if a.pairs and b.pairs else WHOLE
    bars = bars_of(one, other, similarity, thresholds)
    rule: Rule = "apart"
    if similarity >= bars.resemblance:
        rule = "short" if bars.containment is None else "resemblance"
    elif bars.containment is not None and containment >= bars.containment:
        rule = "containment"
    if rule != "apart" and bars.figures is not None and figures < bars.figures:
        rule = "figures"
    return Likeness(rule, similarity, containment, figures)


def change(new: bytes, old: bytes, likeness: Likeness) -> Change:
    """What changed between two sketches, by their likeness."""
    now, before = sizes_of(new).runs, sizes_of(old).runs
    in_larger = likeness.containment * min(now, before) // max(now, before, 1)
    if now < before:
        return Change(WHOLE - likeness.containment, WHOLE - in_larger)
    return Change(WHOLE - in_larger, WHOLE - likeness.containment)


def is_fuller(new: bytes, old: bytes, likeness: Likeness, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> bool:
    """Whether a copy says what the older text says, and much more."""
    grown = sizes_of(new).runs * WHOLE >= sizes_of(old).runs * thresholds.fuller_growth
    return grown and likeness.copy and likeness.containment >= thresholds.fuller_containment


def bars_of(one: bytes, other: bytes, similarity: int, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Bars:
    """What two texts of these sketches, so similar, must reach."""
    a, b = sizes_of(one), sizes_of(other)
    runs = min(a.runs, b.runs)
    if runs + WORDS - 1 < thresholds.short:
        resemblance, containment = thresholds.short_resemblance, None
    elif runs >= thresholds.long:
        resemblance, containment = thresholds.long_resemblance, thresholds.long_containment
    else:
        resemblance, containment = thresholds.resemblance, thresholds.containment
    figures = None
    if similarity < thresholds.same_resemblance and min(a.pairs, b.pairs) >= thresholds.figures:
        numeric = max(a.numeric, b.numeric) if a.runs == b.runs else min(a, b).numeric
        figures = _figures_wanted(numeric, similarity, thresholds)
    return Bars(resemblance, containment, figures)


def _figures_wanted(numeric: int, similarity: int, thresholds: Thresholds) -> int:
    eased = thresholds.figures_contained - thresholds.figures_eased * similarity // WHOLE
    return min(eased, thresholds.figures_slope * (numeric - thresholds.figures_from))


def _shared(one: bytes, other: bytes, sizes: tuple[int, int]) -> tuple[int, int]:
    """How much of both sets, and of the smaller, they share: from their lanes and their sizes."""
    a, b = one.hex(), other.hex()
    lanes = len(a)
    empty = list(zip(a, b, strict=True)).count(("0", "0"))
    equal = sum(map(eq, a, b)) - empty
    differ = lanes - a.count("0") - b.count("0") + empty - equal
    # Of the lanes where two values meet by chance, one in VALUES is equal; all is taken that many times less one.
    shared = max(0, (VALUES - 1) * equal - differ)
    small, large = min(sizes), max(sizes)
    if not shared or not small:
        return 0, 0
    used = (VALUES - 1) * (lanes - empty)
    contained = WHOLE * shared * (small + large) // ((used + shared) * small)
    if contained >= WHOLE:
        return WHOLE * small // large, WHOLE
    return WHOLE * shared // used, contained
