"""The net of pipeline/flattened/net.py in PyTorch, and how its weights are learned."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.blocks.words import Vocabulary
from pipeline.flattened.features import SITE, WHOLE, site_columns
from pipeline.flattened.net import LAYERS, NEAR, STRETCHES, LineWeights
from pipeline.site_profile import marks_of
from training.line_pages import WAYS, LinePage
from training.sites import Sites

WIDTH, LOOK, WORD = 32, 12, 12  # of a layer, of what neighbours show, of a word
_MOST = 4.0
_MOST_LINES = 400  # of a page that are learned from at a time: those around its text
_LINES = 6_000  # in a batch
_RATE, _WARM = 4e-3, 0.1
_DROPOUT, _DECAY = 0.25, 3e-2
_F1_SHARE, _GUESS_SHARE, _WORD_SHARE = 0.5, 0.4, 0.8
_MOST_WEIGHT = 3  # of a page with little text on it against one of text alone
_FORGOTTEN = 0.4  # of the words, at each look
_NOISE, _PAGE_NOISE = 0.2, 0.6  # on scaled features, and on those that all lines of a page share
_CHANCES = (0.5, 0.1, 0.1, 0.18, 0.12)  # of the ways in which a page was flattened, at each look


class _Batch(msgspec.Struct, kw_only=True):
    """Pages laid end to end."""

    features: Tensor
    bags: tuple[Tensor, Tensor]
    first: Tensor
    last: Tensor
    page: Tensor
    pages: int
    sizes: Tensor
    shares: Tensor


def learn_lines(pages: Sequence[LinePage], vocabulary: Vocabulary, *, epochs: int, seed: int = 0) -> LineWeights:
    """The weights learned from `pages`; the same on one machine for one seed."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    mean, scale = _scales(pages)
    ways: dict[tuple[str, str], dict[str, LinePage]] = {}
    for page in pages:
        ways.setdefault((page.truth.dataset, page.truth.id), {})[page.way] = page
    groups = list(ways.values())
    sites = sites_of(pages)
    numbers = {id(page): number for number, page in enumerate(pages)}
    net = _Net(len(mean), len(vocabulary) + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    for epoch in range(epochs):
        batches = _batches([_shown(groups[i], dice) for i in dice.permutation(len(groups))])
        losses = []
        for number, chosen in enumerate(batches):
            for group in optimiser.param_groups:
                group["lr"] = _rate((epoch + number / len(batches)) / epochs)
            shown = [site_columns(*sites.draw(numbers[id(page)], dice)) for page in chosen]
            batch = _batch_of(chosen, shown, vocabulary, (mean, scale))
            guess, answer = net(batch)
            lost = _loss(answer, batch) + _GUESS_SHARE * _loss(guess, batch)
            optimiser.zero_grad()
            lost.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            losses.append(float(lost.item()))
        print(f"epoch {epoch + 1}: {np.mean(losses):.4f}", flush=True)
    return _weights_of(net, vocabulary, (mean, scale))


def _shown(ways: dict[str, LinePage], dice: np.random.Generator) -> LinePage:
    way = dice.choice(WAYS, p=_CHANCES)
    return ways.get(str(way)) or next(iter(ways.values()))


def sites_of(pages: Sequence[LinePage]) -> Sites:
    """The pages by domain; those of one way of flattening are compared, as one scraper would have made them."""
    return Sites(((page.truth.domain, page.way), marks_of(page.lines)) for page in pages)


def _scales(pages: Sequence[LinePage]) -> tuple[np.ndarray, np.ndarray]:
    """Of all features, those of the site first: zero is what an unknown one has."""
    every = np.concatenate([page.features[:_MOST_LINES] for page in pages[::3]]).astype(np.float64)
    mean = np.concatenate([np.zeros(SITE), every.mean(axis=0)])
    return mean, np.concatenate([np.ones(SITE), 1.0 / (every.std(axis=0) + 1e-2)])


def _batches(pages: Sequence[LinePage]) -> list[list[LinePage]]:
    batches: list[list[LinePage]] = [[]]
    held = 0
    for page in pages:
        if held >= _LINES:
            batches.append([])
            held = 0
        batches[-1].append(page)
        held += min(len(page.lines), _MOST_LINES)
    return batches


def _batch_of(
    pages: Sequence[LinePage],
    sites: Sequence[np.ndarray],
    vocabulary: Vocabulary,
    scales: tuple[np.ndarray, np.ndarray],
) -> _Batch:
    spans = [_around_text(page) for page in pages]
    lengths = np.asarray([span.stop - span.start for span in spans])
    ends = np.cumsum(lengths)
    known = [
        [vocabulary[word] for word in words if word in vocabulary]
        for page, span in zip(pages, spans, strict=True)
        for words in page.words[span]
    ]
    starts = np.cumsum([0, *map(len, known[:-1])])
    rows = [
        np.concatenate([site[span], page.features[span]], axis=1, dtype=np.float64)
        for page, site, span in zip(pages, sites, spans, strict=True)
    ]
    features = np.concatenate(rows)
    return _Batch(
        features=torch.from_numpy(np.clip((features - scales[0]) * scales[1], -_MOST, _MOST).astype(np.float32)),
        bags=(
            torch.from_numpy(np.asarray([i for bag in known for i in bag], dtype=np.int64)),
            torch.from_numpy(starts),
        ),
        first=torch.from_numpy(np.repeat(ends - lengths, lengths)),
        last=torch.from_numpy(np.repeat(ends, lengths)),
        page=torch.from_numpy(np.repeat(np.arange(len(pages)), lengths)),
        pages=len(pages),
        sizes=torch.from_numpy(np.concatenate([p.sizes[span] for p, span in zip(pages, spans, strict=True)])),
        shares=torch.from_numpy(np.concatenate([p.shares[span] for p, span in zip(pages, spans, strict=True)])),
    )


def _around_text(page: LinePage) -> slice:
    """The lines with the text in their middle, as many as are learned from."""
    n = len(page.lines)
    true = np.flatnonzero(page.shares > 0.5)
    middle = int(true[len(true) // 2]) if len(true) else n // 2
    start = max(0, min(middle - _MOST_LINES // 2, n - _MOST_LINES))
    return slice(start, min(start + _MOST_LINES, n))


def _rate(done: float) -> float:
    """Up in a line, down along a cosine."""
    if done < _WARM:
        return _RATE * (0.05 + 0.95 * done / _WARM)
    return _RATE * max(0.5 * (1 + math.cos(math.pi * min((done - _WARM) / (1 - _WARM), 1.0))), 1e-3)


def _loss(logits: Tensor, batch: _Batch) -> Tensor:
    """Cross entropy, each page alike and a line by its words, and what is missing of a page's expected F1."""

    def by_page(values: Tensor) -> Tensor:
        return torch.zeros(batch.pages).index_add_(0, batch.page, values)

    sizes, shares = batch.sizes, batch.shares
    true = by_page(sizes * shares).clamp(min=1)
    words = by_page(sizes)
    total = torch.maximum(torch.minimum(words, 2 * true), words / _MOST_WEIGHT).clamp(min=1)
    count = (batch.last - batch.first).float()
    weight = _WORD_SHARE * sizes / total[batch.page] + (1 - _WORD_SHARE) / count
    entropy = functional.binary_cross_entropy_with_logits(logits, shares, reduction="none")
    likely = torch.sigmoid(logits) * sizes
    f1 = 2 * by_page(likely * shares) / (by_page(likely) + true)
    return (entropy * weight).sum() / batch.pages + _F1_SHARE * (1 - f1).mean()


class _Net(nn.Module):
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

    def forward(self, batch: _Batch) -> tuple[Tensor, Tensor]:
        """The logits of the guess and of the answer, a line each."""
        places, starts = batch.bags
        places = torch.where(torch.rand(len(places)) < _FORGOTTEN, 0, places)
        noise = torch.randn_like(batch.features) * _NOISE
        noise[:, :SITE] = 0.0
        noise[:, -WHOLE:] = (torch.randn(batch.pages, WHOLE) * _PAGE_NOISE)[batch.page]
        entry = torch.cat([batch.features + noise, self.dropout(self.words(places, starts))], 1)
        first = self.dropout(torch.relu(self.own(entry)))
        second = torch.cat([first, _about(torch.relu(self.look_one(first)), batch)], 1)
        second = self.dropout(torch.relu(self.one(second)))
        guess = self.guess(second)
        second = torch.cat([second, torch.sigmoid(guess)], 1)
        third = torch.cat([second, _about(torch.relu(self.look_two(second)), batch)], 1)
        return guess[:, 0], self.answer(self.dropout(torch.relu(self.two(third))))[:, 0]


def _about(rows: Tensor, batch: _Batch) -> Tensor:
    n, at = len(rows), torch.arange(len(rows))
    padded = torch.cat([rows, torch.zeros(1, rows.shape[1])])
    sums = torch.cat([torch.zeros(1, rows.shape[1]), torch.cumsum(rows.double(), 0).float()])
    out = [padded[torch.where((at + step >= batch.first) & (at + step < batch.last), at + step, n)] for step in NEAR]
    for width in STRETCHES:
        runs = (torch.maximum(at - width, batch.first), at), (at + 1, torch.minimum(at + 1 + width, batch.last))
        out += [
            (sums[end] - sums[torch.minimum(start, end)]) / (end - start).clamp(min=1)[:, None] for start, end in runs
        ]
    heft = torch.sqrt(batch.sizes)
    total = torch.zeros(batch.pages, rows.shape[1]).index_add_(0, batch.page, rows * heft[:, None])
    out.append((total / torch.zeros(batch.pages).index_add_(0, batch.page, heft).clamp(min=1)[:, None])[batch.page])
    return torch.cat(out, 1)


def _weights_of(net: _Net, vocabulary: Vocabulary, scales: tuple[np.ndarray, np.ndarray]) -> LineWeights:
    state = {name: value.double().numpy() for name, value in net.state_dict().items()}
    return LineWeights(
        vocabulary=vocabulary,
        mean=scales[0],
        scale=scales[1],
        words=state["words.weight"],
        layers={name: (state[f"{name}.weight"].T, state[f"{name}.bias"]) for name in LAYERS},
    )
