"""Learning the weights: what is lost on a page, and how it is made less."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pipeline.blocks.choice import without_repeats
from pipeline.blocks.features import site_features
from training.net import SITE_COLUMNS, Batch, Net, Prepared, batch_of, prepare, site_columns
from training.pages import Example
from training.sites import Sites
from training.steps import Course, follow, step

_BLOCKS = 8_000  # in a batch
_SLOW = 0.985  # of its weights the net that is kept keeps at each step
_DROPOUT, _DECAY = 0.25, 2e-2
_F1_SHARE, _GUESS_SHARE = 0.5, 0.4
_MOST_WEIGHT = 2.5  # of a page whose true text is a small part of it: some true texts are but a lead
_WORD_SHARE = 0.8  # of a block's weight on its page is by its words, the rest is equal for all
_PARTED = 0.6  # of the pages that are shown with parts left out
_SINGLE = 0.5  # of the pages alone on their site that are shown when sites are
_TABLES = ("names_near", "names_far", "texts", "pages")

Shown = Sequence[tuple[Prepared, np.ndarray]]
"""What an epoch shows: pages, each with its `site_columns`."""


@dataclass(frozen=True)
class Learned:
    """A net and the scales of its features."""

    net: Net
    mean: np.ndarray
    scale: np.ndarray


_SITES = Course(epochs=3, rate=2e-3, warm=0.1, last=0.2)


def learn(examples: Sequence[Example], rows: tuple[int, int, int], *, epochs: int, seed: int = 0) -> Learned:
    """The net learned from `examples`; the same on one machine for one seed.

    First from each page alone, so that nothing of that rests on other pages; then, with the words as they are, with
    some other pages of its site known.
    """
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    sites = sites_of(examples)
    mean, scale = _scales(examples, sites)
    pages = [prepare(example, mean, scale) for example in examples]
    parted = [[prepare(page, mean, scale) for page in example.parted] for example in examples]

    def alone() -> Shown:
        drawn = [
            pages[i] if dice.random() >= _PARTED else parted[i][int(dice.integers(len(parted[i])))]
            for i in range(len(pages))
        ]
        return [(page, np.zeros((len(page.features), SITE_COLUMNS), dtype=np.float32)) for page in drawn]

    def known() -> Shown:
        drawn = [i for i in range(len(pages)) if sites.others(i) or dice.random() < _SINGLE]
        return [(pages[i], site_columns(sites.draw(i, dice, unknown=0.0), mean, scale)) for i in drawn]

    net = Net(len(mean), rows, dropout=_DROPOUT)
    net.forget_sites()
    net = _train(net, Course(epochs=epochs, rate=4e-3, warm=0.15, last=0.35), alone, dice)
    for table in _TABLES:
        getattr(net, table).requires_grad_(requires_grad=False)
    return Learned(_train(net, _SITES, known, dice), mean, scale)


def _train(net: Net, course: Course, show: Callable[[], Shown], dice: np.random.Generator) -> Net:
    """A net that follows `net` slowly while that learns from what `show` gives for each epoch."""
    slow = copy.deepcopy(net).eval()
    optimiser = torch.optim.AdamW((w for w in net.parameters() if w.requires_grad), weight_decay=_DECAY)
    done = 0
    net.train()
    for epoch in range(course.epochs):
        shown = show()
        batches = _batches(dice.permutation(len(shown)), shown)
        for number, places in enumerate(batches):
            batch = batch_of([shown[i][0] for i in places], [shown[i][1] for i in places])
            guess, answer = net(batch)
            lost = loss(answer, batch) + _GUESS_SHARE * loss(guess, batch)
            step(net, optimiser, lost, course.rate_at((epoch + number / len(batches)) / course.epochs))
            follow(slow, net, min(_SLOW, done / (done + 10)))
            done += 1
    return slow


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


def _batches(order: np.ndarray, shown: Shown) -> list[list[int]]:
    batches: list[list[int]] = [[]]
    held = 0
    for place in order:
        if held >= _BLOCKS:
            batches.append([])
            held = 0
        batches[-1].append(int(place))
        held += len(shown[place][0].features)
    return batches


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
    times, known = count or (np.zeros(len(example.shares)), 0)
    site = site_columns((times, known), mean, scale)
    with torch.no_grad():
        answer = learned.net(batch_of([prepare(example, mean, scale)], [site]))[1]
    likely: np.ndarray = torch.sigmoid(answer).double().numpy()
    return without_repeats(likely, site_features(times.astype(np.float64), float(known)))
