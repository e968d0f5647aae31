import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.prose import choose_lines, facts_of, look_at

MENU = ["Home", "News", "Sport", "Culture", "Weather", "Jobs", "Log in", "Subscribe"]
STORY = [
    "The lower bridge was closed before dawn, when the river had risen by two metres, the mayor said on Friday.",
    "Nobody was hurt, according to the fire service, and the pumps in the old town were running by six o'clock.",
    "“We have seen worse,” said a baker, whose cellar was dry, “and we shall open the shop as on any other day.”",
]
FOOT = [
    "Related articles",
    "Bakery wins a prize",
    "Five walks in the hills",
    "About us",
    "Contact",
    "© 2024 The Valley Paper",
]


def test_the_story_is_chosen_between_menu_and_foot():
    """Running text is told from menus by its length, its punctuation and its neighbours."""
    lines = [*MENU, *STORY, *FOOT]
    assert [line for line, chosen in zip(lines, choose_lines(lines), strict=True) if chosen] == STORY


def test_a_heading_inside_the_story_is_chosen_with_it():
    """A short line within the best run of text belongs to it."""
    lines = [*MENU, STORY[0], STORY[1], "What comes next", STORY[2], STORY[0], *FOOT]
    assert choose_lines(lines)[lines.index("What comes next")]


def test_chinese_is_measured_by_characters():
    """Without blanks a paragraph is one word to a splitter, and a story all the same."""
    story = [
        "昨天夜里河水上涨了两米,下游的桥梁在黎明之前就对所有车辆关闭了。",
        "市长说没有人受伤,水泵正在运转,学校将在星期一重新开放。",
    ]
    lines = ["首页", "新闻", "体育", *story, "关于我们", "联系方式"]
    assert [line for line, chosen in zip(lines, choose_lines(lines), strict=True) if chosen] == story


def test_a_notice_counts_against_a_line_but_not_on_a_page_about_it():
    """Where most of the long lines speak of cookies, they are the subject."""
    notice = "We use cookies on this website to improve your experience, and by continuing you agree to our settings."
    among = look_at([*STORY, notice])
    about = look_at(
        [
            notice,
            "A study of cookies found that few visitors read what they accept, and fewer find the settings below it.",
        ]
    )
    assert among[-1].legal
    assert not about[0].legal


@given(st.lists(st.text(min_size=1).map(lambda text: text.strip() or "x"), max_size=30))
def test_every_line_gets_its_facts_and_a_verdict(lines):
    """Whatever the lines, there is one finite verdict a line."""
    assert len(choose_lines(lines)) == len(lines)
    assert all(fact == fact for facts in facts_of(look_at(lines)) for fact in facts)  # noqa: PLR0124  NaN differs from itself


@pytest.mark.parametrize("line", ["x", "word " * 500_000, "a,b " * 500_000, "." * 1_000_000])
def test_lines_of_megabytes_are_looked_at(line):
    """A line is looked at up to a bound."""
    assert len(look_at([line.strip()])) == 1
