"""Learn the weights for flattened pages, or measure them: `python -m training.lines DATA [--folds 5] [--out FILE]`."""

import argparse
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

import torch

from pipeline.flattened.extract import read_flattened
from pipeline.flattened.net import LineWeights, pack_lines, unpack_lines
from training.asked import parser_of
from training.folds import fold_file, fold_of, keep_fold
from training.line_learn import learn_lines, sites_of
from training.line_pages import LinePage, read_line_pages
from training.pages import COPYLEFT, read_truths
from training.score import overlap, table, words_in

_DOMAINS = 25  # that a word of the vocabulary is on, at least
_SAMPLE = 5  # one in so many pages is scored as the other ways flatten it


def main() -> None:
    """Cross-validate with domains kept apart when `--folds` says so; write the weights of all pages to `--out`."""
    asked = parser_of(__doc__, epochs=15).parse_args()
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
    alone: dict[str, tuple[float, float, float]] = {}
    known: dict[str, tuple[float, float, float]] = {}
    groups = {_key(page): _groups(page, asked.folds) for page in pages if _is_scored(page)}
    sites = sites_of(pages)
    for fold in range(asked.folds):
        learned = [page for page in allowed if fold_of(page.truth.domain, asked.folds) != fold]
        packed = pack_lines(learn_lines(learned, vocabulary, epochs=asked.epochs))
        if asked.keep:
            keep_fold(fold_file(asked.keep, "lines", fold, asked.folds), packed)
        weights = unpack_lines(packed)
        for number, page in enumerate(pages):
            if fold_of(page.truth.domain, asked.folds) == fold and _is_scored(page):
                times, others = sites.known(number)
                alone[_key(page)] = score(page, weights)
                known[_key(page)] = score(page, weights, (times, others)) if others else alone[_key(page)]
        print(f"up to fold {fold}\nalone\n{table(alone, groups)}\nwith the site\n{table(known, groups)}", flush=True)


def _key(page: LinePage) -> str:
    return f"{page.way}/{page.truth.dataset}/{page.truth.id}"


def _is_scored(page: LinePage) -> bool:
    return page.way == "resiliparse" or zlib.crc32(_key(page).encode()) % _SAMPLE == 0


def _groups(page: LinePage, folds: int) -> list[str]:
    truth = page.truth
    if page.way != "resiliparse":
        return [f"flattened: {page.way}"]
    kind = "articles" if truth.page_type == "article" else "other types"
    fold = f"fold {fold_of(truth.domain, folds)}"
    return ["flattened: resiliparse", f"set {truth.dataset}", f"type {truth.page_type}", kind, fold]


def score(
    page: LinePage, weights: LineWeights, site: tuple[Sequence[int], int] | None = None
) -> tuple[float, float, float]:
    """Precision, recall and F1 of the words of the article found; `site`: on how many other pages each line is."""
    text = "".join(
        f"\n{line}" if gap else line for line, gap in zip([f"{x}\n" for x in page.lines], page.gaps, strict=True)
    )
    seen = (lambda _: site) if site else None
    found = read_flattened(text, url=page.truth.url, fetched_at=None, seen=seen, weights=weights)
    return overlap(words_in(page.truth.text), words_in(found.text))


if __name__ == "__main__":
    main()
