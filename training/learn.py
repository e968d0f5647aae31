"""Learning the weights: what is lost on a page, and how it is made less."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.block_features import site_features
from training.net import Batch, Net, Prepared, batch_of, prepare
from training.pages import Example

_BLOCKS = 8_000  # in a batch
_RATE, _WARM = 4e-3, 0.15
_F1_SHARE, _GUESS_SHARE = 0.5, 0.4
_WORD_SHARE = 0.8  # of a block's weight on its page is by its words, the rest is equal for all
_SEEN_SHARE = 0.5  # pages that are shown with what is known of their site


@dataclass(frozen=True)
class Learned:
    """A net and the scales of its features."""

    net: Net
    mean: np.ndarray
    scale: np.ndarray


def seen_columns(seen: np.ndarray) -> np.ndarray:
    """The columns for counts (other pages of the site with a block, other pages known), a row a block."""
    return site_features(seen[:, 0], float(seen[0, 1]))


def learn(examples: Sequence[Example], rows: tuple[int, int, int], *, epochs: int, seed: int = 0, log: bool = True) -> Learned:
    """The net learned from `examples`; the same on one machine for one seed."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    every = np.concatenate([np.hstack([e.inputs.features, seen_columns(e.seen)]) for e in examples])
    mean, scale = every.mean(axis=0), 1.0 / (every.std(axis=0) + 1e-3)
    mean[-2:] = 0.0
    width = len(mean)
    shown = [prepare(e, mean, scale, seen_columns(e.seen)) for e in examples]
    alone = [prepare(e, mean, scale, np.zeros_like(e.seen)) for e in examples]
    net = Net(width, rows, dropout=0.1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=1e-5)
    steps = epochs * (sum(len(page.features) for page in shown) // _BLOCKS + 1)
    done = 0
    for epoch in range(epochs):
        losses = []
        known = dice.random(len(examples)) < _SEEN_SHARE
        for places in _batches(dice.permutation(len(examples)), shown):
            for group in optimiser.param_groups:
                group["lr"] = _rate(done / steps)
            batch = batch_of([shown[i] if known[i] else alone[i] for i in places])
            guess, answer = net(batch)
            lost = loss(answer, batch) + _GUESS_SHARE * loss(guess, batch)
            optimiser.zero_grad()
            lost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            losses.append(lost.item())
            done += 1
        if log:
            print(f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.4f}", flush=True)
    return Learned(net.eval(), mean, scale)


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
    return _RATE * max(0.5 * (1 + math.cos(math.pi * min((done - _WARM) / (1 - _WARM), 1.0))), 1e-3)


def loss(logits: Tensor, batch: Batch) -> Tensor:
    """Cross entropy, each page alike and a block by its words, and what is missing of a page's expected F1."""
    page, sizes, shares = batch.page, batch.sizes, batch.shares

    def by_page(values: Tensor) -> Tensor:
        return torch.zeros(batch.pages).index_add_(0, page, values)

    total = torch.minimum(by_page(sizes), 2 * batch.true_words).clamp(min=1)
    count = (batch.at["last"] - batch.at["first"]).float()
    weight = _WORD_SHARE * sizes / total[page] + (1 - _WORD_SHARE) / count
    entropy = functional.binary_cross_entropy_with_logits(logits, shares, reduction="none")
    likely = torch.sigmoid(logits) * sizes
    f1 = 2 * by_page(likely * shares) / (by_page(likely) + batch.true_words)
    return (entropy * weight).sum() / batch.pages + _F1_SHARE * (1 - f1).mean()


def predict(learned: Learned, examples: Sequence[Example], *, with_site: bool = False) -> list[np.ndarray]:
    """The probability of each block of each page, with what is known of its site or without."""
    out = []
    for example in examples:
        seen = seen_columns(example.seen) if with_site else np.zeros_like(example.seen)
        with torch.no_grad():
            logits = learned.net(batch_of([prepare(example, learned.mean, learned.scale, seen)]))[1]
        out.append(torch.sigmoid(logits).double().numpy())
    return out
