# ruff: noqa: RUF001  quotes are what is tested
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sameness.fingerprint import normalise_text
from pipeline.sameness.words import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The  Mill,\n\nturns!", "the mill turns"),
        ("“Flour” — it’s ﬁne", "flour it s fine"),
        ("Straße STRASSE", "strasse strasse"),
        ("so\xadft hy\u200bphen", "soft hyphen"),
        ("e\u0301te\u0301", "été"),
        ("水車が回る", "水 車 が 回 る"),
        ("2024年3月5日", "2024 年 3 月 5 日"),
        ("٢٠٢٤ و २०२४", "2024 و 2024"),
        ("", ""),
    ],
)
def test_words_are_what_is_said(text, words):
    """Type and layout go; a character of a script without blanks is a word; all digits are ASCII's."""
    assert b" ".join(words_of(text)).decode() == words


@given(st.text(st.characters(exclude_categories=["Cs", "Lm", "Lo", "Nd", "No", "Mc", "Mn", "Sm"]), max_size=200))
def test_words_are_those_of_the_normalised_text(text):
    """Where no digit and no character stands for more than itself, words are the normalised text cut at blanks."""
    assert b" ".join(words_of(text)).decode() == normalise_text(text)


def test_a_long_text_is_read_up_to_its_limit():
    """Of a text beyond the limit only the beginning counts, so that its cost is bounded."""
    assert words_of("mill " * 10, most=12) == [b"mill", b"mill", b"mi"]


@given(st.text(max_size=100))
def test_any_text_has_words_without_blanks(text):
    """Whatever a page holds, lone surrogates too, its words are not empty and hold no blank."""
    assert all(word and b" " not in word for word in words_of(text))


def test_a_character_that_stands_for_many_is_bounded():
    """A ligature of 18 letters makes no more words than four times the limit has bytes."""
    assert len(b" ".join(words_of("\ufdfa" * 5000, most=1000))) <= 4000
