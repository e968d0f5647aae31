import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.flattened.repeats import drop_repeats

RIVER = "The river rose by two metres overnight, and the lower bridge had to be closed to all traffic before dawn."
MAYOR = "The mayor said that nobody was hurt, that the pumps were running, and that schools would open again on Monday."
RAIN = "More rain is expected in the hills on Friday, though less of it than forecasters had feared at first."
BODY = f"{RIVER}\n\n{MAYOR}\n\n{RAIN}"


@pytest.mark.parametrize("times", [2, 3])
def test_a_body_printed_again_goes_and_the_first_stays(times):
    """Every later copy goes, in order, and the count says how much that was."""
    text = "\n\n".join([BODY] * times)
    once, removed = drop_repeats(text)
    assert once == BODY
    assert removed == len(text) - len(BODY)


def test_a_copy_is_found_across_its_headings():
    """Short lines between copied paragraphs belong to the copy."""
    copy = f"{RIVER}\n\nThe night\n\n{MAYOR}\n\n{RAIN}"
    assert drop_repeats(f"{BODY}\n\nA last line.\n\n{copy}")[0] == f"{BODY}\n\nA last line."


def test_a_copy_may_differ_by_a_word():
    """A copy that lost a link or gained a word is a copy."""
    assert drop_repeats(f"{BODY}\n\n{RIVER.replace('all traffic', 'traffic')}\n\n{MAYOR}\n\n{RAIN}")[0] == BODY


def test_a_chinese_body_printed_twice_goes():
    """Scripts without blanks are compared by characters."""
    night = "昨天夜里河水上涨了两米,下游的桥梁在黎明之前就对所有车辆关闭了。"
    body = f"{night}\n\n市长说没有人受伤,水泵正在运转,学校将在星期一重新开放。"
    assert drop_repeats(f"{body}\n\n{body}")[0] == body


def test_a_teaser_goes_before_what_it_announces():
    """A line that ends in an ellipsis and is continued by a later one says nothing of its own."""
    assert drop_repeats(f"The river rose by two metres overnight, and the lower br…\n\n{BODY}")[0] == BODY


def test_a_refrain_stays():
    """Short lines come again for good reason."""
    verse = "Row the boat\nrow it home\nrow it over the water\n\n"
    song = (verse + "One for the captain\n\n" + verse + "Two for the crew\n\n" + verse).strip()
    assert drop_repeats(song) == (song, 0)


def test_a_table_of_contents_stays():
    """Headings that are listed first and printed again below are no copies."""
    heads = [
        f"{i}. How the mill of the lower valley was built, lost and found again in the year 18{i}0" for i in range(1, 7)
    ]
    text = "\n".join(heads) + "\n\n" + "\n\n".join(f"{head}\n\nChapter {i} tells it." for i, head in enumerate(heads))
    assert drop_repeats(text) == (text, 0)


def test_rows_that_differ_in_their_numbers_stay():
    """A listing is written from one template; its numbers are what it says."""
    rows = [
        f"Flat {i} in the old mill has {i + 2} rooms, a kitchen with a window on the river, and a cellar of its own."
        for i in range(9)
    ]
    text = "\n".join(rows)
    assert drop_repeats(text) == (text, 0)


@given(st.lists(st.sampled_from([RIVER, MAYOR, RAIN, "", "Short line", "Another"]), max_size=12))
def test_what_is_left_repeats_nothing_long(lines):
    """No line is invented, order holds, and the count adds up."""
    text = "\n".join(lines).strip("\n")
    once, removed = drop_repeats(text)
    assert len(once) + removed == len(text)
    rest = iter(text.split("\n"))
    assert all(line in rest for line in once.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "the very same line, again and again.\n" * 100_000,
        "".join(f"line {i}\n" for i in range(200_000)),
        "one two three four " * 200_000,
        (RIVER + "\n") * 20_000,
        ("word " * 400_000) + ".\n" + "word word word word word word word word word word word word word.\n" * 20_000,
        "a b c d e f g h i j k l m…\n" * 50_000,
    ],
    ids=["same", "distinct", "one line", "same paragraph", "a source of megabytes", "teasers"],
)
def test_hostile_text_is_read_to_its_end(text):
    """Megabytes of one kind take time in proportion, within the suite's limit."""
    once, removed = drop_repeats(text)
    assert len(once) + removed == len(text)
