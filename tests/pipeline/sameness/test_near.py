import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sameness.near import Thresholds, compare
from pipeline.sameness.sketch import SKETCH_BYTES, fingerprint

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrstv"]
sketches = st.binary(min_size=SKETCH_BYTES, max_size=SKETCH_BYTES)


def prose(seed, words):
    """So many words, the same for the same seed."""
    chance = random.Random(seed)
    return [chance.choice(VOCABULARY) for _ in range(words)]


def alike(one, other, **thresholds):
    """The likeness of two lists of words."""
    return compare(fingerprint(" ".join(one)).sketch, fingerprint(" ".join(other)).sketch, Thresholds(**thresholds))


def report(seed):
    """A page of a template: the same sentences around other figures."""
    chance = random.Random(seed)
    frame = prose("weather", 120)
    for place in range(0, 120, 5):
        frame[place] = str(chance.randrange(1000))
    return frame


def test_a_text_is_a_copy_of_itself():
    """Nothing resembles a text more than the same text."""
    found = alike(prose(1, 300), prose(1, 300))
    assert found == ("resemblance", 1000, 1000, 1000)


def test_other_texts_are_apart():
    """Texts of the same words in another order share nothing."""
    found = alike(prose(1, 300), prose(2, 300))
    assert (found.copy, found.rule) == (False, "apart")
    assert found.similarity < 50


def test_an_edited_copy_is_found():
    """A copy with another headline, a changed word here and there and a note at its end is a copy."""
    story = prose(1, 400)
    edited = prose(2, 12) + [word if i % 40 else "changed" for i, word in enumerate(story)] + prose(3, 30)
    found = alike(story, edited)
    assert (found.copy, found.rule) == (True, "resemblance")
    assert 500 < found.similarity < 900


def test_a_cut_copy_is_found_by_containment():
    """A third of a text resembles it little, but is contained in it."""
    story = prose(1, 900)
    found = alike(story, story[:300])
    assert (found.copy, found.rule) == (True, "containment")
    assert found.containment > 850


def test_a_short_text_needs_more():
    """Of two short texts three quarters must be the same: half of it is the site's own phrase."""
    story = prose(1, 40)
    assert alike(story, [*story[:-1], "end"]).rule == "short"
    assert alike(story, story[:20] + prose(2, 20)).rule == "apart"


@pytest.mark.parametrize("seed", range(5))
def test_other_figures_in_one_frame_are_no_copy(seed):
    """Two pages of one template with other figures are two pages, however much of their text is the same."""
    found = alike(report(seed), report(seed + 100), resemblance=0)
    assert (found.copy, found.rule) == (False, "figures")


def test_the_same_figures_in_one_frame_are_a_copy():
    """A page of a template under another headline is a copy."""
    assert alike(report(1), prose(3, 10) + report(1)).copy


def test_a_few_other_figures_in_a_long_text_do_not_matter():
    """Where numbers are rare, a date line that differs makes no other page."""
    story = prose(1, 300)
    assert alike(["12", "may", "1984", *story], ["13", "june", "1985", *story]).copy


def test_a_text_without_words_is_apart():
    """What has no shingle resembles nothing, not even itself."""
    assert alike([], []).rule == "apart"


@given(sketches, sketches)
def test_the_order_of_the_two_does_not_matter(one, other):
    """Any two sketches are as alike one way as the other."""
    assert compare(one, other) == compare(other, one)


@given(sketches, sketches)
def test_shares_are_shares(one, other):
    """Every share is from 0 to 1,000, and what is contained is never less than what is similar."""
    found = compare(one, other)
    assert 0 <= found.similarity <= found.containment <= 1000
    assert 0 <= found.figures <= 1000


def test_a_sketch_of_another_size_is_refused():
    """What is no sketch is not compared."""
    with pytest.raises(ValueError, match="133 bytes"):
        compare(b"", bytes(SKETCH_BYTES))
