"""Learn the weights, or measure what is learned: `python -m training DATA [--folds 5] [--out FILE]`."""

import argparse
from collections.abc import Sequence

import numpy as np
import torch

from pipeline.blocks.choice import DOUBTED, choose
from pipeline.blocks.inputs import Vocabularies
from pipeline.blocks.net import on_grid
from pipeline.blocks.weights import pack
from training.asked import parser_of
from training.folds import fold_file, fold_of, keep_fold
from training.learn import Learned, learn, predict, sites_of
from training.pages import COPYLEFT, Example, learn_vocabularies, read_examples, read_truths
from training.score import overlap, table

WAYS = ("alone", "with the site", "in the order of the stream")


def main() -> None:
    """Cross-validate with domains kept apart when `--folds` says so; write the weights of all pages to `--out`."""
    asked = parser_of(__doc__, epochs=6).parse_args()
    torch.set_num_threads(asked.threads)
    truths = read_truths(asked.data)
    vocabularies = learn_vocabularies([t for t in truths if asked.copyleft or t.dataset not in COPYLEFT])
    rows = rows_of(vocabularies)
    examples = read_examples(truths, vocabularies, asked.cache)
    print(f"{len(examples)} pages, {sum(len(e.shares) for e in examples)} blocks, {rows} rows of words", flush=True)
    allowed = [e for e in examples if asked.copyleft or e.truth.dataset not in COPYLEFT]
    if asked.folds:
        _cross_validate(examples, allowed, vocabularies, asked)
    if asked.out:
        learned = learn(allowed, rows, epochs=asked.epochs)
        asked.out.write_bytes(pack(vocabularies, numbers_of(learned)))


def rows_of(vocabularies: Vocabularies) -> tuple[int, int, int]:
    """The rows of the three tables of words: row 0 is none."""
    return len(vocabularies.names) + 1, len(vocabularies.texts) + 1, len(vocabularies.pages) + 1


def numbers_of(learned: Learned) -> dict[str, np.ndarray]:
    """The arrays of a net as `pack` takes them."""
    net = learned.net
    numbers = {"mean": learned.mean, "scale": learned.scale}
    for name, value in net.state_dict().items():
        part, kind = name.rsplit(".", 1)
        array = value.double().numpy()
        if part in {"names_near", "names_far", "texts", "pages"}:
            numbers[part] = array
        else:
            numbers[f"{part}_by" if kind == "weight" else f"{part}_plus"] = array.T
    return numbers


def _cross_validate(
    examples: Sequence[Example], allowed: Sequence[Example], vocabularies: Vocabularies, asked: argparse.Namespace
) -> None:
    scores: dict[str, dict[str, tuple[float, float, float]]] = {way: {} for way in WAYS}
    groups: dict[str, list[str]] = {}
    sites = sites_of(examples)
    for fold in range(asked.folds):
        others = [e for e in allowed if fold_of(e.truth.domain, asked.folds) != fold]
        learned = learn(others, rows_of(vocabularies), epochs=asked.epochs)
        if asked.keep:
            keep_fold(fold_file(asked.keep, "blocks", fold, asked.folds), pack(vocabularies, numbers_of(learned)))
        for number, example in enumerate(examples):
            truth = example.truth
            if fold_of(truth.domain, asked.folds) != fold:
                continue
            page = f"{truth.dataset}/{truth.id}"
            for way, count in zip(WAYS, (None, sites.known(number), sites.before(number)), strict=True):
                scores[way][page] = score(example, predict(learned, example, count))
            kind = "articles" if truth.page_type in {"article", "synthetic"} else "other types"
            groups[page] = ["all", f"set {truth.dataset}", f"type {truth.page_type}", kind, f"fold {fold}"]
            groups[page] += ["domains of 3 pages and more"] if len(sites.others(number)) > 1 else []
        of_fold = {page: s for page, s in scores["alone"].items() if f"fold {fold}" in groups[page]}
        print(f"fold {fold}\n{table(of_fold, groups)}", flush=True)
    for way in WAYS:
        print(f"{way}\n{table(scores[way], groups)}", flush=True)


def score(example: Example, likely: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words of the chosen blocks."""
    kept, _ = choose(on_grid(likely), example.inputs.sizes, DOUBTED)
    found = [word for words, keep in zip(example.words, kept, strict=True) if keep for word in words.tolist()]
    return overlap(example.true.tolist(), found)


if __name__ == "__main__":
    main()
