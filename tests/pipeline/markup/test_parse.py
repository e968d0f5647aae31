import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from pipeline.markup.nesting import flatten
from pipeline.markup.parse import parse


def text_of(markup):
    parsed = parse(markup)
    assert parsed is not None
    return " ".join(parsed.tree.text_content().split())


@pytest.mark.parametrize("markup", ["", "   \n", "<!-- only a comment -->", "<!DOCTYPE html>"])
def test_nothing_gives_no_tree(markup):
    """Blanks, comments and doctypes hold no page."""
    parsed = parse(markup)
    assert parsed is None or not parsed.tree.text_content().strip()


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<?xml version='1.0' encoding='latin1'?><html><body>ä</body></html>", "ä"),
        ("<meta charset=koi8-r><p>Ж", "Ж"),
        ("\ud800<p>half a character", "?half a character"),
        ("just words", "just words"),
        ("<p>one<p>two", "onetwo"),
        ("<img src='data:image/png;base64," + "A" * 5000 + "'><p>x", "x"),
    ],
)
def test_odd_markup_is_parsed(markup, words):
    """Declarations inside the text change nothing, and text without a tag is a page too."""
    assert text_of(markup) == words


@pytest.mark.parametrize("value", ["1", '"<>"', "'>'", '"' + "x" * 60 + '"'])
def test_the_attributes_of_a_monstrous_tag_are_cut(value):
    """A hundred thousand attributes cost no time, even where their values look like tags, and the text stays."""
    markup = "<p>before</p><div " + " ".join(f"a{i}={value}" for i in range(100_000)) + ">inside</div><p>after"
    parsed = parse(markup)
    assert parsed is not None
    assert parsed.warnings == ("long_tag_cut",)
    assert parsed.tree.text_content() == "beforeinsideafter"
    assert not parsed.tree.xpath("//div/@*")


def test_a_long_value_is_no_monstrous_tag():
    """Frameworks put whole pages into one attribute: it stays, for those who read it."""
    parsed = parse(f"<div data-preloaded='{'x ' * 50_000}'>text</div>")
    assert parsed is not None
    assert parsed.warnings == ()
    assert len(parsed.tree.find(".//div").get("data-preloaded")) == 100_000


def test_a_long_script_is_no_long_tag():
    """What looks like a tag inside a script, or a comment, is left alone."""
    script = "<script>if (a<b && c) {" + "x = 1; " * 10_000 + "}</script>"
    parsed = parse(f"<body>{script}<!-- <a {'b ' * 20_000} --><p>text</p></body>")
    assert parsed is not None
    assert parsed.warnings == ()
    assert parsed.tree.xpath("string(//p)") == "text"


@pytest.mark.parametrize("tag", ["div", "b", "span", "blockquote", "unknown-tag"])
def test_deep_nesting_loses_no_text(tag):
    """libxml2 drops all that follows its 256th level; flattened first, the page keeps it."""
    markup = f"<body>{f'<{tag}>' * 3000}<p>deep</p>{f'</{tag}>' * 3000}<p>after</p></body>"
    parsed = parse(markup)
    assert parsed is not None
    assert parsed.warnings == ("deep_nesting",)
    assert [p.text_content() for p in parsed.tree.iter("p")] == ["deep", "after"]


def test_nested_tables_and_lists_lose_no_text():
    """Rows, cells and items between the nested tags do not carry them past libxml2's limit."""
    tables = "<table><tr><td>" * 500 + "deep" + "</td></tr></table>" * 500
    lists = "<ul><li>" * 500 + "low" + "</li></ul>" * 500
    assert text_of(f"{tables}{lists}<p>after") == "deep low after"


def test_a_shallow_page_is_not_flattened():
    """What nests as real pages do comes out as it is."""
    markup = "<div>" * 50 + "<p>x<br>y</p>" + "</div>" * 50
    assert flatten(markup) == markup


def test_floods_of_line_breaks_are_cut():
    """Tags that extractors take quadratic time for are turned to line ends."""
    parsed = parse("<p>one" + "<br>" * 20_000 + "two</p>")
    assert parsed is not None
    assert parsed.warnings == ("tag_flood_cut",)
    assert parsed.tree.text_content().split() == ["one", "two"]


MARKUP = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "<div",
            "<a href=",
            '"',
            "'",
            "=",
            " ",
            "x",
            "</p>",
            "<p>",
            "<!--",
            "-->",
            "<script",
            "&#1;",
            "\0",
            "]]>",
        ]
    ),
    max_size=60,
).map("".join)


@given(st.one_of(MARKUP, st.text(max_size=200)))
def test_parse_never_raises(markup):
    """Any text gives a tree or None."""
    parsed = parse(markup)
    assert parsed is None or isinstance(parsed.tree, HtmlElement)


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<a '", '<a x="', "<!--", "<script", "<a =", "</", "&", "data:", "<![CDATA["]
)
def test_ten_megabytes_of_anything_come_back(piece):
    """The guards are linear: each of these would run for hours if one were not."""
    parse(piece * (10_000_000 // len(piece)))
