from lxml import etree, html

from pipeline.extract import extract
from pipeline.markup.parse import parse
from pipeline.markup.render import render
from pipeline.options import Options

SENTENCE = "The miller grinds the corn of all who come, and asks nobody where the wind is from today. "


def tree_of(markup):
    parsed = parse(markup)
    assert parsed is not None
    return parsed.tree


def article(inner):
    return tree_of(f"<html><body><nav><a href=/>Home</a></nav><article>{inner}</article></body></html>")


def test_paragraphs_headings_lists_tables_and_code_read_as_such():
    """Of trafilatura: blocks are apart by a blank line, items have dashes, cells bars, and code keeps its lines."""
    extracted = extract(
        article(
            f"<h2>How it turns</h2><p>{SENTENCE * 3}</p><ul><li>wheat</li><li>rye</li></ul><p>{SENTENCE * 2}</p>"
            "<table><tr><th>Corn</th><th>Price</th></tr><tr><td>wheat</td><td>12</td></tr></table>"
            f"<pre><code>def mill(corn):\n    return flour</code></pre><p>{SENTENCE * 2}</p>"
        ),
        Options(extractor="trafilatura"),
    )
    assert extracted.method == "trafilatura"
    assert extracted.warnings == ()
    blocks = extracted.text.split("\n\n")
    assert blocks[0] == "How it turns"
    assert blocks[1] == (SENTENCE * 3).strip()
    assert "- wheat\n- rye" in blocks
    assert "Corn | Price\nwheat | 12" in blocks
    assert "def mill(corn):\n    return flour" in blocks


def test_the_tree_is_left_as_it_was():
    """The extractors prune copies: what comes after them sees the whole page."""
    tree = article(f"<p>{SENTENCE * 5}</p><div class=comments><p>First!</p></div>")
    before = etree.tostring(tree)
    extract(tree)
    assert etree.tostring(tree) == before


def test_the_same_page_again_gives_the_same_text():
    """No cache of what was seen: the tenth time is as the first."""
    tree = article(f"<p>{SENTENCE * 5}</p><p>{SENTENCE * 4}</p>")
    assert len({extract(tree).text for _ in range(10)}) == 1


def test_a_page_of_scripts_has_no_text():
    """Code and style sheets are no text, whichever rung looks."""
    extracted = extract(tree_of("<body><script>var a = 'many words in here';</script><style>p { }</style></body>"))
    assert extracted.text == ""
    assert extracted.method == "none"


def test_an_extractor_that_raises_has_a_simpler_one_behind_it():
    """Nested deeper than the interpreter's stack reaches, the page still gives its text, and a warning."""
    root = html.fromstring("<html><body></body></html>")
    inner = root.find(".//body")
    for _ in range(5000):
        inner = etree.SubElement(inner, "code")
    inner.text = SENTENCE * 3
    extracted = extract(root, Options(extractor="trafilatura"))
    assert " ".join(extracted.text.split()) == (SENTENCE * 3).strip()
    assert extracted.method in {"baseline", "body"}
    assert extracted.warnings == ("extractor_raised", "extractor_fell_back")


def body(inner):
    return etree.fromstring(f"<body>{inner}</body>")


def test_line_breaks_stay_and_two_make_a_paragraph():
    """One break is a line end, two are a blank line."""
    assert render(body("<p>one<lb/>two<lb/><lb/>three</p>")) == "one\ntwo\n\nthree"


def test_inline_elements_join_as_the_source_has_them():
    """Emphasis and links add no blanks and take none away."""
    assert render(body("<p>a<hi>b</hi> c <ref>d</ref>.</p>")) == "ab c d."


def test_nested_lists_are_indented():
    """An item's own list stands below it."""
    nested = "<list><item>one<list><item>two</item></list></item><item><p>three</p></item></list>"
    assert render(body(nested)) == "- one\n  - two\n- three"


def test_a_layout_table_is_no_table():
    """A row of one cell is there for the looks: its blocks stand for themselves."""
    table = "<table><row><cell><p>one</p><p>two</p></cell></row><row><cell>a</cell><cell>b</cell></row></table>"
    assert render(body(table)) == "one\n\ntwo\n\na | b"


def test_loose_text_between_blocks_is_a_block():
    """Text beside paragraphs is kept, in its place."""
    assert render(body("before<p>in</p>after<quote>said</quote>")) == "before\n\nin\n\nafter\n\nsaid"


def test_doubly_escaped_characters_are_undone():
    """What a feed escaped once too often reads as it should."""
    assert render(body("<p>Miller &amp;amp; Sons</p>")) == "Miller & Sons"


def test_the_learned_extractor_tells_how_sure_it_is():
    """An article comes from it, with the F1 that it expects."""
    extracted = extract(article(f"<h1>How it turns</h1>{f'<p>{SENTENCE * 3}</p>' * 6}"))
    assert (extracted.method, extracted.warnings) == ("blocks", ())
    assert extracted.confidence > 0.6
    assert extracted.text.count(SENTENCE.strip()) == 18


def test_where_the_learned_extractor_finds_nothing_the_others_are_asked():
    """A page without text in it goes down the ladder, to its end."""
    extracted = extract(tree_of("<body><script>var a = 1;</script></body>"))
    assert extracted.method == "none"
    assert extract(tree_of("<p>x y</p>")).method != "none"


def test_how_sure_it_must_be_is_a_setting():
    """With second_opinion=1 a page is always read as if it had come as text, with 0 never."""
    page = article(f"<h1>How it turns</h1>{f'<p>{SENTENCE * 3}</p>' * 6}")
    asked = extract(page, Options(second_opinion=1.0))
    assert (asked.method, asked.warnings, asked.confidence) == ("lines", ("extractor_fell_back",), None)
    assert SENTENCE.strip() in asked.text
    odd = tree_of("<p>x y</p>")
    assert extract(odd, Options(second_opinion=0.0)).method == "blocks"


PAYLOAD = f'<script type="application/json">{{"post": {{"body": "{SENTENCE * 8}"}}}}</script>'


def test_text_that_only_a_script_holds_is_found_there():
    """A shell that waits for its script: what it shows is no article, and no library is asked for one."""
    for shell in ("", "<noscript>You need to enable JavaScript to run this app.</noscript>", "<p>Loading …</p>"):
        extracted = extract(tree_of(f"<title>Who grinds the corn of all?</title>{shell}<div id=root></div>{PAYLOAD}"))
        assert (extracted.method, extracted.warnings) == ("payload", ("extractor_fell_back",))
        assert extracted.text == (SENTENCE * 8).strip()


def test_where_the_markup_holds_an_article_no_script_is_read():
    """The page's own paragraphs stand, and so does what a page of few words shows, where its scripts have no more."""
    shown = extract(article(f"<h1>How it turns</h1>{f'<p>{SENTENCE * 3}</p>' * 6}{PAYLOAD}"))
    assert (shown.method, shown.warnings) == ("blocks", ())
    few = extract(article(f"<h1>How it turns</h1><p>{SENTENCE * 2}</p><script>var a = 1;</script>"))
    assert (few.method, few.warnings) == ("blocks", ())


def test_trafilatura_as_a_setting_is_asked_before_any_script():
    """Only where it finds nothing is the payload looked at."""
    empty = tree_of(f"<title>Who grinds the corn?</title><div id=root></div>{PAYLOAD}")
    assert extract(empty, Options(extractor="trafilatura")).method == "payload"
