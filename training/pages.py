"""Pages with their true text, read once and kept: blocks, words and labels of each."""

import gzip
import json
import pickle
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
from lxml.html import HtmlElement

from pagemill import RawPage
from pipeline.blocks.inputs import Inputs, Vocabularies, read_inputs
from pipeline.blocks.read import Blocks, key_of, read_blocks
from pipeline.blocks.words import words_of_keys, words_of_page, words_of_text
from pipeline.decoding.decode import Decoded, decode
from pipeline.markup.parse import parse
from pipeline.site_profile import Marks, marks_of
from training.labels import label
from training.parts import draw_parts, without
from training.score import words_in

T = TypeVar("T")

COPYLEFT = ("daniel",)  # GPL-3.0
_PARTED = 2  # times that a page is read with parts left out
_WORDS_SEEN = {"names": 12, "texts": 24, "pages": 10}  # domains that a word of a vocabulary is on, at least


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a set: where it lies, whose it is, and its true text."""

    path: Path
    dataset: str
    id: str
    domain: str
    page_type: str
    url: str | None
    text: str


class Labelled(msgspec.Struct, kw_only=True):
    """A page's blocks, of each its share of words that the true text has, and how many words that text has."""

    inputs: Inputs
    shares: npt.NDArray[np.float64]
    true_words: float


class Example(Labelled, kw_only=True):
    """A page to learn from.

    `words`, `true`: of each block and of the true text, as numbers. `marks`: what other pages of the site know the
    blocks by. `parted`: the page again, each time with other parts left out.
    """

    truth: Truth
    words: Sequence[npt.NDArray[np.uint32]]
    true: npt.NDArray[np.uint32]
    marks: Marks
    parted: Sequence[Labelled]


def read_truths(folder: Path, without: Sequence[str] = ()) -> list[Truth]:
    """All pages with a full true text of the sets in `folder`, each in a folder with a `truth.jsonl.gz`."""
    truths = []
    for path in sorted(folder.glob("*/truth.jsonl.gz")):
        if path.parent.name in without:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            truths += [_truth(path.parent, row) for row in map(json.loads, lines) if row.get("text")]
    return truths


def _truth(folder: Path, row: Mapping[str, str]) -> Truth:
    return Truth(
        path=folder / row["html"],
        dataset=folder.name,
        id=row["id"],
        domain=str(row.get("domain") or row.get("host") or row["id"]),
        page_type=row.get("page_type") or "article",
        url=row.get("url"),
        text=row["text"],
    )


def read_page(truth: Truth) -> tuple[HtmlElement, Blocks] | None:
    """The tree and blocks of a page; None where there are none."""
    with gzip.open(truth.path) as body:
        decoded = decode(RawPage(url=truth.url or "https://example.org/", body=body.read()))
    parsed = parse(decoded.text) if isinstance(decoded, Decoded) else None
    blocks = read_blocks(parsed.tree) if parsed else None
    return (parsed.tree, blocks) if parsed and blocks and blocks.texts else None


def learn_vocabularies(truths: Sequence[Truth]) -> Vocabularies:
    """The words that stand on pages of enough domains, in the order of their letters."""
    domains: dict[str, dict[str, set[str]]] = {name: defaultdict(set) for name in _WORDS_SEEN}
    for truth, words in zip(truths, _mapped(_page_words, truths), strict=True):
        for name, found in words.items():
            for word in found:
                domains[name][word].add(truth.domain)
    kept = {name: sorted(w for w, on in domains[name].items() if len(on) >= _WORDS_SEEN[name]) for name in domains}
    return Vocabularies(
        *({word: row + 1 for row, word in enumerate(kept[name])} for name in ("names", "texts", "pages"))
    )


def _page_words(truth: Truth) -> Mapping[str, set[str]]:
    page = read_page(truth)
    if page is None:
        return {}
    tree, blocks = page
    keys = {key_of(element) for element in [*blocks.elements, *blocks.leads] if element is not None}
    return {
        "names": set(chain.from_iterable(words_of_keys(keys))),
        "texts": {word for text in blocks.texts for word in words_of_text(text)},
        "pages": set(words_of_page(tree, blocks)),
    }


def read_examples(truths: Sequence[Truth], vocabularies: Vocabularies, cache: Path | None = None) -> list[Example]:
    """What the model learns from; read from `cache`, a file of one's own making, when it is there."""
    if cache and cache.exists():
        return list(pickle.loads(cache.read_bytes()))  # noqa: S301 (written below, on this machine)
    examples = [example for example in _mapped(_Reading(vocabularies), truths) if example is not None]
    if cache:
        cache.write_bytes(pickle.dumps(examples, protocol=5))
    return examples


class _Reading:
    """Reads one page; a class, so that it can be sent to another process."""

    def __init__(self, vocabularies: Vocabularies) -> None:
        self.vocabularies = vocabularies

    def __call__(self, truth: Truth) -> Example | None:
        page = read_page(truth)
        if page is None:
            return None
        tree, blocks = page
        sizes, matched = label(blocks.texts, truth.text)
        true = _numbers(truth.text)
        whole = Labelled(
            inputs=read_inputs(blocks, tree, self.vocabularies),
            shares=np.asarray(matched) / np.maximum(np.asarray(sizes), 1),
            true_words=float(max(len(true), 1)),
        )
        dice = np.random.default_rng(zlib.crc32(f"{truth.dataset}/{truth.id}".encode()))
        return Example(
            truth=truth,
            inputs=whole.inputs,
            shares=whole.shares,
            true_words=whole.true_words,
            words=[_numbers(text) for text in blocks.texts],
            true=true,
            marks=marks_of(blocks.texts),
            parted=[self._parted(tree, blocks, whole, dice) for _ in range(_PARTED)],
        )

    def _parted(self, tree: HtmlElement, blocks: Blocks, whole: Labelled, dice: np.random.Generator) -> Labelled:
        kept = draw_parts(blocks, whole.shares, dice)
        lost = float((whole.shares * whole.inputs.sizes)[~kept].sum())
        return Labelled(
            inputs=read_inputs(without(blocks, kept), tree, self.vocabularies),
            shares=whole.shares[kept],
            true_words=max(whole.true_words - lost, 1.0),
        )


def _numbers(text: str) -> npt.NDArray[np.uint32]:
    return np.asarray([zlib.crc32(word.encode()) for word in words_in(text)], dtype=np.uint32)


def _mapped(function: Callable[[Truth], T], truths: Sequence[Truth]) -> Iterator[T]:
    with ProcessPoolExecutor(2) as pool:
        yield from pool.map(function, truths, chunksize=16)
