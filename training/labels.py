"""Which blocks of a page are its main text: the true text laid along the page's."""

from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from training.score import words_in

_ROUNDS = 4  # for what the page has in another order than the truth
_RUN = 3  # words in a row: fewer may be chance
_MOST_WORDS = 40_000


def label(texts: Sequence[str], truth: str) -> tuple[list[int], list[int]]:
    """For each block its words, and how many of them the true text has, each of its words given once.

    The longest common subsequence of the page's words and the truth's; what is left of both is laid along each other
    again. Of a block of which only scattered words match, nothing counts.
    """
    blocks = [words_in(text) for text in texts]
    sizes = [len(words) for words in blocks]
    matched = [0] * len(blocks)
    true = words_in(truth)[:_MOST_WORDS]
    open_blocks = [i for i, size in enumerate(sizes) if size]
    for _ in range(_ROUNDS):
        gained, true = _lay(blocks, open_blocks, true)
        for i, count in gained.items():
            matched[i] = count
        open_blocks = [i for i in open_blocks if i not in gained]
        if not gained or not true or not open_blocks:
            break
    return sizes, matched


def _lay(blocks: Sequence[list[str]], places: Sequence[int], true: list[str]) -> tuple[dict[int, int], list[str]]:
    """Words matched by block, and the true words that are left."""
    page = [(word, i) for i in places for word in blocks[i]][:_MOST_WORDS]
    pairs: list[tuple[int, int]] = []
    for step in LCSseq.opcodes([word for word, _ in page], true):
        if step.tag == "equal":
            pairs += zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True)
    found: dict[int, list[int]] = {}
    for mine, its in pairs:
        found.setdefault(page[mine][1], []).append(its)
    kept = {i: its for i, its in found.items() if _is_solid(its, len(blocks[i]))}
    used = {its for group in kept.values() for its in group}
    return {i: len(its) for i, its in kept.items()}, [word for its, word in enumerate(true) if its not in used]


def _is_solid(places: Sequence[int], size: int) -> bool:
    """Whether the matches in a block of `size` words are more than chance: half of it, or a tenth in runs."""
    runs = longest = 1
    for before, after in pairwise(places):
        runs = runs + 1 if after == before + 1 else 1
        longest = max(longest, runs)
    if size <= _RUN:
        return len(places) == size and longest == size
    return longest >= _RUN and (2 * len(places) >= size or longest >= 8)
