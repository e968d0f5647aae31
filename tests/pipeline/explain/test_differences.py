"""What stands in one text only."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.explain.differences import LONGEST, MOST, differences


def test_sentences_and_numbers_in_one_text_are_named():
    """What both have is counted, what one has is told."""
    found = differences("The mill turns. It has 4 sails.", "The mill turns! It has 6 sails. It is old.")
    assert found.shared == 1
    assert found.only_a == ("It has 4 sails.",)
    assert found.only_b == ("It has 6 sails.", "It is old.")
    assert (found.numbers_a, found.numbers_b) == (("4",), ("6",))


def test_a_date_does_not_end_a_sentence():
    """A full stop behind a number divides nothing."""
    assert differences("Am 2. Oktober war es so.", "").only_a == ("Am 2. Oktober war es so.",)


def test_sentences_end_in_scripts_without_blanks():
    """An ideographic full stop ends a sentence, with no blank behind it."""
    assert differences("风很大。雨很小。", "风很大。").only_a == ("雨很小。",)


def test_what_is_named_is_bounded():
    """However long the texts, the list is short and its sentences too."""
    found = differences("\n".join(f"word{n} " * 50 for n in range(500)), "")
    assert (len(found.only_a), found.count_a) == (MOST, 500)
    assert max(map(len, found.only_a)) <= LONGEST


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_order_of_the_two_does_not_matter(a, b):
    """What is only in A is only in B when they change places."""
    one, other = differences(a, b), differences(b, a)
    assert (one.only_a, one.count_b, one.numbers_a) == (other.only_b, other.count_a, other.numbers_b)


@given(st.text(max_size=300))
def test_a_text_does_not_differ_from_itself(text):
    """Nothing is only here or only there."""
    found = differences(text, text)
    assert (found.count_a, found.count_b, found.numbers_a, found.numbers_b) == (0, 0, (), ())
