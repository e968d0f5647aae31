"""Chosen blocks as Markdown."""

import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.blocks.markdown import escape, render_markdown
from pipeline.blocks.passages import read_passages
from pipeline.blocks.read import read_blocks
from pipeline.markup.parse import parse

READER = MarkdownIt("commonmark").enable("table")
PLAIN = {"text", "softbreak", "hardbreak", "text_special"}


def markdown_of(markup):
    parsed = parse(f"<html><body>{markup}</body></html>")
    assert parsed is not None
    blocks = read_blocks(parsed.tree)
    return render_markdown(read_passages(blocks, range(len(blocks.texts))))


def read(markdown):
    """The kinds of blocks that a reader of Markdown finds, and the texts in them."""
    tokens = READER.parse(markdown)
    kinds = [token.type.removesuffix("_open") for token in tokens if token.nesting == 1 or token.type == "fence"]
    inline = [token for token in tokens if token.type == "inline"]
    assert {child.type for token in inline for child in token.children} <= PLAIN
    return kinds, ["".join(child.content or " " for child in token.children) for token in inline]


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("<h1>The mill</h1><p>It turns.</p><h3>Sails</h3>", "# The mill\n\nIt turns.\n\n### Sails"),
        ("<ul><li>one<li>two</ul><p>end</p>", "- one\n- two\n\nend"),
        ("<ol><li>one<li>two</ol>", "1. one\n2. two"),
        ("<ul><li>one<ul><li>in it</ul><li>two</ul>", "- one\n    - in it\n- two"),
        ("<ul><li><p>one<p>more</ul>", "- one\n\n    more"),
        ("<blockquote><p>said<p>twice</blockquote><p>end", "> said\n>\n> twice\n\nend"),
        ("<p>one<br>two</p>", "one\\\ntwo"),
        ("<pre><code class=language-python>if x:\n  y</code></pre>", "```python\nif x:\n  y\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        (
            "<table><tr><th>a<th>b<tr><td>1|2<td>3</table>",
            "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |",
        ),
    ],
)
def test_each_shape_has_its_marks(markup, markdown):
    """Headings, lists, quotes, line breaks, code and tables."""
    assert markdown_of(markup) == markdown


def test_a_reader_of_markdown_finds_the_pages_structure():
    """What was a list in a quotation, a table and code comes out as such."""
    markup = (
        "<h2>Parts</h2><blockquote><ul><li>one<li>two<ol><li>deep</ol></ul></blockquote>"
        "<table><tr><td>a<td>b<tr><td>c<td>d</table><pre>x = 1\n\ny</pre>"
    )
    kinds, texts = read(markdown_of(markup))
    assert kinds.count("list_item") == 3
    assert {"heading", "blockquote", "bullet_list", "ordered_list", "table", "fence"} <= set(kinds)
    assert texts == ["Parts", "one", "two", "deep", "a", "b", "c", "d"]


@given(st.text(min_size=1, max_size=60))
@example("# a")
@example("1) a")
@example("---")
@example("<b>a</b> &amp; [x](y) ![z](w) `c` **d** _e_ ~~f~~ | g")
@example("<https://a.example>")
@example("__0__ snake_case")
def test_no_text_becomes_markup(text):
    """Whatever a page says, a reader shows the same words and finds no link, emphasis, heading or HTML in them."""
    words = html.escape(text)
    markdown = markdown_of(f"<p>word {words}</p><p>{words} word</p><ul><li>{words} word</ul>")
    kinds, texts = read(markdown)
    assert set(kinds) <= {"paragraph", "bullet_list", "list_item"}
    parsed = parse(f"<html><body><p>word {words}</p><p>{words} word</p><p>{words} word</p></body></html>")
    shown = [" ".join(said.split()) for said in read_blocks(parsed.tree).texts]
    assert [" ".join(said.split()) for said in texts] == shown


@given(st.text(alphabet="#-+>=*_`~|<&1.) a", max_size=12))
def test_an_escaped_line_is_a_paragraph_of_that_line(line):
    """However many signs a line begins with, it is text."""
    if line.strip():
        kinds, texts = read(escape(line.strip()))
        assert (kinds, texts) == (["paragraph"], [line.strip()])


@pytest.mark.parametrize("tag", ["ul", "blockquote"])
def test_depth_costs_no_more_than_so_much(tag):
    """Lines in two hundred lists or quotations of one another bear eight marks each, and not two hundred."""
    inner = "<li>" * (tag == "ul") + "<pre>" + "word\n" * 500 + "</pre>"
    markdown = markdown_of(f"<{tag}>" * 200 + inner + f"</{tag}>" * 200)
    assert markdown.count("word") == 500
    assert len(markdown) < 500 * 50
