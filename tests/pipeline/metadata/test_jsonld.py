import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metadata.jsonld import MAX_CHARACTERS, MAX_NODES, read_jsonld, strings, types_of

ARTICLE = '{"@type": "Article", "headline": "The old bridge"}'


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        f"[{ARTICLE}]",
        f'{{"@graph": [{{"@type": "WebSite"}}, {ARTICLE}]}}',
        f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}',
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"/*<![CDATA[*/ {ARTICLE} /*]]>*/",
        f"{ARTICLE};",
        '{"@type": "Article", "headline": "The old\nbridge",}',
        '{"@type": "Article", "headline": "The old bridge\\ud83d", "x": [1, ],}',
        '{"@type": "http://schema.org/Article", "headline": "The old bridge"}',
    ],
)
def test_an_article_is_found_however_it_is_wrapped(script):
    """Lists, graphs, main entities, comments, CDATA, raw line breaks, commas at ends and lone surrogates."""
    headlines = [strings(node.get("headline")) for node in read_jsonld([script]) if "Article" in types_of(node)]
    assert headlines == [["The old bridge"]]


def test_a_reference_is_replaced_by_the_node_it_names():
    """Yoast's graphs name their authors by @id."""
    script = '{"@graph": [{"@type": "Article", "author": {"@id": "#ada"}}, {"@id": "#ada", "name": "Ada Moor"}]}'
    assert ["Ada Moor"] in [strings(node.get("author")) for node in read_jsonld([script])]


def test_a_node_that_names_itself_does_no_harm():
    """References are followed one step, so circles end."""
    script = '{"@id": "#a", "@type": "Article", "author": {"@id": "#a"}}'
    assert len(read_jsonld([script])) == 1


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 100_000,
        '{"@graph":[' * 50_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '"' + "x" * 10_000_000 + '"',
        "{",
        "NaN",
        "",
    ],
)
def test_a_bomb_gives_no_node(bomb):
    """Nesting, size and what is no JSON end in nothing, and leave the scripts beside it readable."""
    assert len(read_jsonld([ARTICLE, bomb])) == 1


def test_nodes_and_characters_are_bounded():
    """A page of JSON-LD is read up to a limit."""
    assert len(read_jsonld([f"[{','.join([ARTICLE] * 5_000)}]"])) == MAX_NODES
    padding = '"' + "x" * (MAX_CHARACTERS // 3) + '"'
    assert read_jsonld([padding, padding, padding, ARTICLE]) == []


@given(st.text())
def test_no_script_raises(script):
    """Whatever a script holds, the answer is a list of objects."""
    assert all(isinstance(node, dict) for node in read_jsonld([script]))
