import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from pipeline.markup.floods import break_long_texts, text_alone, thin
from pipeline.markup.lines import lines_of
from pipeline.markup.parse import parse


def test_a_page_of_real_size_is_left_alone():
    """40,000 tags are more than twice as many as the longest of a thousand real pages has."""
    markup = "<p>a</p>" * 20_000
    assert thin(markup) is markup


def test_of_what_follows_only_the_text_stays():
    """Tags, comments, scripts and styles go; words stay apart."""
    rest = (
        "<div><p title='<b>'>one<br>two</p><!-- <p>no --><script>no</script><style>no</style><![CDATA[no]]>three</div>"
    )
    thinned = thin("<p>a</p>" * 20_000 + rest)
    assert thinned.startswith("<p>a</p>")
    assert thinned[len("<p>a</p>") * 20_000 :].split() == ["<p>", "one", "two", "three"]


def test_a_long_rest_is_in_paragraphs():
    """libxml2 drops a text of over 10 MB, so none comes to be."""
    alone = text_alone("word " * 10_000)
    assert alone.count("<p>") == 25
    assert alone.replace("<p>", "").split() == ["word"] * 10_000


@pytest.mark.parametrize("character", ["x", "é", "风", "x "])
def test_no_text_is_too_long_for_the_parser(character):
    """A text of 20 MB in UTF-8 comes out of the tree whole."""
    markup = "<html><body><p>" + character * 6_000_000
    parsed = parse(markup)
    assert parsed is not None
    assert len(parsed.tree.text_content()) == len(character) * 6_000_000
    assert break_long_texts("<p>short") == "<p>short"


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "<p", "</", "<!--", "-->", "'", '"', "=", " ", "a", "<script", "</script>", "<!", "<?"]
        )
    )
)
def test_text_alone_holds_no_other_tag(pieces):
    """Whatever is torn or nested: what is left is paragraphs."""
    tree = html.fromstring(f"<div>{text_alone(''.join(pieces))}</div>")
    assert {element.tag for element in tree.iter()} <= {"div", "p"}


def test_lines_are_runs_that_no_block_divides():
    """Inline tags divide no line; navigation, scripts and what is never shown are no lines."""
    tree = html.fromstring(
        "<html><head><title>no</title></head><body>one <b>two</b><p>three<br>four</p>five<nav>no</nav>six"
        "<script>no</script><ul><li>seven <a href=/>eight</a></ul></body></html>"
    )
    assert list(lines_of(tree)) == ["one two", "three", "four", "five", "six", "seven eight"]
