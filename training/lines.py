"""Learn the weights for flattened pages, or measure them: `python -m training.lines DATA [--folds 5] [--out FILE]`."""

import argparse
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch

from pipeline.flattened.extract import read_flattened
from pipeline.flattened.net import LineWeights, pack_lines, unpack_lines
from training.asked import parser_of
from training.labels import words_in
from training.line_learn import learn_lines
from training.line_pages import LinePage, read_line_pages
from training.pages import COPYLEFT, fold_of, read_truths
from training.score import overlap, table

_DOMAINS = 25  # that a word of the vocabulary is on, at least
_SAMPLE = 5  # one in so many pages is scored as the other ways flatten it


def main() -> None:
    """Cross-validate with domains kept apart when `--folds` says so; write the weights of all pages to `--out`."""
    asked = parser_of(__doc__, epochs=6).parse_args()
    torch.set_num_threads(asked.threads)
    pages = read_line_pages(read_truths(asked.data), asked.cache)
    allowed = [page for page in pages if asked.copyleft or page.truth.dataset not in COPYLEFT]
    vocabulary = learn_vocabulary([page for page in pages if page.truth.dataset not in COPYLEFT])
    print(f"{len(pages)} pages, {sum(len(page.lines) for page in pages)} lines, {len(vocabulary)} words", flush=True)
    if asked.folds:
        _cross_validate(pages, allowed, vocabulary, asked)
    if asked.out:
        asked.out.write_bytes(pack_lines(learn_lines(allowed, vocabulary, epochs=asked.epochs)))


def learn_vocabulary(pages: Sequence[LinePage]) -> dict[str, int]:
    """The words that lines begin and end with on pages of enough domains, with their rows."""
    domains: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        if page.way == "resiliparse":
            for word in {word for words in page.words for word in words}:
                domains[word].add(page.truth.domain)
    kept = sorted(word for word, on in domains.items() if len(on) >= _DOMAINS)
    return {word: row for row, word in enumerate(kept, start=1)}


def _cross_validate(
    pages: Sequence[LinePage], allowed: Sequence[LinePage], vocabulary: Mapping[str, int], asked: argparse.Namespace
) -> None:
    scores: dict[str, tuple[float, float, float]] = {}
    groups: dict[str, list[str]] = {}
    for fold in range(asked.folds):
        known = [page for page in allowed if fold_of(page.truth.domain, asked.folds) != fold]
        weights = unpack_lines(pack_lines(learn_lines(known, vocabulary, epochs=asked.epochs)))
        for page in pages:
            truth = page.truth
            key = f"{page.way}/{truth.dataset}/{truth.id}"
            of_sample = page.way == "resiliparse" or zlib.crc32(key.encode()) % _SAMPLE == 0
            if of_sample and fold_of(truth.domain, asked.folds) == fold:
                scores[key] = _score(page, weights)
                groups[key] = [f"flattened: {page.way}"]
                if page.way == "resiliparse":
                    kind = "articles" if truth.page_type == "article" else "other types"
                    groups[key] += [f"set {truth.dataset}", f"type {truth.page_type}", kind, f"fold {fold}"]
        print(f"up to fold {fold}\n{table(scores, groups)}", flush=True)


def _score(page: LinePage, weights: LineWeights) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words of the article found."""
    text = "".join(
        f"\n{line}" if gap else line for line, gap in zip([f"{x}\n" for x in page.lines], page.gaps, strict=True)
    )
    return overlap(words_in(page.truth.text), words_in(read_flattened(text, fetched_at=None, weights=weights).text))


if __name__ == "__main__":
    main()
