"""Chosen blocks as text that reads."""

from pipeline.blocks.passages import read_passages
from pipeline.blocks.read import read_blocks
from pipeline.blocks.text import render_passages
from pipeline.markup.parse import parse


def text_of(markup, kept=None):
    parsed = parse(markup)
    assert parsed is not None
    blocks = read_blocks(parsed.tree)
    return render_passages(read_passages(blocks, range(len(blocks.texts)) if kept is None else kept))


def test_paragraphs_are_apart_by_a_blank_line():
    """A blank line between blocks, a line break where the page has one."""
    assert text_of("<h1>Title</h1><p>one<br>two</p><p>three</p>") == "Title\n\none\ntwo\n\nthree"


def test_items_have_dashes_and_nested_ones_are_indented():
    """A list's items are lines; what is in them stands below, further in."""
    markup = "<p>before</p><ul><li>wheat<ul><li>winter</li></ul></li><li><p>rye</p><p>is dark</p></li></ul><p>after</p>"
    assert text_of(markup) == "before\n\n- wheat\n  - winter\n- rye\n  is dark\n\nafter"


def test_two_lists_are_two():
    """Items of lists that stand side by side are apart."""
    assert text_of("<ul><li>a1</li></ul><ul><li>b1</li></ul>") == "- a1\n\n- b1"


def test_rows_are_lines_and_cells_have_bars():
    """A table of small cells is a line a row."""
    markup = "<table><tr><th>Corn</th><th>Price</th></tr><tr><td>wheat</td><td>12</td></tr></table>"
    assert text_of(markup) == "Corn | Price\nwheat | 12"


def test_a_table_that_lays_the_page_out_is_no_table():
    """Cells full of paragraphs are columns of a page."""
    cell = "<p>one</p><p>two</p><p>three</p>"
    assert "|" not in text_of(f"<table><tr><td>{cell}</td><td>{cell}</td></tr></table>")


def test_code_stands_as_it_is():
    """The blanks of code stay."""
    assert text_of("<p>see</p><pre>if x:\n    y</pre>") == "see\n\nif x:\n    y"


def test_only_what_is_kept_is_there():
    """Places name the blocks, in their order."""
    assert text_of("<p>one</p><p>two</p><p>three</p>", [0, 2]) == "one\n\nthree"
    assert text_of("<p>one</p>", []) == ""
