"""What knowing a site is worth: precision, recall and F1 as the number of its pages grows that were seen before.

    python benchmarks/site_profile.py DATA --copyleft
    python benchmarks/site_profile.py DATA --copyleft --flattened

DATA is what `python -m training` takes, and `pip install 'pagemill[train]'` is needed: nets are learned here, each of
them without the sites that it is then measured on. Which other pages of a site were seen is drawn by lot. The rows of
a table are of the same pages: those of the sites that have at least as many in the data.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import torch

from pipeline.flattened.net import pack_lines, unpack_lines
from training.__main__ import score as score_blocks
from training.asked import parser_of
from training.learn import Learned, learn, predict
from training.learn import sites_of as sites_of_examples
from training.line_learn import learn_lines, sites_of
from training.line_pages import read_line_pages
from training.lines import learn_vocabulary
from training.lines import score as score_lines
from training.pages import COPYLEFT, Example, fold_of, learn_vocabularies, read_examples, read_truths
from training.sites import Sites

SEEN = (1, 2, 3, 5, 10, 16, 50)
TABLES = (2, 3, 6, 11, 17, 20)

Count = tuple[np.ndarray, int]
Score = tuple[float, float, float]
Scores = Mapping[int, Score]  # by the pages that were seen; 0: the page alone


def main() -> None:
    """Learn, measure, and print a table for each size of site."""
    parser = parser_of(__doc__, epochs=0)
    parser.add_argument("--flattened", action="store_true", help="pages flattened to text, instead of HTML")
    parser.set_defaults(folds=5)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    found = list(_flattened(asked) if asked.flattened else _html(asked))
    for least in TABLES:
        _print_table([scores for others, scores in found if others >= least - 1], least)


def _html(asked: argparse.Namespace) -> Iterator[tuple[int, Scores]]:
    """Of each page how many others its site has, and how it scores."""
    truths = read_truths(asked.data)
    vocabularies = learn_vocabularies([t for t in truths if asked.copyleft or t.dataset not in COPYLEFT])
    rows = tuple(len(words) + 1 for words in (vocabularies.names, vocabularies.texts, vocabularies.pages))
    examples = read_examples(truths, vocabularies, asked.cache)
    allowed = [one for one in examples if asked.copyleft or one.truth.dataset not in COPYLEFT]
    sites = sites_of_examples(examples)
    for fold in range(asked.folds):
        known = [one for one in allowed if fold_of(one.truth.domain, asked.folds) != fold]
        learned = learn(known, rows, epochs=asked.epochs or 4)
        for number, one in enumerate(examples):
            if fold_of(one.truth.domain, asked.folds) == fold:
                yield _scores(sites, number, partial(_score_html, learned, one))


def _score_html(learned: Learned, example: Example, count: Count | None) -> Score:
    return score_blocks(example, predict(learned, example, count))


def _flattened(asked: argparse.Namespace) -> Iterator[tuple[int, Scores]]:
    pages = read_line_pages(read_truths(asked.data), asked.cache)
    allowed = [page for page in pages if asked.copyleft or page.truth.dataset not in COPYLEFT]
    vocabulary = learn_vocabulary([page for page in pages if page.truth.dataset not in COPYLEFT])
    sites = sites_of(pages)
    for fold in range(asked.folds):
        known = [page for page in allowed if fold_of(page.truth.domain, asked.folds) != fold]
        weights = unpack_lines(pack_lines(learn_lines(known, vocabulary, epochs=asked.epochs or 9)))
        for number, page in enumerate(pages):
            if page.way == "resiliparse" and fold_of(page.truth.domain, asked.folds) == fold:
                yield _scores(sites, number, partial(score_lines, page, weights))


def _scores(sites: Sites, page: int, judge: Callable[[Count | None], Score]) -> tuple[int, Scores]:
    others = np.random.default_rng(page).permutation(sites.others(page)).tolist()
    seen = [most for at, most in enumerate((0, *SEEN)) if most <= len(others) or (0, *SEEN)[at - 1] < len(others)]
    return len(others), {most: judge(sites.count(page, others[:most]) if most else None) for most in seen}


def _print_table(found: list[Scores], least: int) -> None:
    """The rows that all of these pages have; the last one may be of fewer pages seen than it says."""
    if not found:
        return
    print(f"\n{len(found)} pages of sites of {least} pages and more\n  seen       P       R      F1  against none")
    for most in sorted(set.intersection(*(set(scores) for scores in found))):
        rows = [scores[most] for scores in found]
        precision, recall, f1 = np.mean(rows, axis=0)
        gain = np.mean([scores[most][2] - scores[0][2] for scores in found])
        print(f"{most:>6}  {precision:.4f}  {recall:.4f}  {f1:.4f}  {gain:+.4f}")


if __name__ == "__main__":
    main()
