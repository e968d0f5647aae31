import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sameness.near import sizes_of
from pipeline.sameness.sketch import KEYS, SKETCH_BYTES, fingerprint

STORY = " ".join(f"word{number * 7919 % 1000} mill {number}" for number in range(100))


def test_a_fingerprint_has_a_fixed_size():
    """However long a text, it has eight keys of eight bytes and one sketch of 133 bytes."""
    for text in (STORY, STORY * 50):
        made = fingerprint(text)
        assert [len(key) for key in made.keys] == [8] * KEYS
        assert len(made.sketch) == SKETCH_BYTES == 133


def test_no_words_no_keys():
    """A text without a word leads nowhere."""
    made = fingerprint("… !")
    assert made.keys == ()
    assert made.sketch == bytes(SKETCH_BYTES)


@given(st.text(max_size=300))
def test_keys_ascend_and_are_distinct(text):
    """The keys are the smallest hashes, each once, in order."""
    keys = fingerprint(text).keys
    assert list(keys) == sorted(set(keys))


def test_type_and_layout_do_not_change_it():
    """The same words in capitals, with other punctuation and blanks, have the same fingerprint."""
    assert fingerprint(STORY.upper().replace(" ", ",\n ")) == fingerprint(STORY)


def test_the_sketch_tells_the_sizes():
    """The head of a sketch holds how many runs and pairs there are, and how many are numeric."""
    sizes = sizes_of(fingerprint(STORY).sketch)
    assert sizes.runs == 296
    assert sizes.pairs > 190
    assert sizes.numeric == 1000


def test_a_size_has_an_end():
    """A text of more runs than two bytes can tell has as many as they can."""
    letters = random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=100_000)
    assert sizes_of(fingerprint(" ".join(letters)).sketch).runs == 0xFFFF
