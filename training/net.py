"""The net of pipeline/blocks/net.py in PyTorch, to learn its weights: the same layers, on many pages at once."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.blocks.features import SITE, site_features
from pipeline.blocks.inputs import Inputs
from training.pages import Labelled

WIDTH, LOOK, WORD, PAGE = 48, 16, 16, 8  # of a layer, of what neighbours show, of a word, of a page's word
SITE_COLUMNS, PAGE_FEATURES = SITE, 8  # the last columns, and those before them
_KINDS_OF_NEIGHBOURS = 10
# What keeps the net from knowing pages by heart, of which there are few, each with hundreds of blocks:
_FORGOTTEN = 0.3  # of the words, at each look
_NOISE, _PAGE_NOISE = 0.1, 0.5  # on scaled features, and on those that all blocks of a page share
_GROUP_FORGOTTEN = 0.25  # of the pages, at each look, one kind of words
_PAGE_FORGOTTEN = 0.5  # of the pages, at each look, what the page calls itself
_NEAR = (-2, -1, 1, 2)
_STRETCH = 6
_MOST = 4.0


class Batch(msgspec.Struct, kw_only=True):
    """Pages laid end to end. `bags`: of names, texts and pages, as EmbeddingBag takes them; `at`: rows by name."""

    features: Tensor
    bags: Mapping[str, tuple[Tensor, Tensor]]
    at: Mapping[str, Tensor]
    page: Tensor
    pages: int
    groups: int
    sizes: Tensor
    shares: Tensor
    true_words: Tensor


class Prepared(msgspec.Struct, kw_only=True):
    """An example with its features scaled and its words flattened, once for all epochs."""

    features: np.ndarray
    bags: Mapping[str, tuple[np.ndarray, np.ndarray]]
    inputs: Inputs
    shares: np.ndarray
    true_words: float


def site_columns(count: tuple[np.ndarray, int], mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The scaled features of a page's site: on how many pages each block was seen, and how many are known."""
    times, known = count
    columns = site_features(times.astype(np.float64), float(known))
    scaled: np.ndarray = np.clip((columns - mean[-SITE_COLUMNS:]) * scale[-SITE_COLUMNS:], -_MOST, _MOST)
    return scaled.astype(np.float32)


def prepare(page: Labelled, mean: np.ndarray, scale: np.ndarray) -> Prepared:
    """`page` with its own features scaled."""
    inputs = page.inputs
    own = (inputs.features - mean[:-SITE_COLUMNS]) * scale[:-SITE_COLUMNS]
    features = np.clip(own, -_MOST, _MOST).astype(np.float32)
    bags = {"names": _flat(inputs.names), "texts": _flat(inputs.texts), "pages": _flat([inputs.page])}
    bags["around"] = _flat(_around(inputs))
    return Prepared(features=features, bags=bags, inputs=inputs, shares=page.shares, true_words=page.true_words)


def _around(inputs: Inputs) -> list[list[int]]:
    """The keys of all elements around each block."""
    chains: list[list[int]] = []
    for place, (key, parent) in enumerate(zip(inputs.elements.tolist(), inputs.parents.tolist(), strict=True)):
        chains.append([key, *chains[parent]] if place else [key])
    return [chains[holder] for holder in inputs.holders.tolist()]


def _flat(bags: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    starts = np.cumsum([0, *map(len, bags[:-1])])
    return np.asarray([place for bag in bags for place in bag], dtype=np.int64), starts


def batch_of(pages: Sequence[Prepared], sites: Sequence[np.ndarray]) -> Batch:
    """The pages laid end to end, their places shifted; `sites`: of each the `site_columns`."""
    blocks = _shifts(len(page.features) for page in pages)
    names = _shifts(len(page.inputs.names) for page in pages)
    groups = _shifts(int(page.inputs.groups.max()) + 1 for page in pages)
    total = int(blocks[-1])

    def joined(rows: Callable[[Prepared], np.ndarray], shifts: np.ndarray) -> Tensor:
        return torch.from_numpy(
            np.concatenate([rows(page) + shift for page, shift in zip(pages, shifts, strict=False)])
        )

    def bag(name: str, shifts: np.ndarray) -> tuple[Tensor, Tensor]:
        lengths = _shifts(len(page.bags[name][0]) for page in pages)
        return joined(lambda page: page.bags[name][0], shifts), joined(lambda page: page.bags[name][1], lengths)

    features = [np.hstack([page.features, site]) for page, site in zip(pages, sites, strict=True)]
    none = np.zeros(len(pages), dtype=np.int64)
    sizes = [len(page.features) for page in pages]
    at = {name: joined(lambda page, name=name: getattr(page.inputs, name), names) for name in _KEYS}
    at |= {name: joined(lambda page, name=name: getattr(page.inputs, name), blocks) for name in ("wider", "widest")}
    heading = [
        np.where(page.inputs.heading < len(page.features), page.inputs.heading + shift, total)
        for page, shift in zip(pages, blocks, strict=False)
    ]
    at |= {
        "heading": torch.from_numpy(np.concatenate(heading)),
        "groups": joined(lambda page: page.inputs.groups, groups),
        "first": torch.from_numpy(np.repeat(blocks[:-1], sizes)),
        "last": torch.from_numpy(np.repeat(blocks[1:], sizes)),
    }
    return Batch(
        features=torch.from_numpy(np.concatenate(features)),
        bags={"around": bag("around", names), **{name: bag(name, none) for name in ("names", "texts", "pages")}},
        at=at,
        page=torch.from_numpy(np.repeat(np.arange(len(pages)), sizes)),
        pages=len(pages),
        groups=int(groups[-1]),
        sizes=torch.from_numpy(np.concatenate([page.inputs.sizes for page in pages])).float(),
        shares=torch.from_numpy(np.concatenate([page.shares for page in pages])).float(),
        true_words=torch.tensor([float(page.true_words) for page in pages]),
    )


_KEYS = ("own", "lead", "parent", "grandparent")


def _shifts(lengths: object) -> np.ndarray:
    return np.cumsum([0, *lengths])


class Net(nn.Module):
    """See pipeline/blocks/net.py; `rows` are those of the vocabularies of names, texts and pages."""

    def __init__(self, features: int, rows: tuple[int, int, int], dropout: float) -> None:
        super().__init__()
        names, texts, pages = rows
        self.names_near = nn.EmbeddingBag(names, WORD, mode="sum", padding_idx=0)
        self.names_far = nn.EmbeddingBag(names, WORD, mode="sum", padding_idx=0)
        self.texts = nn.EmbeddingBag(texts, WORD, mode="sum", padding_idx=0)
        self.pages = nn.EmbeddingBag(pages, PAGE, mode="mean")
        for table in (self.names_near, self.names_far, self.texts, self.pages):
            nn.init.normal_(table.weight, 0, 0.05)
        seen = WIDTH + _KINDS_OF_NEIGHBOURS * LOOK
        self.own = nn.Linear(features + 7 * WORD + PAGE, WIDTH)
        self.look_one = nn.Linear(WIDTH, LOOK)
        self.one = nn.Linear(seen, WIDTH)
        self.guess = nn.Linear(WIDTH, 1)
        self.look_two = nn.Linear(WIDTH + 1, LOOK)
        self.two = nn.Linear(seen + 1, WIDTH)
        self.answer = nn.Linear(WIDTH, 1)
        self.dropout = nn.Dropout(dropout)

    def forget_sites(self) -> None:
        """Make nothing of what other pages of the site show."""
        features = self.own.in_features - 7 * WORD - PAGE
        with torch.no_grad():
            self.own.weight[:, features - SITE_COLUMNS : features] = 0

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The logits of the guess and of the answer, a block each."""
        first = self.dropout(torch.relu(self.own(self._entry(batch))))
        seen = self._about(torch.relu(self.look_one(first)), batch)
        second = self.dropout(torch.relu(self.one(torch.cat([first, seen], 1))))
        guess = self.guess(second)
        second = torch.cat([second, torch.sigmoid(guess)], 1)
        seen = self._about(torch.relu(self.look_two(second)), batch)
        third = self.dropout(torch.relu(self.two(torch.cat([second, seen], 1))))
        return guess[:, 0], self.answer(third)[:, 0]

    def _entry(self, batch: Batch) -> Tensor:
        near, far = self._words("names_near", batch.bags["names"]), self._words("names_far", batch.bags["names"])
        around = functional.embedding_bag(batch.bags["around"][0], far, batch.bags["around"][1], mode="sum")
        texts = self._words("texts", batch.bags["texts"])
        under = torch.cat([texts, torch.zeros(1, WORD)])[batch.at["heading"]]
        words = [*(near[batch.at[key]] for key in _KEYS), around.clamp(-_MOST, _MOST), texts, under]
        words.append(self.pages(*batch.bags["pages"])[batch.page])
        features = batch.features
        if self.training:
            features = features + _noise(batch)
            words = [self._hidden(rows, batch) for rows in words[:-1]] + [
                self._hidden(words[-1], batch, _PAGE_FORGOTTEN)
            ]
        return torch.cat([features, *words], 1)

    def _hidden(self, rows: Tensor, batch: Batch, share: float = _GROUP_FORGOTTEN) -> Tensor:
        """`rows` without those of some pages, the others heavier for it."""
        shown = (torch.rand(batch.pages, 1) >= share) / (1 - share)
        return rows * shown[batch.page]

    def _words(self, table: str, bags: tuple[Tensor, Tensor]) -> Tensor:
        places, starts = bags
        if self.training:
            places = torch.where(torch.rand(len(places)) < _FORGOTTEN, 0, places)
        sums: Tensor = getattr(self, table)(places, starts)
        return sums

    def _about(self, rows: Tensor, batch: Batch) -> Tensor:
        n, at = len(rows), torch.arange(len(rows))
        first, last = batch.at["first"], batch.at["last"]
        padded = torch.cat([rows, torch.zeros(1, rows.shape[1])])
        sums = torch.cat([torch.zeros(1, rows.shape[1]), torch.cumsum(rows.double(), 0).float()])
        out = [padded[torch.where((at + step >= first) & (at + step < last), at + step, n)] for step in _NEAR]
        out.append(_means(rows, batch.at["groups"], batch.groups))
        runs = [batch.at["wider"].T, batch.at["widest"].T, (torch.maximum(at - _STRETCH, first), at)]
        runs.append((torch.minimum(at + 1, last), torch.minimum(at + 1 + _STRETCH, last)))
        out += [(sums[end] - sums[begin]) / (end - begin).clamp(min=1)[:, None] for begin, end in runs]
        heft = torch.sqrt(batch.sizes)
        out.append(_means(rows, batch.page, batch.pages, heft))
        return torch.cat(out, 1)


def _noise(batch: Batch) -> Tensor:
    """Noise on each feature: on those of the page one for all of its blocks, on those of the site none."""
    noise = torch.randn_like(batch.features) * _NOISE
    of_page = slice(-PAGE_FEATURES - SITE_COLUMNS, -SITE_COLUMNS)
    noise[:, of_page] = (torch.randn(batch.pages, PAGE_FEATURES) * _PAGE_NOISE)[batch.page]
    noise[:, -SITE_COLUMNS:] = 0
    return noise


def _means(rows: Tensor, groups: Tensor, count: int, heft: Tensor | None = None) -> Tensor:
    heft = torch.ones(len(rows)) if heft is None else heft
    sums = torch.zeros(count, rows.shape[1]).index_add_(0, groups, rows * heft[:, None])
    weight = torch.zeros(count).index_add_(0, groups, heft).clamp(min=1)
    return (sums / weight[:, None])[groups]
