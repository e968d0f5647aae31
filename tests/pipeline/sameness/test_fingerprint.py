# ruff: noqa: RUF001  quotes and full-width letters are what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sameness.fingerprint import normalise_text, text_key


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The  Mill,\n\nturns!", "the mill turns"),
        ("“Flour” — it’s ﬁne", "flour it s fine"),
        ("Straße STRASSE", "strasse strasse"),
        ("so\xadft hy\u200bphen", "soft hyphen"),
        ("ＦＵＬＬ　ｗｉｄｔｈ１２", "full width12"),
        ("snake_case 3.5", "snake case 3 5"),
        ("e\u0301te\u0301", "été"),
        ("कि की", "कि की"),
    ],
)
def test_type_and_layout_do_not_matter(text, normal):
    """Case, width, ligatures, quotes, punctuation and blanks go; letters, vowel signs and digits stay."""
    assert normalise_text(text) == normal


@given(st.text(max_size=200))
def test_normalising_a_text_is_idempotent(text):
    """A second pass changes nothing, for any text."""
    once = normalise_text(text)
    assert normalise_text(once) == once


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_the_fast_way_for_ascii_is_the_slow_one(text):
    """The shortcut for ASCII answers as the general way does."""
    assert normalise_text(text) == " ".join(normalise_text(f"{text} ж").split()[:-1])


def test_the_key_is_sixteen_bytes_of_what_is_said():
    """Texts that say the same share a key; vowel signs and digits tell texts apart."""
    assert text_key("The mill turns.") == text_key("THE MILL — turns")
    assert len(text_key("")) == 16
    assert text_key("कि") != text_key("की")
    assert text_key("12") != text_key("13")


def test_texts_without_a_letter_are_not_all_the_same():
    """Where normalising leaves nothing, the text itself is the key."""
    assert text_key("!!!") != text_key("???")
