"""What stands above an article's text and is told of it elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.masthead import drop_masthead

BODY = "The mill has stood on the brook since the first flood.\n\nIt grinds no corn now, but it still turns."


@pytest.mark.parametrize(
    "head",
    [
        "The mill that stayed",
        "THE MILL that  stayed",
        "The mill that stayed\n\nBy Ada Brook",
        "By Ada Brook\n\nPublished 3 May 2024",
        "The mill that stayed\n\n28 April 2025, 10:10",
        "Par la rédaction, publié le 5 novembre 2024 à 6 h 15",
        "Advertisement\n\nThe mill that stayed",
    ],
)
def test_title_byline_and_dateline_go_from_the_top(head):
    """Of a text under its masthead the body alone is left, and what went is counted."""
    assert drop_masthead(f"{head}\n\n{BODY}", "The mill that stayed") == (BODY, len(head) + 2)


@pytest.mark.parametrize(
    "first",
    [
        "The mill that stayed is the last of nine.",
        "In 2024 the mill was sold, and nobody in the village can say who bought it or for how much.",
        "A second heading",
    ],
)
def test_a_line_that_says_something_stays(first):
    """Sentences and other headings stay, though they speak of the title or of a year; and so does all below."""
    text = f"{first}\n\nThe mill that stayed\n\n{BODY}"
    assert drop_masthead(text, "The mill that stayed") == (text, 0)


def test_a_text_that_is_all_masthead_stays():
    """Where nothing would be left, nothing goes."""
    assert drop_masthead("The mill that stayed\n\nBy Ada Brook", "The mill that stayed") == (
        "The mill that stayed\n\nBy Ada Brook",
        0,
    )


@given(text=st.text(), title=st.none() | st.text())
def test_what_is_left_is_the_end_of_the_text(text, title):
    """Whatever the text and the title are, the rest is the text's end, and the count is what went."""
    rest, gone = drop_masthead(text, title)
    assert text.endswith(rest)
    assert gone == len(text) - len(rest)
