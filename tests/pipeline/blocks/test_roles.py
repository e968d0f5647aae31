"""Captions, footnotes and comments: kept or dropped as one wishes."""

import pytest

from pipeline.blocks.read import read_blocks
from pipeline.blocks.roles import follow_wishes, roles_of
from pipeline.markup.parse import parse

PAGE = """<html><body><p>The mill turns in the wind.</p>
  <figure><img src=a><figcaption>The mill in spring.</figcaption></figure>
  <div class="wp-caption-text">The mill in autumn.</div>
  <section class="footnotes"><ol><li>See the old book.</li></ol></section>
  <div id="comments"><p>What a fine mill.</p><button>Reply</button></div>
  <p class="commentary">A commentary is no comment.</p></body></html>"""
TEXTS = {
    "captions": {"The mill in spring.", "The mill in autumn."},
    "footnotes": {"See the old book."},
    "comments": {"What a fine mill.", "Reply"},
}


def blocks():
    parsed = parse(PAGE)
    assert parsed is not None
    return read_blocks(parsed.tree)


def chosen(kept, **wishes):
    found = blocks()
    places = [place for place, text in enumerate(found.texts) if kept(text)]
    return {found.texts[place] for place in follow_wishes(found, places, wishes)}


@pytest.mark.parametrize("role", TEXTS)
def test_a_part_is_known_by_its_tag_or_its_name(role):
    """The role of an element holds for all that is in it, and a word that only looks like it does not count."""
    found = blocks()
    roles = roles_of(found)
    said = {text for text, holder in zip(found.texts, found.holders, strict=True) if roles[holder] == role}
    assert said == TEXTS[role]


@pytest.mark.parametrize("role", TEXTS)
def test_what_is_to_go_goes_and_the_rest_stays(role):
    """The other roles, and what has none, are as they were chosen."""
    everything = set(blocks().texts)
    assert chosen(lambda _: True, **{role: "drop"}) == everything - TEXTS[role]


@pytest.mark.parametrize("role", TEXTS)
def test_what_is_to_stay_stays_but_for_buttons(role):
    """Parts that the extractor left out come in, in their place."""
    kept = chosen(lambda text: text.startswith("The mill turns"), **{role: "keep"})
    assert kept == {"The mill turns in the wind."} | (TEXTS[role] - {"Reply"})


def test_without_a_wish_the_extractor_decides():
    """And a page of which nothing was chosen stays empty."""
    assert chosen(lambda text: "fine" in text, captions="auto", comments="auto") == {"What a fine mill."}
    assert chosen(lambda _: False, comments="keep") == set()
