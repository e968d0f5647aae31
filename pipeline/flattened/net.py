"""The model for flattened pages: a small neural net that looks at each line, then twice at the lines around it.

Built like the one for blocks, and on the same grid: the same page gives the same answer on every machine.
"""

import functools
import io
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.blocks.choice import Cases, choose
from pipeline.blocks.inputs import Seen
from pipeline.blocks.net import GRID
from pipeline.blocks.words import Vocabulary, words_of_text
from pipeline.flattened.features import Floats, line_features, site_columns

_MOST = 4.0  # deviations of a feature from its mean
_FAR = 64.0  # no value inside the net is beyond
NEAR = (-3, -2, -1, 1, 2, 3)  # lines that are looked at one by one,
STRETCHES = (8, 24)  # and, before and after, as a mean
LAYERS = ("own", "look_one", "one", "guess", "look_two", "two", "answer")
_DOUBTED: Cases = ((1 / 64, 0.4), (1.0, 0.4), (64.0, 0.2))  # wrong about all lines of a page that it never saw at once
_LIKELY = 0.5
_SURE = 0.25  # a page of whose likeliest line the net is less sure is like none that it learned from:
_LONG = 12  # there the lines of so many words that stand around that line are taken with it
_PART = 10_000  # lines of a longer page that are judged together: memory stays bounded


class Net(msgspec.Struct, frozen=True, kw_only=True):
    """What one net learned. `words`: a row a word of the vocabulary, row 0 is none; layers are (in, out)."""

    words: Floats
    layers: Mapping[str, tuple[Floats, Floats]]


class LineWeights(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned, by several nets that are asked alike."""

    vocabulary: Vocabulary
    mean: Floats
    scale: Floats
    nets: Sequence[Net]


def judge_lines(
    lines: Sequence[str],
    gaps: Sequence[bool],
    *,
    url: str | None = None,
    seen: Seen | None = None,
    weights: LineWeights | None = None,
) -> tuple[Floats, Floats]:
    """For each of `lines` (at least one, none empty) how likely it is the article's, and its words.

    `gaps`: whether a blank line stands before each. `url`: the page's address. `seen`: what is known of the site.
    """
    held = weights or load_line_weights()
    site = site_columns(*(seen(lines) if seen else ([0] * len(lines), 0)))
    parts = [_judge(lines[part], gaps[part], url=url, site=site[part], weights=held) for part in _parts(len(lines))]
    chances, sizes = (np.concatenate([part[column] for part in parts]) for column in (0, 1))
    return chances, sizes


def _parts(lines: int) -> list[slice]:
    return [slice(at, at + _PART) for at in range(0, lines, _PART)]


def choose_lines(chances: Floats, sizes: Floats) -> npt.NDArray[np.bool_]:
    """Which lines belong to the article, of what `judge_lines` says of them.

    Those expected to score best together, with what is likely enough and stands between them, as headings do.
    """
    kept = choose(chances, sizes, _DOUBTED)[0]
    kept |= _linked(kept, chances) & _linked(kept[::-1], chances[::-1])[::-1]
    if chances.max() < _SURE:
        long = np.concatenate([[False], sizes >= _LONG, [False]])
        at = int(np.argmax(chances))
        breaks = np.flatnonzero(~long)
        kept[breaks[breaks <= at].max() : breaks[breaks > at + 1].min() - 1] = True
    return kept


def _linked(kept: npt.NDArray[np.bool_], chances: Floats) -> npt.NDArray[np.bool_]:
    """Whether nothing unlikely stands between a line and the last one kept above it."""
    at = np.arange(len(kept))
    last, unlikely = (np.maximum.accumulate(np.where(which, at, -1)) for which in (kept, chances < _LIKELY))
    return last > unlikely


def _judge(
    lines: Sequence[str], gaps: Sequence[bool], *, url: str | None, site: Floats, weights: LineWeights
) -> tuple[Floats, Floats]:
    features, sizes = line_features(lines, gaps, url)
    known = words_in_lines(lines, weights.vocabulary)
    return probabilities(np.concatenate([site, features], axis=1), known, sizes, weights), sizes


def words_in_lines(lines: Sequence[str], vocabulary: Vocabulary) -> list[list[int]]:
    """The first and last words of each line, as rows of the vocabulary."""
    row_of = vocabulary.get  # rows begin with 1
    seen = {line: list(filter(None, map(row_of, words_of_text(line)))) for line in set(lines)}
    return [seen[line] for line in lines]


def probabilities(features: Floats, words: Sequence[Sequence[int]], sizes: Floats, weights: LineWeights) -> Floats:
    """For each line how likely it is the article's, in steps of 1/1024: the mean of what the nets say."""
    scaled = np.rint(np.clip((features - weights.mean) * weights.scale, -_MOST, _MOST) * GRID)
    heft = np.rint(np.sqrt(sizes) * 64)[:, None] / 64
    places = np.asarray([place for bag in words for place in bag], dtype=np.intp)
    ends = np.cumsum([0, *map(len, words)])
    answers = [_answer(scaled, _bags(places, ends, net.words) * GRID, heft, net.layers) for net in weights.nets]
    mean: Floats = np.rint(sum(answers) / len(answers)) / GRID
    return mean


# From here on values are counted in 1/1024, weights and what is added to a sum are not.


def _answer(scaled: Floats, words: Floats, heft: Floats, layers: Mapping[str, tuple[Floats, Floats]]) -> Floats:
    first = _relu(layers["own"], scaled, words)
    second = _relu(layers["one"], first, *_about(_relu(layers["look_one"], first), heft))
    guess = _sigmoid(layers["guess"], second)
    seen = _about(_relu(layers["look_two"], second, guess), heft)
    third = _relu(layers["two"], second, guess, *seen)
    answer: Floats = _sigmoid(layers["answer"], third)[:, 0]
    return answer


def _about(rows: Floats, heft: Floats) -> list[Floats]:
    """`rows` of the lines around each, their means over wider stretches, and the mean over the page."""
    n = len(rows)
    edge = np.zeros((max(*NEAR, *STRETCHES), rows.shape[1]))
    padded = np.concatenate([edge, rows, edge])
    near = [padded[len(edge) + step :][:n] for step in NEAR]
    sums = _sums(rows)
    padded = np.concatenate([edge, sums, edge + sums[-1]])
    above = np.arange(n)[:, None]
    means = []
    for width in STRETCHES:
        before, after = padded[len(edge) - width :][:n], padded[len(edge) + 1 + width :][:n]
        means.append((sums[:-1] - before) / np.clip(above, 1, width))
        means.append((after - sums[1:]) / np.clip(above[::-1], 1, width))
    means.append(np.broadcast_to((rows * heft).sum(axis=0) / max(float(heft.sum()), 1.0), rows.shape))
    return [*near, np.rint(np.concatenate(means, axis=1))]


def _bags(places: npt.NDArray[np.intp], ends: npt.NDArray[np.intp], table: Floats) -> Floats:
    """The sum of the table's rows at the places between each two ends."""
    return np.diff(_sums(table[places])[ends], axis=0)


def _sums(rows: Floats) -> Floats:
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=sums[1:])
    return sums


def _relu(layer: tuple[Floats, Floats], *parts: Floats) -> Floats:
    sums = _linear(layer, parts)
    return np.rint(np.clip(sums, 0.0, _FAR * GRID, out=sums), out=sums)


def _sigmoid(layer: tuple[Floats, Floats], *parts: Floats) -> Floats:
    sums = _linear(layer, parts)
    sums = np.rint(np.clip(sums, -_FAR * GRID, _FAR * GRID, out=sums), out=sums)
    return np.rint(GRID / (1.0 + np.exp(-sums / GRID)))


def _linear(layer: tuple[Floats, Floats], parts: Sequence[Floats]) -> Floats:
    """The columns of these parts, one beside the other, through a layer; sums are exact, whatever their order."""
    by, plus = layer
    return np.concatenate(parts, axis=1) @ by + plus * GRID


# Here they no longer are.


@functools.cache
def load_line_weights() -> LineWeights:
    """The weights in `pipeline/weights/lines.npz`, read once a process."""
    return unpack_lines(files("pipeline").joinpath("weights", "lines.npz").read_bytes())


def unpack_lines(packed: bytes) -> LineWeights:
    """What `pack_lines` packed."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    letters = held["vocabulary"].tobytes().decode()
    numbers = {name: array / GRID for name, array in held.items() if array.dtype == np.int16}
    nets = [
        Net(
            words=numbers[f"{net}_words"],
            layers={name: (numbers[f"{net}_{name}_by"], numbers[f"{net}_{name}_plus"]) for name in LAYERS},
        )
        for net in range(sum(name.endswith("_words") for name in numbers))
    ]
    vocabulary = {word: row for row, word in enumerate(letters.split("\n"), start=1)}
    return LineWeights(vocabulary=vocabulary, mean=held["mean"], scale=held["scale"], nets=nets)


def pack_lines(weights: LineWeights) -> bytes:
    """The file's bytes: one compressed file of arrays, the weights in steps of 1/1024."""
    numbers: dict[str, Floats] = {}
    for number, net in enumerate(weights.nets):
        numbers[f"{number}_words"] = net.words
        for name, (by, plus) in net.layers.items():
            numbers |= {f"{number}_{name}_by": by, f"{number}_{name}_plus": plus}
    arrays: dict[str, Any] = {
        name: np.clip(np.rint(array * GRID), -32768, 32767).astype(np.int16) for name, array in numbers.items()
    }
    words = sorted(weights.vocabulary, key=weights.vocabulary.__getitem__)
    letters = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, vocabulary=letters, mean=weights.mean, scale=weights.scale, **arrays)
    return file.getvalue()
