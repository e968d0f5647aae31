"""The features of a flattened page's lines: one finite row a line, whatever the page."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.flattened.features import line_features

STORY = [
    "The lower bridge was closed before dawn, when the river had risen by two metres, the mayor said on Friday.",
    "Nobody was hurt, according to the fire service, and the pumps in the old town were running by six o'clock.",
    "“We have seen worse,” said a baker, whose cellar was dry, “and we shall open the shop as on any other day.”",
]
NOTICE = "We use cookies on this website to improve your experience, and by continuing you agree to our settings."


def features_of(lines):
    return line_features(lines, [False] * len(lines))


@given(
    st.lists(
        st.tuples(st.text(min_size=1).map(lambda text: text.strip() or "x"), st.booleans()), min_size=1, max_size=30
    )
)
def test_every_line_gets_a_row_of_numbers(page):
    """Whatever the lines, there is one row a line, of one width, and no infinity or NaN in it."""
    features, sizes = line_features([line for line, _ in page], [gap for _, gap in page])
    assert features.shape == (len(page), features_of(["x"])[0].shape[1])
    assert len(sizes) == len(page)
    assert np.isfinite(features).all()
    assert (sizes >= 0).all()


def test_lines_alike_differ_in_their_place_only():
    """What a line shows by itself is the same at each of its places."""
    features, sizes = features_of([*STORY, STORY[0]])
    assert (features[0, :22] == features[3, :22]).all()
    assert sizes[0] == sizes[3]
    assert (features[0] != features[3]).any()


def test_a_notice_of_consent_is_marked_but_not_on_a_page_about_it():
    """Where most of the long lines speak of cookies, they are the subject."""
    study = "A study of cookies found that few visitors read what they accept, and fewer find the settings below it."
    among, about = features_of([*STORY, NOTICE])[0][-1], features_of([study, NOTICE])[0][-1]
    assert (among[:41] - about[:41]).tolist().count(1.0) == 1


def test_a_character_of_chinese_is_a_word():
    """Without blanks a paragraph is one word to a splitter, and many here."""
    assert features_of(["昨天夜里河水上涨了两米"])[1].tolist() == [11]


@pytest.mark.parametrize("line", ["x", "word " * 500_000, "a,b " * 500_000, "." * 1_000_000])
def test_lines_of_megabytes_are_looked_at(line):
    """A line is looked at up to a bound, and its length told all the same."""
    features, sizes = features_of([line.strip()])
    assert len(features) == 1
    assert line.count(" ") * 0.9 <= sizes[0] <= len(line)


def test_lines_in_tens_of_thousands_are_looked_at():
    """Time and memory go with the number of lines."""
    assert len(features_of(["Comments", "By Jane Doe"] * 5_000)[0]) == 10_000
