"""The learned extractor as a whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.blocks.extract import extract_blocks
from pipeline.markup.parse import parse

SENTENCE = "The miller grinds the corn of all who come, and asks nobody where the wind is from today. "
MENU = "<nav><ul>" + "".join(f"<li><a href=/{n}>Section {n}</a></li>" for n in range(12)) + "</ul></nav>"
FOOTER = "<footer><p>© The Mill, all rights reserved. <a href=/c>Contact</a> <a href=/p>Privacy</a></p></footer>"


def tree_of(markup):
    parsed = parse(markup)
    assert parsed is not None
    return parsed.tree


def article(inner):
    return tree_of(f"<html><body>{MENU}<article><h1>How it turns</h1>{inner}</article>{FOOTER}</body></html>")


def test_an_article_comes_without_menu_and_footer():
    """What is printed around the paragraphs stays out, all paragraphs are in."""
    chosen = extract_blocks(article(f"<p>{SENTENCE * 3}</p>" * 6))
    assert chosen.text.count(SENTENCE.strip()) == 18
    assert "Section 3" not in chosen.text
    assert "rights reserved" not in chosen.text
    assert 0.6 < chosen.confidence <= 1


def test_the_tree_is_left_as_it_was():
    """What comes after sees the whole page."""
    tree = article(f"<p>{SENTENCE * 5}</p>")
    before = etree.tostring(tree)
    extract_blocks(tree)
    assert etree.tostring(tree) == before


def test_the_same_page_gives_the_same_text():
    """Nothing is remembered from one page to the next."""
    tree = article(f"<p>{SENTENCE * 5}</p><p>{SENTENCE * 4}</p>")
    assert len({(extract_blocks(tree).text, extract_blocks(tree).confidence) for _ in range(5)}) == 1


def test_a_page_without_words_has_no_text():
    """No block, no text, no confidence."""
    chosen = extract_blocks(tree_of("<body><script>var a = 'words';</script><div> </div></body>"))
    assert (chosen.text, chosen.confidence) == ("", None)


def test_what_recurs_on_the_site_is_less_likely_taken():
    """The same page with its last paragraphs known from all other pages of its site: no more is taken than without."""
    tree = article(
        f"<p>{SENTENCE * 3}</p>" * 4 + "<p>Sign up for our letter, and never miss a turn of the wheel.</p>" * 3
    )

    def seen(texts):
        return [20 * text.startswith("Sign up") for text in texts], 20

    alone, known = extract_blocks(tree), extract_blocks(tree, seen)
    assert known.text.count("Sign up") <= alone.text.count("Sign up")
    assert SENTENCE.strip() in known.text


@pytest.mark.parametrize(
    "flood", ["<b>", "<div>", "<p>x", "<br>", "<li>y<ul>", "<td>z", "<a href=x>w", "<h1>t", "<pre>"]
)
def test_a_flood_of_tags_ends(flood):
    """Thousands of tags, nested or not, neither raise nor hang."""
    extract_blocks(tree_of("<body>" + flood * 20_000 + "words at the end"))


NAMES = "div p ul li table tr td th a b br pre h1 span dl dd noscript button form main select"
TAGS = st.sampled_from(NAMES.split())
SOUP = st.lists(st.one_of(TAGS.map("<{}>".format), TAGS.map("</{}>".format), st.text(max_size=8)), max_size=60)


@given(SOUP)
def test_no_soup_of_tags_raises(pieces):
    """Whatever the page, there is an answer, and its confidence is a share."""
    parsed = parse("".join(pieces))
    if parsed is not None:
        assert 0 <= (extract_blocks(parsed.tree).confidence or 0) <= 1
