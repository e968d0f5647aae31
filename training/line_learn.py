"""How the weights for flattened pages are learned."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from pipeline.blocks.words import Vocabulary
from pipeline.flattened.features import SITE, site_columns
from pipeline.flattened.net import LineWeights
from pipeline.site_profile import marks_of
from training.line_net import Batch, LineNet, Look, Scales, batch_of, weights_of
from training.line_pages import WAYS, LinePage
from training.sites import Sites
from training.steps import Course, follow, step

_NETS = 2
_MOST_LINES = 400  # of a page that are learned from at a time: those around its text
_LINES = 6_000  # in a batch
_SLOW = 0.99  # of its weights the net that is kept keeps at each step
_DECAY = 3e-2
_F1_SHARE, _GUESS_SHARE, _WORD_SHARE = 0.5, 0.4, 0.8
_MOST_WEIGHT = 3  # of a page with little text on it against one of text alone
_UNNAMED = 0.3  # of the pages are shown without their address
_CHANCES = (0.5, 0.1, 0.1, 0.18, 0.12)  # of the ways in which a page was flattened, at each look


def learn_lines(pages: Sequence[LinePage], vocabulary: Vocabulary, *, epochs: int) -> LineWeights:
    """The weights of the nets learned from `pages`, each with its seed; the same on one machine."""
    scales = _scales(pages)
    shown = _Shown(pages, vocabulary)
    nets = [_learn(shown, scales, rows=len(vocabulary) + 1, epochs=epochs, seed=seed) for seed in range(_NETS)]
    return weights_of(nets, vocabulary, scales)


def _learn(shown: "_Shown", scales: Scales, *, rows: int, epochs: int, seed: int) -> LineNet:
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    net = LineNet(len(scales[0]), rows)
    slow = copy.deepcopy(net)
    course = Course(epochs=epochs, rate=4e-3, warm=0.1, last=0.3)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=_DECAY)
    steps = 0
    for epoch in range(epochs):
        batches = shown.batches(dice)
        losses = []
        for number, looks in enumerate(batches):
            batch = batch_of(looks, scales)
            guess, answer = net(batch)
            lost = _loss(answer, batch) + _GUESS_SHARE * _loss(guess, batch)
            step(net, optimiser, lost, course.rate_at((epoch + number / len(batches)) / epochs))
            losses.append(float(lost.item()))
            follow(slow, net, min(_SLOW, steps / (steps + 10)))
            steps += 1
        print(f"net {seed + 1}, epoch {epoch + 1}: {np.mean(losses):.4f}", flush=True)
    return slow


class _Shown:
    """The pages as an epoch shows them: each in one of its ways, with some of its site known, or none."""

    def __init__(self, pages: Sequence[LinePage], vocabulary: Vocabulary) -> None:
        self._sites = sites_of(pages)
        self._words = [[[vocabulary[word] for word in row if word in vocabulary] for row in p.words] for p in pages]
        self._numbers = {id(page): number for number, page in enumerate(pages)}
        ways: dict[tuple[str, str], dict[str, LinePage]] = {}
        for page in pages:
            ways.setdefault((page.truth.dataset, page.truth.id), {})[page.way] = page
        self._groups = list(ways.values())

    def batches(self, dice: np.random.Generator) -> list[list[Look]]:
        """All pages, in an order drawn by lot."""
        batches: list[list[Look]] = [[]]
        held = 0
        for place in dice.permutation(len(self._groups)):
            if held >= _LINES:
                batches.append([])
                held = 0
            look = self._look(self._groups[place], dice)
            batches[-1].append(look)
            held += look.span.stop - look.span.start
        return batches

    def _look(self, ways: dict[str, LinePage], dice: np.random.Generator) -> Look:
        page = ways.get(str(dice.choice(WAYS, p=_CHANCES))) or next(iter(ways.values()))
        number = self._numbers[id(page)]
        return Look(
            page=page,
            words=self._words[number],
            site=site_columns(*self._sites.draw(number, dice)),
            span=_around_text(page),
            unnamed=bool(dice.random() < _UNNAMED),
        )


def sites_of(pages: Sequence[LinePage]) -> Sites:
    """The pages by domain; those of one way of flattening are compared, as one scraper would have made them."""
    return Sites(((page.truth.domain, page.way), marks_of(page.lines)) for page in pages)


def _scales(pages: Sequence[LinePage]) -> Scales:
    """Of all features, those of the site first: zero is what an unknown one has."""
    every = np.concatenate([page.features[:_MOST_LINES] for page in pages[::3]]).astype(np.float64)
    mean = np.concatenate([np.zeros(SITE), every.mean(axis=0)])
    return mean, np.concatenate([np.ones(SITE), 1.0 / (every.std(axis=0) + 1e-2)])


def _around_text(page: LinePage) -> slice:
    """The lines with the text in their middle, as many as are learned from."""
    n = len(page.lines)
    true = np.flatnonzero(page.shares > 0.5)
    middle = int(true[len(true) // 2]) if len(true) else n // 2
    start = max(0, min(middle - _MOST_LINES // 2, n - _MOST_LINES))
    return slice(start, min(start + _MOST_LINES, n))


def _loss(logits: Tensor, batch: Batch) -> Tensor:
    """Cross entropy, each page alike and a line by its words, and what is missing of a page's expected F1."""
    pages = len(batch.lines)

    def by_page(values: Tensor) -> Tensor:
        return torch.zeros(pages).index_add_(0, batch.page, values)

    sizes, shares = batch.sizes, batch.shares
    true = by_page(sizes * shares).clamp(min=1)
    words = by_page(sizes)
    total = torch.maximum(torch.minimum(words, 2 * true), words / _MOST_WEIGHT).clamp(min=1)
    weight = _WORD_SHARE * sizes / total[batch.page] + (1 - _WORD_SHARE) / batch.lines[batch.page]
    entropy = functional.binary_cross_entropy_with_logits(logits, shares, reduction="none")
    likely = torch.sigmoid(logits) * sizes
    f1 = 2 * by_page(likely * shares) / (by_page(likely) + true)
    return (entropy * weight * batch.there[:, 0]).sum() / pages + _F1_SHARE * (1 - f1).mean()
