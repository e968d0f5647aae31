import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clean import tidy

_ODD = (
    "ab \t\n\r\x00\x0b\x1b\x85\xa0\xad\u0301\u0323\u0627\u0928\u200b\u200c\u200d\u200e"
    "\u2028\u202e\u3000\ufb1d\ufe0f\ufeff"
)
_TEXTS = st.text() | st.text(alphabet=st.sampled_from(_ODD + "\U0001f469\U0001f4bb\U000e0041\ud800"))


@given(_TEXTS)
def test_tidying_twice_changes_nothing_more(text):
    """Tidying is idempotent, on any text, lone surrogates and joiners included."""
    once = tidy(text)
    assert tidy(once) == once


@given(_TEXTS)
def test_a_tidy_text_can_be_written_and_holds_nothing_invisible(text):
    """What comes out is UTF-8 in NFC, with no control, surrogate or override in it."""
    once = tidy(text)
    once.encode()
    assert unicodedata.is_normalized("NFC", once)
    assert not {unicodedata.category(character) for character in once if character != "\n"} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(once) & set("\u200b\u202e\xad\ufeff\xa0\u3000")


@given(_TEXTS)
def test_a_tidy_text_has_no_loose_ends(text):
    """No trailing blank, no two blank lines in a row, none at either end."""
    once = tidy(text)
    assert "\n\n\n" not in once
    assert once == once.strip("\n")
    assert not any(line.endswith(" ") for line in once.split("\n"))


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("caf\u0065\u0301", "cafe\u0301".replace("e\u0301", "é")),
        ("soft\xadware", "software"),
        ("a\u200bb\ufeffc", "abc"),
        ("10\xa0km\u2009away\u3000now", "10 km away now"),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("one  \n \t\n\n\n\ntwo\n", "one\n\ntwo"),
        ("evil\u202eexe.txt\u202c", "evilexe.txt"),
        ("half \ud83d a pair", "half  a pair"),
        ("\x1b[31mred\x07", "[31mred"),
        ("    code()", "    code()"),
        ("it\x92s \x93quoted\x94 \x96 so", "it\u2019s \u201cquoted\u201d \u2013 so"),
        ("no\x81sign", "nosign"),
    ],
)
def test_what_is_invisible_goes_and_what_is_blank_becomes_one(raw, clean):
    """Each kind of odd character has one outcome."""
    assert tidy(raw) == clean


def test_a_joiner_stays_where_a_script_needs_it():
    """Persian and emoji are spelled with joiners; between Latin letters they are noise."""
    assert tidy("می\u200cروم") == "می\u200cروم"
    assert tidy("\U0001f469\u200d\U0001f4bb") == "\U0001f469\u200d\U0001f4bb"
    assert tidy("pass\u200dword\u200c") == "password"


def test_a_pile_of_marks_is_cut_to_what_can_be_sorted_quickly():
    """Composing takes the square of a run of unsorted marks: 30 stay (UAX #15)."""
    text = tidy("a" + "\u0301\u0323" * 500_000 + " and so on")
    assert len(text) < 100
    assert text.endswith(" and so on")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [("no\u034fsign", "nosign"), ("no\ufffcsign", "nosign")]
    + [(f"a{blank}blank", "a blank") for blank in "\u2800\u3164\uffa0"],
)
def test_what_unicode_calls_printable_may_be_invisible_all_the_same(raw, clean):
    """A text is not taken for clean only because each of its characters is printable."""
    assert tidy(raw) == clean
