"""What decides whether two pages are the same article."""

import random

import pytest

from pagemill.page import RawPage
from pipeline import Draft, process
from pipeline.explain import Policy, compare_pages, side_of

WORDS = [f"{first}{second}" for first in "bdfglmnprstvz" for second in ("ale", "ino", "ure", "ost", "aim", "eck")]


def prose(seed, sentences=40):
    dice = random.Random(seed)
    return [" ".join(dice.choices(WORDS, k=12)).capitalize() + "." for _ in range(sentences)]


def side(sentences, url="https://a.example/1", canonical=None):
    link = f"<link rel=canonical href='{canonical}'>" if canonical else ""
    paragraphs = "".join(f"<p>{' '.join(sentences[at : at + 4])}</p>" for at in range(0, len(sentences), 4))
    body = f"<html><head>{link}<title>A story of the mill</title></head><body><article>{paragraphs}</article></body>"
    page = RawPage(url=url, body=body.encode())
    draft = process(page)
    assert isinstance(draft, Draft)
    return side_of(page, draft)


def test_the_same_bytes_at_the_same_address_decide_first():
    """Nothing else is asked."""
    told = compare_pages(side(prose(1)), side(prose(1)))
    assert (told.outcome, told.decider, told.same) == ("duplicate", "bytes", True)


def test_the_same_text_elsewhere_is_a_duplicate():
    """Their addresses part in the host, and their text keys are one."""
    told = compare_pages(side(prose(1)), side(prose(1), "https://b.example/9"))
    assert (told.outcome, told.decider, told.parting) == ("duplicate", "text", "host")
    assert told.text_keys[0] == told.text_keys[1]
    assert told.differences.count_a == told.differences.count_b == 0


def test_a_copy_cut_short_is_near():
    """The rule and the bar that it passed are told, and what the longer one has more."""
    told = compare_pages(side(prose(1)), side(prose(1)[:28], "https://b.example/9"))
    assert (told.outcome, told.decider) == ("near_duplicate", "near")
    assert told.rule in {"resemblance", "containment"}
    assert told.candidates > 0
    assert (told.differences.count_a, told.differences.count_b) == (12, 0)


def test_another_text_at_the_same_address_is_a_version():
    """The canonical URL decides where the texts have nothing in common."""
    told = compare_pages(side(prose(1)), side(prose(2)))
    assert (told.outcome, told.decider, told.parting, told.rule) == ("updated", "URL version", None, "apart")


def test_a_trivial_change_at_the_same_address_is_no_version():
    """One word of five hundred, and the record stands."""
    changed = [*prose(1)[:-1], prose(1)[-1].replace(" ", " very ", 1)]
    told = compare_pages(side(prose(1)), side(changed))
    assert (told.outcome, told.decider, told.rule) == ("near_duplicate", "near", "trivial")


def test_two_articles_are_two():
    """Nothing decides for a copy."""
    told = compare_pages(side(prose(1)), side(prose(2), "https://a.example/2"))
    assert (told.outcome, told.decider, told.same, told.parting) == ("published", "none", False, "path")


def test_two_pages_of_one_template_part_by_their_figures():
    """The words are the same, and the numbers are not: the guard on figures decides."""
    one = [
        f"In {place} it was {10 + n} degrees with {n * 3} millimetres of rain." for n, place in enumerate(WORDS[:40])
    ]
    other = [
        f"In {place} it was {51 + n} degrees with {n * 5 + 2} millimetres of rain."
        for n, place in enumerate(WORDS[:40])
    ]
    told = compare_pages(side(one), side(other, "https://a.example/2"))
    assert (told.outcome, told.decider) == ("published", "none")
    if told.rule == "figures":
        assert told.bars.figures is not None
        assert told.likeness.figures < told.bars.figures
    assert told.differences.numbers_a


@pytest.mark.parametrize(
    ("one", "other", "parting"),
    [
        ("https://a.example/1", "https://m.a.example/1?utm_source=x", None),
        ("https://a.example/1", "https://b.example/1", "host"),
        ("https://a.example/1", "https://a.example/2", "path"),
        ("https://a.example/1?page=2", "https://a.example/1", "query"),
    ],
)
def test_it_is_told_where_addresses_part(one, other, parting):
    """Host, path and query are compared in the form in which all addresses of a page are equal."""
    assert compare_pages(side(prose(1), one), side(prose(2), other)).parting == parting


@pytest.mark.parametrize(
    ("policy", "outcome", "decider", "marked"),
    [
        (Policy(), "updated", "fuller", False),
        (Policy(keeps="first"), "near_duplicate", "near", False),
        (Policy(near="mark"), "published", "near", True),
        (Policy(near="off"), "published", "none", False),
    ],
)
def test_the_settings_decide_what_becomes_of_a_copy_that_says_more(policy, outcome, decider, marked):
    """A text twice as long, elsewhere: the next version, dropped, published and marked, or just published."""
    told = compare_pages(side(prose(1, 20)), side(prose(1, 20) + prose(2, 24), "https://b.example/9"), policy)
    assert (told.outcome, told.decider, told.marked) == (outcome, decider, marked)
