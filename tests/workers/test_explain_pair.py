"""What `explain A B` says of two pages is what the mill decides."""

import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.explain import Policy, Side, compare_pages
from pipeline.sameness.fingerprint import text_key
from pipeline.sameness.sketch import fingerprint
from pipeline.urls.url import url_key
from workers.memory.recall import Recollection
from workers.settings import Settings
from workers.store.near_memory import Met
from workers.store.ring_layout import KEY

NOW = 1_700_000_000_000
WORDS = [f"{first}{second}" for first in "bdfglmnprstvz" for second in ("ale", "ino", "ure", "ost", "aim", "eck")]
URLS = ["https://a.example/1", "https://m.a.example/1?utm_source=x", "https://b.example/2"]


def prose(seed, sentences, numbers):
    dice = random.Random(seed)
    pool = WORDS + [str(number) for number in range(100, 130)] * numbers
    return [" ".join(dice.choices(pool, k=12)) + "." for _ in range(sentences)]


@st.composite
def variants(draw):
    """Two texts of which the second is the first, cut, grown, changed here and there, or another."""
    size, numbers = draw(st.integers(2, 40)), draw(st.sampled_from([0, 0, 2]))
    one = prose(draw(st.integers(0, 9)), size, numbers)
    other = one[draw(st.integers(0, size // 2)) : draw(st.integers(size // 2 + 1, size))]
    other = other + prose(draw(st.integers(10, 19)), draw(st.sampled_from([0, 0, 1, size // 2, 2 * size])), numbers)
    for place in draw(st.lists(st.integers(0, len(other) - 1), max_size=6)):
        other[place] = other[place].replace(" ", " other ", 1)
    return "\n".join(one), "\n".join(other)


def side(name, url, text):
    return Side(id=name, url=url, canonical=url, bytes_key=name.encode() * 16, text_key=text_key(text), text=text)


def met(page):
    made = fingerprint(page.text)
    keys = (key[:KEY] for key in (page.bytes_key, page.text_key, url_key(page.canonical)))
    return Met(page.id, *keys, made.keys, made.sketch)


@given(variants(), st.tuples(st.sampled_from(URLS), st.sampled_from(URLS)), st.data())
def test_the_outcome_is_the_one_of_the_mill(texts, urls, data):
    """Whatever the two texts, their addresses and the settings for near copies."""
    near = data.draw(st.sampled_from(["drop", "mark", "off"]))
    keeps = data.draw(st.sampled_from(["longest", "first"]))
    a, b = (side(name, url, text) for name, url, text in zip("ab", urls, texts, strict=True))
    told = compare_pages(a, b, Policy(near=near, keeps=keeps))
    mill = Recollection(Settings(near_duplicates=near, near_keeps=keeps))
    mill.remember(met(a), mill.decide(met(a), NOW), NOW)
    decided = mill.decide(met(b), NOW + 1)
    assert told.outcome == decided.outcome.value
    assert told.marked == bool(decided.near)
    if decided.outcome.value == "near_duplicate" or decided.reason == "fuller":
        assert decided.reason == ("fuller" if told.decider == "fuller" else told.rule)
