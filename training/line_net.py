"""The net of pipeline/flattened/net.py in PyTorch: pages laid one below the other, with empty rows between them.

So the lines around each are the same rows, shifted, and no page sees another.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.blocks.words import Vocabulary
from pipeline.flattened.cohesion import SLUG
from pipeline.flattened.features import SITE, WHOLE
from pipeline.flattened.net import LAYERS, NEAR, STRETCHES, LineWeights, Net
from training.line_pages import LinePage

WIDTH, LOOK, WORD = 32, 12, 12  # of a layer, of what neighbours show, of a word
_BETWEEN = max(*NEAR, *STRETCHES)  # empty rows above, between and below the pages
_MOST = 4.0  # deviations of a feature from its mean
_DROPOUT = 0.25
_FORGOTTEN = 0.4  # of the words, at each look
_NOISE, _PAGE_NOISE = 0.2, 0.6  # on scaled features, and on those that all lines of a page share

Scales = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it is looked at once. `words`: of each of its lines, as rows; `unnamed`: without its address."""

    page: LinePage
    words: Sequence[Sequence[int]]
    site: npt.NDArray[np.float64]
    span: slice
    unnamed: bool = False


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Pages laid below each other, a row a line; `there` is 0 in the rows between them."""

    features: Tensor
    words: Tensor
    starts: Tensor
    there: Tensor
    page: Tensor
    lines: Tensor
    sizes: Tensor
    shares: Tensor


def batch_of(looks: Sequence[Look], scales: Scales) -> Batch:
    """The lines within the spans of these looks."""
    lengths = np.asarray([look.span.stop - look.span.start for look in looks])
    firsts = _BETWEEN + np.cumsum(lengths + _BETWEEN) - (lengths + _BETWEEN)
    rows = np.concatenate([np.arange(first, first + n) for first, n in zip(firsts, lengths, strict=True)])
    n = int(firsts[-1] + lengths[-1]) + _BETWEEN
    words = [bag for look in looks for bag in look.words[look.span]]
    counts = _laid(n, rows, np.asarray([len(bag) for bag in words], dtype=np.int64))
    features = np.concatenate([_features(look) for look in looks])
    scaled = np.clip((features - scales[0]) * scales[1], -_MOST, _MOST).astype(np.float32)
    return Batch(
        features=_laid(n, rows, scaled),
        words=torch.from_numpy(np.asarray([row for bag in words for row in bag], dtype=np.int64)),
        starts=torch.cumsum(counts, 0) - counts,
        there=_laid(n, rows, np.ones((len(rows), 1), dtype=np.float32)),
        page=_laid(n, rows, np.repeat(np.arange(len(looks)), lengths)),
        lines=torch.from_numpy(lengths.astype(np.float32)),
        sizes=_laid(n, rows, np.concatenate([look.page.sizes[look.span] for look in looks])),
        shares=_laid(n, rows, np.concatenate([look.page.shares[look.span] for look in looks])),
    )


def _features(look: Look) -> npt.NDArray[np.float64]:
    own = look.page.features[look.span].astype(np.float64)
    if look.unnamed:
        own[:, -WHOLE - SLUG : -WHOLE] = 0.0
    return np.concatenate([look.site[look.span], own], axis=1)


def _laid(n: int, rows: npt.NDArray[np.intp], values: np.ndarray) -> Tensor:
    laid = np.zeros((n, *values.shape[1:]), dtype=values.dtype)
    laid[rows] = values
    return torch.from_numpy(laid)


class LineNet(nn.Module):
    """See pipeline/flattened/net.py."""

    def __init__(self, features: int, rows: int) -> None:
        super().__init__()
        self.words = nn.EmbeddingBag(rows, WORD, mode="sum", padding_idx=0)
        nn.init.normal_(self.words.weight, 0, 0.05)
        seen = WIDTH + (len(NEAR) + 2 * len(STRETCHES) + 1) * LOOK
        self.own = nn.Linear(features + WORD, WIDTH)
        self.look_one = nn.Linear(WIDTH, LOOK)
        self.one = nn.Linear(seen, WIDTH)
        self.guess = nn.Linear(WIDTH, 1)
        self.look_two = nn.Linear(WIDTH + 1, LOOK)
        self.two = nn.Linear(seen + 1, WIDTH)
        self.answer = nn.Linear(WIDTH, 1)
        self.dropout = nn.Dropout(_DROPOUT)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The logits of the guess and of the answer, a row each."""
        features, words = self._blurred(batch) if self.training else (batch.features, batch.words)
        entry = torch.cat([features, self.dropout(self.words(words, batch.starts))], 1)
        first = self.dropout(torch.relu(self.own(entry)))
        second = torch.cat([first, _about(torch.relu(self.look_one(first)), batch)], 1)
        second = self.dropout(torch.relu(self.one(second)))
        guess = self.guess(second)
        second = torch.cat([second, torch.sigmoid(guess)], 1)
        third = torch.cat([second, _about(torch.relu(self.look_two(second)), batch)], 1)
        return guess[:, 0], self.answer(self.dropout(torch.relu(self.two(third))))[:, 0]

    @staticmethod
    def _blurred(batch: Batch) -> tuple[Tensor, Tensor]:
        """Features with noise, and words of which some are forgotten."""
        words = torch.where(torch.rand(len(batch.words)) < _FORGOTTEN, 0, batch.words)
        noise = torch.randn_like(batch.features) * _NOISE
        noise[:, :SITE] = 0.0
        noise[:, -WHOLE:] = (torch.randn(len(batch.lines), WHOLE) * _PAGE_NOISE)[batch.page]
        return batch.features + noise, words


def _about(rows: Tensor, batch: Batch) -> Tensor:
    """What is around each row: the rows near it, the means over wider stretches, and over its page."""
    rows = rows * batch.there
    out = [functional.pad(rows[max(step, 0) :][: len(rows) - abs(step)], _padding(step)) for step in NEAR]
    for width in STRETCHES:
        sums, counts = _sums_over(rows, width), _sums_over(batch.there, width).clamp(min=1)
        means = functional.pad(sums / counts, (0, 0, width, width + 1))
        out += [means[: len(rows)], means[width + 1 :][: len(rows)]]
    heft = torch.sqrt(batch.sizes)[:, None] * batch.there
    pages = len(batch.lines)
    total = torch.zeros(pages, rows.shape[1]).index_add_(0, batch.page, rows * heft)
    out.append((total / torch.zeros(pages, 1).index_add_(0, batch.page, heft).clamp(min=1))[batch.page])
    return torch.cat(out, 1)


def _padding(step: int) -> tuple[int, int, int, int]:
    return 0, 0, max(-step, 0), max(step, 0)


def _sums_over(rows: Tensor, width: int) -> Tensor:
    """Row i: the sum of so many rows from i on, of those that have as many below."""
    sums = functional.pad(torch.cumsum(rows.double(), 0).float(), (0, 0, 1, 0))
    return sums[width:] - sums[:-width]


def weights_of(nets: Sequence[LineNet], vocabulary: Vocabulary, scales: Scales) -> LineWeights:
    """The weights as the package holds them."""
    return LineWeights(vocabulary=vocabulary, mean=scales[0], scale=scales[1], nets=[_weights_of(net) for net in nets])


def _weights_of(net: LineNet) -> Net:
    state = {name: value.double().numpy() for name, value in net.state_dict().items()}
    layers = {name: (state[f"{name}.weight"].T, state[f"{name}.bias"]) for name in LAYERS}
    return Net(words=state["words.weight"], layers=layers)
