"""The model: a small neural net over the blocks of a page, which looks at each, then twice at its neighbours.

All its numbers lie on a grid (weights, inputs and what each layer hands on are multiples of 1/1024), so that sums of
products are exact in 64 bits in whatever order a machine adds them: the same page gives the same answer everywhere.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.blocks.inputs import Floats, Inputs, Ints

GRID = 1024.0
_MOST = 4.0  # deviations of a feature from its mean
_FAR = 64.0  # no value inside the net is beyond
_NEAR = (-2, -1, 1, 2)
_STRETCH = 6


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned. Rows of the embeddings are the vocabularies' words, row 0 is none; layers are (in, out)."""

    mean: Floats
    scale: Floats
    names_near: Floats
    names_far: Floats
    texts: Floats
    pages: Floats
    layers: Mapping[str, tuple[Floats, Floats]]


def probabilities(inputs: Inputs, weights: Weights) -> Floats:
    """For each block how likely it is main text, in steps of 1/1024."""
    layers = weights.layers
    first = _relu(_entry(inputs, weights), layers["own"])
    places = _Places(inputs)
    seen = places.about(_relu(first, layers["look_one"]))
    second = _relu(np.concatenate([first, seen], axis=1), layers["one"])
    guess = _sigmoid(_linear(second, layers["guess"]))
    second = np.concatenate([second, guess], axis=1)
    seen = places.about(_relu(second, layers["look_two"]))
    third = _relu(np.concatenate([second, seen], axis=1), layers["two"])
    answer: Floats = _sigmoid(_linear(third, layers["answer"]))[:, 0]
    return answer


def on_grid(values: Floats) -> Floats:
    """The nearest multiples of 1/1024."""
    return _rounded(values.copy())


def _entry(inputs: Inputs, weights: Weights) -> Floats:
    features = np.concatenate([inputs.features, inputs.site], axis=1)
    features -= weights.mean
    features *= weights.scale
    features = _rounded(np.clip(features, -_MOST, _MOST, out=features))
    near, far = _bags(inputs.names, weights.names_near), _bags(inputs.names, weights.names_far)
    texts = _bags(inputs.texts, weights.texts)
    texts = np.concatenate([texts, np.zeros((1, texts.shape[1]))])
    page = weights.pages[list(inputs.page)].sum(axis=0) / max(len(inputs.page), 1)
    rows = [
        features,
        near[inputs.own],
        near[inputs.lead],
        near[inputs.parent],
        near[inputs.grandparent],
        np.clip(_around(inputs, far[inputs.elements]), -_MOST, _MOST)[inputs.holders],
        texts[:-1],
        texts[inputs.heading],
        np.broadcast_to(on_grid(page), (len(features), len(page))),
    ]
    return np.concatenate(rows, axis=1)


def _around(inputs: Inputs, rows: Floats) -> Floats:
    """`rows` of the elements, each with those of all elements around it, added level by level."""
    order = np.argsort(inputs.levels, kind="stable")
    ends = np.cumsum(np.bincount(inputs.levels))
    for first, last in pairwise(ends.tolist()):
        level = order[first:last]
        rows[level] += rows[inputs.parents[level]]
    return rows


def _bags(bags: Sequence[Sequence[int]], table: Floats) -> Floats:
    """The sum of the table's rows for each bag of places."""
    flat = np.asarray([place for bag in bags for place in bag], dtype=np.intp)
    ends = np.cumsum(np.fromiter(map(len, bags), dtype=np.intp, count=len(bags)))
    return _between(_sums(table[flat]), np.concatenate([[0], ends[:-1]]), ends)


def _sums(rows: Floats) -> Floats:
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=sums[1:])
    return sums


def _between(sums: Floats, first: npt.NDArray[np.intp], last: npt.NDArray[np.intp]) -> Floats:
    return sums[last] - sums[first]


class _Places:
    """Where a block's neighbours are: before and after it, in the elements around it, marked up like it."""

    def __init__(self, inputs: Inputs) -> None:
        n = len(inputs.sizes)
        at = np.arange(n)
        self.near = [np.where((at + step >= 0) & (at + step < n), at + step, n) for step in _NEAR]
        self.groups = inputs.groups
        self.kin = np.bincount(inputs.groups).astype(np.float64)[:, None]
        self.order = np.argsort(inputs.groups, kind="stable")
        self.group_ends = np.cumsum(np.bincount(inputs.groups))
        self.runs: list[tuple[Ints, Ints]] = [
            (inputs.wider[:, 0], inputs.wider[:, 1]),
            (inputs.widest[:, 0], inputs.widest[:, 1]),
            (np.maximum(at - _STRETCH, 0), at),
            (np.minimum(at + 1, n), np.minimum(at + 1 + _STRETCH, n)),
        ]
        self.heft = np.rint(np.sqrt(inputs.sizes) * 64)[:, None] / 64

    def about(self, rows: Floats) -> Floats:
        """`rows` of the neighbours, and their means over each kind of neighbourhood."""
        sums = _sums(rows)
        padded = np.concatenate([rows, np.zeros((1, rows.shape[1]))])
        starts = np.concatenate([[0], self.group_ends[:-1]])
        kin = _between(_sums(rows[self.order]), starts, self.group_ends) / self.kin
        means = [kin[self.groups]]
        means += [_between(sums, *run) / np.maximum(run[1] - run[0], 1)[:, None] for run in self.runs]
        page = (rows * self.heft).sum(axis=0) / max(float(self.heft.sum()), 1.0)
        means.append(np.broadcast_to(page, rows.shape))
        return np.concatenate([*(padded[near] for near in self.near), _rounded(np.concatenate(means, axis=1))], axis=1)


def _linear(rows: Floats, layer: tuple[Floats, Floats]) -> Floats:
    return _rounded(rows @ layer[0] + layer[1])


def _relu(rows: Floats, layer: tuple[Floats, Floats]) -> Floats:
    answer = rows @ layer[0]
    answer += layer[1]
    np.clip(answer, 0.0, _FAR, out=answer)
    return _rounded(answer)


def _rounded(values: Floats) -> Floats:
    """`values`, which are the caller's own and are changed, on the grid."""
    values *= GRID
    np.rint(values, out=values)
    values /= GRID
    return values


def _sigmoid(rows: Floats) -> Floats:
    return _rounded(1.0 / (1.0 + np.exp(-rows)))
