import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sameness.shingles import shingles_of

RUNS = ["1a9e6e9e0754d669", "fb9b6ab40a9996d4"]
PAIRS = ["05646dc9fbd2e2f9", "260144950cb606d1"]
words = st.lists(st.sampled_from([b"mill", b"wheel", b"turns", b"7", b"1984", "müller".encode()]), max_size=40)


def test_the_hashes_are_the_same_on_every_machine():
    """The hashes of a known text are these, wherever and whenever they are made."""
    found = shingles_of(b"the 7 mills of the valley".split())
    assert [f"{run:016x}" for run in found.runs] == RUNS
    assert [f"{pair:016x}" for pair in found.pairs] == PAIRS
    assert found.numeric == 1.0


@given(words, st.integers(0, 40))
def test_a_runs_hash_depends_on_its_words_alone(text, start):
    """Wherever a run stands in a text, its hash is the one that it has alone."""
    run = text[start : start + 5]
    if len(run) == 5:
        assert shingles_of(run).runs[0] in shingles_of(text).runs


@given(words)
def test_hashes_are_distinct_and_ascending(text):
    """No hash comes twice, and there are no more than runs and pairs."""
    found = shingles_of(text)
    for hashes in (found.runs, found.pairs):
        assert (np.diff(hashes.astype(object)) > 0).all()
    assert len(found.runs) <= max(0, len(text) - 4) or len(text) < 5


@given(words)
def test_pairs_are_neighbours_of_numbers(text):
    """There is a pair exactly where a number has a neighbour."""
    numbers = [word[:1].isdigit() for word in text]
    pairs = {(text[i], text[i + 1]) for i in range(len(text) - 1) if numbers[i] or numbers[i + 1]}
    assert len(shingles_of(text).pairs) == len(pairs)


def test_a_short_text_is_one_run():
    """A text of fewer than five words is one run, and no text is none."""
    assert len(shingles_of([b"mill"]).runs) == 1
    assert len(shingles_of([]).runs) == 0
