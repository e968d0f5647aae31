"""The model: a small neural net over the blocks of a page, which looks at each, then twice at its neighbours.

All its numbers lie on a grid (weights, inputs and what each layer hands on are multiples of 1/1024), so that sums of
products are exact in 64 bits in whatever order a machine adds them: the same page gives the same answer everywhere.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

import msgspec
import numpy as np

from pipeline.blocks.inputs import Floats, Inputs, Ints

GRID = 1024.0
_MOST = 4.0  # deviations of a feature from its mean
_FAR = 64.0  # no value inside the net is beyond
_NEAR = (-2, -1, 1, 2)
_MEANS = 6  # kinds of neighbourhood of which the mean is taken
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
    first = _relu(layers["own"], _entry(inputs, weights))
    places = _Places(inputs)
    second = _relu(layers["one"], first, places.about(_relu(layers["look_one"], first)))
    guess = _sigmoid(layers["guess"], second)
    second = np.concatenate([second, guess], axis=1)
    third = _relu(layers["two"], second, places.about(_relu(layers["look_two"], second)))
    answer: Floats = _sigmoid(layers["answer"], third)[:, 0] / GRID
    return answer


def on_grid(values: Floats) -> Floats:
    """The nearest multiples of 1/1024."""
    return np.rint(values * GRID) / GRID


# From here on values are counted in 1/1024, weights and what is added to a sum are not.


def _entry(inputs: Inputs, weights: Weights) -> Floats:
    """What the net sees of each block."""
    features = np.concatenate([inputs.features, inputs.site], axis=1)
    features -= weights.mean
    features *= weights.scale
    near, far = _bags(inputs.names, weights.names_near, weights.names_far)
    (texts,) = _bags(inputs.texts, weights.texts)
    texts = np.concatenate([texts, np.zeros((1, texts.shape[1]))])
    page = weights.pages[list(inputs.page)].sum(axis=0) / max(len(inputs.page), 1)
    around = _with_parents(far[inputs.elements], inputs.parents)
    rows = [
        _rounded(_bounded(features, -_MOST, _MOST) * GRID),
        near[inputs.own],
        near[inputs.lead],
        near[inputs.parent],
        near[inputs.grandparent],
        _bounded(around, -_MOST * GRID, _MOST * GRID)[inputs.holders],
        texts[:-1],
        texts[inputs.heading],
        np.broadcast_to(np.rint(page * GRID), (len(features), len(page))),
    ]
    return np.concatenate(rows, axis=1)


def _with_parents(rows: Floats, parents: Ints) -> Floats:
    """`rows` of the elements, each with those of all elements around it added: in each step twice as many."""
    none = len(rows)
    sums = np.concatenate([rows, np.zeros((1, rows.shape[1]))])
    above = np.append(parents, none)
    above[0] = none
    while int(above.min()) < none:
        sums += sums[above]
        above = above[above]
    return sums[:-1]


def _bags(bags: Sequence[Sequence[int]], *tables: Floats) -> list[Floats]:
    """The sum of each table's rows for each bag of places."""
    sizes = np.fromiter(map(len, bags), dtype=np.intp, count=len(bags))
    flat = np.fromiter(chain.from_iterable(bags), dtype=np.intp)
    filled = np.flatnonzero(sizes)
    starts = (np.cumsum(sizes) - sizes)[filled]
    sums = []
    for table in tables:
        rows = np.zeros((len(bags), table.shape[1]))
        if len(filled):
            rows[filled] = np.add.reduceat(table.take(flat, axis=0), starts, axis=0) * GRID
        sums.append(rows)
    return sums


def _sums(rows: Floats) -> Floats:
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=sums[1:])
    return sums


class _Places:
    """Where a block's neighbours are: before and after it, in the elements around it, marked up like it."""

    def __init__(self, inputs: Inputs) -> None:
        n = len(inputs.sizes)
        at = np.arange(n)
        stretch = np.array([np.maximum(at - _STRETCH, 0), at]), np.array([at + 1, np.minimum(at + 1 + _STRETCH, n)])
        first, last = np.array([inputs.wider.T, inputs.widest.T, *stretch]).transpose(1, 2, 0)
        self.first, self.last = first, last
        self.lengths = np.maximum(last - first, 1).astype(np.float64)[:, :, None]
        sizes = np.bincount(inputs.groups)
        self.groups = inputs.groups
        self.kin = sizes.astype(np.float64)[:, None]
        self.order = np.argsort(inputs.groups, kind="stable")
        self.starts = np.cumsum(sizes) - sizes
        self.heft = np.rint(np.sqrt(inputs.sizes) * 64)[:, None] / 64

    def about(self, rows: Floats) -> Floats:
        """`rows` of the neighbours, and their means over each kind of neighbourhood."""
        n, width = rows.shape
        out = np.zeros((n, (len(_NEAR) + _MEANS) * width))
        for place, step in enumerate(_NEAR):
            column = slice(place * width, (place + 1) * width)
            out[max(-step, 0) : n - max(step, 0), column] = rows[max(step, 0) : n - max(-step, 0)]
        sums = _sums(rows)
        means = out[:, len(_NEAR) * width :]
        means[:, :width] = (np.add.reduceat(rows[self.order], self.starts, axis=0) / self.kin)[self.groups]
        means[:, width:-width] = ((sums[self.last] - sums[self.first]) / self.lengths).reshape(n, -1)
        means[:, -width:] = (rows * self.heft).sum(axis=0) / max(float(self.heft.sum()), 1.0)
        np.rint(means, out=means)
        return out


def _relu(layer: tuple[Floats, Floats], *rows: Floats) -> Floats:
    """What a layer makes of `rows`, side by side."""
    return _bounded(_linear(layer, *rows), 0.0, _FAR * GRID)


def _linear(layer: tuple[Floats, Floats], *rows: Floats) -> Floats:
    by, plus = layer
    answer = np.broadcast_to(plus * GRID, (len(rows[0]), len(plus)))
    done = 0
    for part in rows:
        answer = part @ by[done : done + part.shape[1]] + answer
        done += part.shape[1]
    return _rounded(answer)


def _sigmoid(layer: tuple[Floats, Floats], rows: Floats) -> Floats:
    return _rounded(GRID / (1.0 + np.exp(_linear(layer, rows) / -GRID)))


def _bounded(values: Floats, least: float, most: float) -> Floats:
    """`values`, which are the caller's own and are changed, within bounds; half as slow as np.clip on small arrays."""
    np.maximum(values, least, out=values)
    return np.minimum(values, most, out=values)


def _rounded(values: Floats) -> Floats:
    """`values`, which are the caller's own and are changed."""
    return np.rint(values, out=values)
