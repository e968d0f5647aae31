"""What lines have in common with those around them, and with the address of their page."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.flattened.cohesion import SLUG, cohesion

STORY = [
    "The lower bridge was closed before dawn.",
    "Under the bridge the river had risen by two metres.",
    "The mayor said that the river would fall, and the bridge open.",
]
TEASERS = ["Bakery wins prize", "Five walks among hills", "Quiet evening concert", "Football results tonight"]
NEAR, AFTER, LINKS = 3, 1, slice(9, 12)


def columns_of(lines, url=None):
    return np.stack(cohesion(lines, url), axis=1)


@given(
    st.lists(st.text(min_size=1), min_size=1, max_size=20),
    st.one_of(st.none(), st.text(), st.just("https://[/a-b-c"), st.just("https://example.org/lower-bridge-closed")),
)
def test_every_line_gets_finite_numbers(lines, url):
    """Whatever the lines and the address, there is one row a line, of one width, all of it finite."""
    found = columns_of(lines, url)
    assert found.shape == (len(lines), columns_of(["x"]).shape[1])
    assert np.isfinite(found).all()


def test_an_article_comes_back_to_its_words_and_teasers_do_not():
    """Words link the lines of a story, whatever their ending; nothing links teasers."""
    found = columns_of([*STORY, *TEASERS])
    assert (found[:2, LINKS] > 0).all()
    assert (found[3:, LINKS] == 0).all()
    assert found[0, AFTER] > 0 == found[3, AFTER]


def test_words_are_known_by_their_first_letters():
    """Endings of inflected words do not matter: the same word in two cases is one."""
    assert columns_of(["Российский мост закрыт", "Мосты закрыты", "Река"])[0, AFTER] > 0


def test_in_scripts_without_blanks_two_characters_are_a_word():
    """What two lines of Chinese have in common is found without blanks."""
    found = columns_of(["昨天夜里河水上涨了两米", "关于我们", "市长说河水上涨"])
    assert found[0, NEAR] > 0 == found[1, NEAR]


def test_a_word_that_every_line_has_counts_for_nothing():
    """The more lines have a word, the less it tells."""
    assert (columns_of(["bridge", "bridge", "bridge"])[:, :8] == 0).all()


def test_the_line_that_the_address_names_is_the_title():
    """Lines below the one that shares most words with the address are told from those above."""
    lines = [*TEASERS, "Lower bridge closed before dawn", *STORY]
    named = columns_of(lines, "https://example.org/2024/news/lower-bridge-closed-before-dawn.html?x=1")[:, -SLUG:]
    assert named[:, 0].argmax() == 4
    assert named[:, 2].tolist() == [0, 0, 0, 0, 1, 0, 0, 0]
    assert named[:, 3].tolist() == [0, 0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("url", [None, "", "https://example.org/", "https://example.org/2024/11/19/483920.html"])
def test_an_address_that_names_nothing_says_nothing(url):
    """A number or a section tells no title from the rest."""
    assert (columns_of([*TEASERS, *STORY], url)[:, -SLUG:] == 0).all()
