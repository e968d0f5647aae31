"""Characters and words of blocks, counted at once."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks.characters import CLASSES, count_classes

TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1), min_size=1, max_size=5)


def test_kinds_of_characters():
    """Each character is of one kind."""
    counts, words, ends = count_classes(["Über 12, ja!", "東京は", "“Yes.”"])
    assert counts[0, CLASSES["upper"]] == 1
    assert counts[0, CLASSES["digit"]] == 2
    assert counts[0, CLASSES["comma"]] == 1
    assert counts[1, CLASSES["each"]] == 3
    assert words.tolist() == [3.0, 3.0, 1.0]
    assert ends.tolist() == [1.0, 0.0, 1.0]


@given(TEXTS)
def test_every_character_counts_once(texts):
    """The kinds of a text's characters add up to its length, whatever they are."""
    counts, _, _ = count_classes(texts)
    assert counts.sum(axis=1).tolist() == [len(text) for text in texts]


@given(st.lists(st.from_regex(re.compile(r"[a-z0-9 .,]{1,30}"), fullmatch=True), min_size=1))
def test_words_are_runs_of_letters_and_digits(texts):
    """A text's words are those of a regular expression, and no word runs from one text into the next."""
    assert count_classes(texts)[1].tolist() == [len(re.findall("[a-z0-9]+", text)) for text in texts]
