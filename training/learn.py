"""Learning the weights: what is lost on a page, and how it is made less."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.blocks.features import site_features
from training.net import SITE_COLUMNS, Batch, Net, Prepared, batch_of, prepare, site_columns
from training.pages import Example
from training.sites import Sites

_BLOCKS = 8_000  # in a batch
_RATE, _WARM, _LAST = 4e-3, 0.15, 0.35
_SLOW = 0.985  # of its weights the net that is kept keeps at each step
_DROPOUT, _DECAY = 0.25, 2e-2
_F1_SHARE, _GUESS_SHARE = 0.5, 0.4
_MOST_WEIGHT = 2.5  # of a page whose true text is a small part of it: some true texts are but a lead
_WORD_SHARE = 0.8  # of a block's weight on its page is by its words, the rest is equal for all


@dataclass(frozen=True)
class Learned:
    """A net and the scales of its features."""

    net: Net
    mean: np.ndarray
    scale: np.ndarray


def learn(
    examples: Sequence[Example],
    rows: tuple[int, int, int],
    *,
    epochs: int,
    seed: int = 0,
    watch: Callable[[int, float, Learned], None] | None = None,
) -> Learned:
    """The net learned from `examples`; the same on one machine for one seed. `watch` is told each epoch's loss."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    sites = sites_of(examples)
    mean, scale = _scales(examples, sites)
    pages = [prepare(example, mean, scale) for example in examples]
    net = Net(len(mean), rows, dropout=_DROPOUT)
    learned = Learned(copy.deepcopy(net).eval(), mean, scale)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    done = 0
    net.train()
    for epoch in range(epochs):
        batches = _batches(dice.permutation(len(pages)), pages)
        losses = []
        for number, places in enumerate(batches):
            for group in optimiser.param_groups:
                group["lr"] = _rate((epoch + number / len(batches)) / epochs)
            seen = [site_columns(sites.draw(i, dice), mean, scale) for i in places]
            losses.append(_step(net, optimiser, batch_of([pages[i] for i in places], seen)))
            _follow(learned.net, net, min(_SLOW, done / (done + 10)))
            done += 1
        if watch:
            watch(epoch + 1, float(np.mean(losses)), learned)
    return learned


def _follow(slow: Net, net: Net, keep: float) -> None:
    """Move the weights of `slow` towards those of `net`: the mean over many steps knows no page by heart."""
    with torch.no_grad():
        for mean, weight in zip(slow.parameters(), net.parameters(), strict=True):
            mean.lerp_(weight, 1 - keep)


def sites_of(examples: Sequence[Example]) -> Sites:
    """The pages by domain."""
    return Sites((example.truth.domain, example.marks) for example in examples)


def _scales(examples: Sequence[Example], sites: Sites) -> tuple[np.ndarray, np.ndarray]:
    counts = (sites.known(number) for number in range(len(examples)))
    of_site = np.concatenate([site_features(times.astype(np.float64), float(known)) for times, known in counts])
    every = np.hstack([np.concatenate([example.inputs.features for example in examples]), of_site])
    mean, scale = every.mean(axis=0), 1.0 / (every.std(axis=0) + 1e-3)
    mean[-SITE_COLUMNS:] = 0.0  # zero is what an unknown site has
    return mean, scale


def _step(net: Net, optimiser: torch.optim.Optimizer, batch: Batch) -> float:
    guess, answer = net(batch)
    lost = loss(answer, batch) + _GUESS_SHARE * loss(guess, batch)
    optimiser.zero_grad()
    lost.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 2.0)
    optimiser.step()
    return float(lost.item())


def _batches(order: np.ndarray, pages: Sequence[Prepared]) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    held = 0
    for place in order:
        if held >= _BLOCKS:
            batches.append([])
            held = 0
        batches[-1].append(int(place))
        held += len(pages[place].features)
    return batches


def _rate(done: float) -> float:
    """Up in a line, down along a cosine."""
    if done < _WARM:
        return _RATE * (0.05 + 0.95 * done / _WARM)
    return _RATE * (_LAST + (1 - _LAST) * 0.5 * (1 + math.cos(math.pi * (done - _WARM) / (1 - _WARM))))


def loss(logits: Tensor, batch: Batch) -> Tensor:
    """Cross entropy, each page alike and a block by its words, and what is missing of a page's expected F1."""
    page, sizes, shares = batch.page, batch.sizes, batch.shares

    def by_page(values: Tensor) -> Tensor:
        return torch.zeros(batch.pages).index_add_(0, page, values)

    all_words = by_page(sizes)
    total = torch.maximum(torch.minimum(all_words, 2 * batch.true_words), all_words / _MOST_WEIGHT).clamp(min=1)
    count = (batch.at["last"] - batch.at["first"]).float()
    weight = _WORD_SHARE * sizes / total[page] + (1 - _WORD_SHARE) / count
    entropy = functional.binary_cross_entropy_with_logits(logits, shares, reduction="none")
    likely = torch.sigmoid(logits) * sizes
    f1 = 2 * by_page(likely * shares) / (by_page(likely) + batch.true_words)
    return (entropy * weight).sum() / batch.pages + _F1_SHARE * (1 - f1).mean()


def predict(learned: Learned, example: Example, count: tuple[np.ndarray, int] | None = None) -> np.ndarray:
    """How likely each block of a page is; `count`: on how many pages each was seen, of how many that are known."""
    mean, scale = learned.mean, learned.scale
    site = site_columns(count or (np.zeros(len(example.shares)), 0), mean, scale)
    with torch.no_grad():
        answer = learned.net(batch_of([prepare(example, mean, scale)], [site]))[1]
    likely: np.ndarray = torch.sigmoid(answer).double().numpy()
    return likely
