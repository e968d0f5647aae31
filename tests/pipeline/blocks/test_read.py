"""A page as a row of blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.blocks.read import MOST_BLOCKS, read_blocks
from pipeline.markup.parse import parse


def blocks_of(markup):
    parsed = parse(markup)
    assert parsed is not None
    return read_blocks(parsed.tree)


def test_block_level_tags_divide_and_inline_ones_do_not():
    """Text runs through inline tags up to the next block-level tag."""
    blocks = blocks_of("<p>one <b>two</b> <i>three</i></p><div>four<p>five</p>six</div>")
    assert blocks.texts == ["one two three", "four", "five", "six"]


@pytest.mark.parametrize("tag", ["script", "style", "template", "select", "textarea", "svg"])
def test_what_no_reader_sees_is_no_block(tag):
    """Code, choices and drawings give no text; what follows them does."""
    assert blocks_of(f"<p>before</p><{tag}>hidden words</{tag}>after").texts == ["before", "after"]


def test_a_page_without_a_body_tag_is_read():
    """HTML lets both tags go; the parser then leaves an article in the head, and the title beside it is no block."""
    assert blocks_of("<title>T</title><article><p>one<p>two</article>").texts == ["one", "two"]


def test_noscript_is_read():
    """Some forums hold their posts in it."""
    assert blocks_of("<noscript><p>A post of a forum</p></noscript>").texts == ["A post of a forum"]


def test_one_line_break_stays_and_two_divide():
    """Pages without paragraphs part them by two breaks."""
    assert blocks_of("<div>one<br>two<br> <br>three</div>").texts == ["one\ntwo", "three"]


def test_code_keeps_its_blanks():
    """Blanks are squeezed but in pre."""
    assert blocks_of("<p>a    b</p><pre>if x:\n    y</pre>").texts == ["a b", "if x:\n    y"]


def test_characters_in_links_are_counted():
    """A block knows how much of it is linked, and in how many links."""
    blocks = blocks_of("<p>see <a href=x>the news</a> and <a href=y>more</a></p><p>none</p>")
    assert (blocks.linked, blocks.links) == ([12, 0], [2, 0])


def test_elements_span_their_blocks_and_empty_ones_are_gone():
    """Each element's blocks are a run; an element without text is not kept."""
    blocks = blocks_of("<div><p>a b</p><p>c d</p></div><div></div><section>e f</section>")
    found = {e.tag: (f, last) for e, f, last in zip(blocks.elements, blocks.firsts, blocks.lasts, strict=True)}
    assert found == {"body": (0, 3), "div": (0, 2), "p": (1, 2), "section": (2, 3)}


def test_a_flood_of_blocks_is_cut():
    """No page gives more blocks than the limit."""
    assert len(blocks_of("<p>x y</p>" * (MOST_BLOCKS + 50)).texts) == MOST_BLOCKS


@given(st.recursive(st.sampled_from(["word", "", "12"]), lambda inner: st.lists(inner, max_size=4), max_leaves=30))
def test_every_word_is_in_one_block_and_spans_nest(shape):
    """No text is lost or doubled, and a child's span lies within its parent's."""

    def markup(part):
        return part if isinstance(part, str) else "<div>" + " <p></p>".join(map(markup, part)) + "</div>"

    def count(part):
        return int(bool(part)) if isinstance(part, str) else sum(map(count, part))

    blocks = blocks_of(f"<body><main>{markup(shape)}</main></body>")
    assert sum(len(text.split()) for text in blocks.texts) == count(shape)
    for place, parent in enumerate(blocks.parents):
        assert blocks.firsts[parent] <= blocks.firsts[place] <= blocks.lasts[place] <= blocks.lasts[parent]
