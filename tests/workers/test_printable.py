"""Text from pages on terminals and in logs."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.printable import printable, printable_block, printable_json, shortened


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("Grüße, 世界, नमस्ते 👩\u200d🔬", "Grüße, 世界, नमस्ते 👩\u200d🔬"),
    ],
)
def test_what_moves_a_cursor_is_shown_as_an_escape(hostile, shown):
    """Controls, ESC in both forms, turns of direction, surrogates and tags are escaped; all scripts stay."""
    assert printable(hostile) == shown


@given(st.text())
def test_nothing_printable_returns_is_a_control(text):
    """Whatever the text, its printable form is one line without a control character or a lone surrogate."""
    assert not [letter for letter in printable(text) if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}]


@given(st.text())
def test_printable_twice_is_printable_once(text):
    """Escaping what is escaped changes nothing."""
    assert printable(printable(text)) == printable(text)


def test_a_block_keeps_line_feeds_and_tabs():
    """Text of several lines stays so; carriage returns, which overwrite a line, do not."""
    assert printable_block("a\n\tb\rc\x1b") == "a\n\tb\\rc\\x1b"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_made_printable_says_the_same(text):
    """The JSON of any text is still JSON of that text, without a control character."""
    line = printable_json(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(line) == {"text": text}
    assert not [letter for letter in line if unicodedata.category(letter) == "Cc"]


def test_a_long_text_is_cut_with_an_ellipsis():
    """A text of the width stays; one that is longer, before or after escaping, ends in an ellipsis."""
    assert shortened("abcd", 4) == "abcd"
    assert shortened("abcde", 4) == "abc…"
    assert shortened("a\x1b\x1b", 4) == "a\\x…"
