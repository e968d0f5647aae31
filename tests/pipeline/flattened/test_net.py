"""The choice among a flattened page's lines: the text, not what stands around it, and the same everywhere."""

import io

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks.net import GRID
from pipeline.flattened.net import (
    choose_lines,
    judge_lines,
    load_line_weights,
    pack_lines,
    unpack_lines,
)

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


def chosen(lines):
    return [
        line for line, kept in zip(lines, choose_lines(*judge_lines(lines, [False] * len(lines))), strict=True) if kept
    ]


def test_the_story_is_chosen_between_menu_and_foot():
    """Running text is told from menus by its length, its punctuation and its neighbours."""
    assert chosen([*MENU, *STORY, *FOOT]) == STORY


def test_a_heading_inside_the_story_is_chosen_with_it():
    """A short line within running text belongs to it."""
    assert "What comes next" in chosen([*MENU, STORY[0], STORY[1], "What comes next", STORY[2], STORY[0], *FOOT])


def test_chinese_is_measured_by_characters():
    """Without blanks a paragraph is one word to a splitter, and a story all the same."""
    story = [
        "昨天夜里河水上涨了两米,下游的桥梁在黎明之前就对所有车辆关闭了。",
        "市长说没有人受伤,水泵正在运转,学校将在星期一重新开放。",
        "桥梁要等到河水退去之后才会重新开放,市长请居民不要靠近河水。",
    ]
    menu = ["首页", "新闻", "体育", "财经", "娱乐", "视频", "登录", "注册"]
    assert chosen([*menu, *story, "相关新闻", "关于我们", "联系方式", "版权所有"]) == story


@given(st.lists(st.text(min_size=1).map(lambda text: text.strip() or "x"), min_size=1, max_size=30))
def test_every_line_gets_a_verdict_and_some_line_is_chosen(lines):
    """Whatever the lines, there is one verdict a line, and the likeliest is kept."""
    verdicts = choose_lines(*judge_lines(lines, [False] * len(lines)))
    assert len(verdicts) == len(lines)
    assert verdicts.any()


def test_chances_lie_on_the_grid():
    """One probability a line, in steps of 1/1024: no machine rounds it elsewhere."""
    lines = [*MENU, *STORY, *FOOT]
    likely, _ = judge_lines(lines, [False] * len(lines))
    assert likely.shape == (len(lines),)
    assert ((likely >= 0) & (likely <= 1)).all()
    assert (likely * GRID == np.rint(likely * GRID)).all()


def test_a_page_of_many_lines_is_judged_in_parts():
    """Beyond 10,000 lines a page is judged in parts, so that memory stays bounded; each line has its verdict."""
    lines = [*MENU, *STORY, *FOOT] * 700
    assert len(choose_lines(*judge_lines(lines, [False] * len(lines)))) == len(lines)


def test_weights_come_back_as_they_were_packed():
    """Words and numbers on the grid survive the file."""
    weights = load_line_weights()
    back = unpack_lines(pack_lines(weights))
    assert back.vocabulary == weights.vocabulary
    assert len(back.nets) == len(weights.nets)
    for net, its in zip(weights.nets, back.nets, strict=True):
        assert (its.words == net.words).all()
        assert all((its.layers[name][0] == by).all() for name, (by, _) in net.layers.items())


def test_the_nets_are_asked_alike():
    """The answer is the mean of what each net would say alone."""
    weights = load_line_weights()
    lines = [*MENU, *STORY, *FOOT]
    alone = [msgspec.structs.replace(weights, nets=[net]) for net in weights.nets]
    each = [judge_lines(lines, [False] * len(lines), weights=one)[0] for one in alone]
    together, _ = judge_lines(lines, [False] * len(lines))
    assert np.abs(together - np.mean(each, axis=0)).max() <= 0.5 / GRID


def test_a_file_of_weights_that_would_run_code_is_refused():
    """Arrays of objects, which would be unpickled, are not read."""
    file = io.BytesIO()
    np.savez(file, vocabulary=np.asarray([{}], dtype=object))
    with pytest.raises(ValueError, match="pickle"):
        unpack_lines(file.getvalue())
