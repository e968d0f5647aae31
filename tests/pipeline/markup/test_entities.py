import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.markup.entities import unescape


@given(st.text(st.sampled_from("&#x019aAf;lt mp")))
def test_references_are_replaced_as_the_standard_library_does(text):
    """All but the numbers beyond any character read as `html.unescape` reads them."""
    assert unescape(text) == html.unescape(text) or "\ufffd" in unescape(text)


@pytest.mark.parametrize("reference", ["&#" + "9" * 5_000 + ";", "&#x" + "f" * 5_000, "&#" + "0" * 5_000 + "65;"])
def test_a_number_without_end_is_a_lost_character(reference):
    """Python reads no integer of more than 4,300 digits, and raises: one such number made a dead letter of a page."""
    assert unescape(f"a{reference}z") == "a\ufffdz"
