import json

import pytest

from pipeline.markup.parse import parse
from pipeline.payload.read import read_payload

HEAD = (
    "<title>The mill by the river turns again | Valley News</title>"
    '<meta name=description content="After twelve years of silence forty people came to see the wheel of the mill.">'
)
SENTENCES = (
    "The mill by the river turns again after twelve years of silence.",
    "A crane lifted its wheel on Monday, and forty people from the village came to see it.",
    "The miller says that the stones are from 1880, and that nobody makes such stones today.",
    "Flour will be sold on Saturdays, as long as there is water in the river and corn in the barn.",
)
ARTICLE = [f"{' '.join(SENTENCES[i % 4 :])} Part {i} is told by a neighbour who remembers the flood." for i in range(5)]
MARKED = "".join(f"<p>{part}</p>" for part in ARTICLE)


def page(script, body="<div id=root></div>", head=HEAD):
    parsed = parse(f"<html><head>{head}</head><body>{body}{script}</body></html>")
    assert parsed is not None
    return parsed.tree


def next_page(props, **kwargs):
    text = json.dumps({"props": {"pageProps": props}, "page": "/[slug]", "buildId": "a1"})
    return page(f'<script id="__NEXT_DATA__" type="application/json">{text}</script>', **kwargs)


@pytest.mark.parametrize(
    "props",
    [
        {"post": {"title": "The mill", "bodyHtml": MARKED}},
        {"post": {"title": "The mill", "body": "\n\n".join(ARTICLE)}},
        {"blocks": [{"type": "paragraph", "text": part, "id": f"b{i}"} for i, part in enumerate(ARTICLE)]},
        {
            "blocks": [
                {"html": f"<p>{part}</p>", "caption": f"Picture {i} of the wheel"} for i, part in enumerate(ARTICLE)
            ]
        },
        {"blocks": [{"text": f"<b>{part[:9]}</b>{part[9:]}" if i % 2 else part} for i, part in enumerate(ARTICLE)]},
        {"body": [["p", {"class": "text"}, part] for part in ARTICLE]},
    ],
    ids=["markup", "text", "blocks", "blocks with markup", "blocks with some markup", "lists"],
)
def test_an_article_is_found_however_it_is_cut(props):
    """In one string or a paragraph each, with markup or without: paragraph by paragraph, and nothing else."""
    assert read_payload(next_page(props)) == "\n\n".join(ARTICLE)


def test_the_article_is_the_one_that_the_page_speaks_of():
    """A longer one of other matters is not taken."""
    other = "<p>Trains to the coast are late this week, for the rails are mended at night. </p>" * 40
    assert read_payload(next_page({"post": {"html": MARKED}, "related": [{"html": other}]})) == "\n\n".join(ARTICLE)
    assert read_payload(next_page({"related": [{"html": other}]})) == ""


def test_a_page_that_says_nothing_of_itself_is_believed():
    """Without title and description there is nothing to agree with."""
    assert read_payload(next_page({"post": {"html": MARKED}}, head="")) == "\n\n".join(ARTICLE)


def test_a_page_that_shows_its_text_needs_no_script():
    """What is rendered already is left to those who read the markup."""
    assert read_payload(next_page({"post": {"html": MARKED}}, body=MARKED)) == ""


def test_what_a_body_repeats_counts_once():
    """A store often holds a text twice, for the page and for its feed."""
    props = {"post": {"text": ARTICLE}, "feed": {"text": ARTICLE}}
    assert read_payload(next_page(props)) == "\n\n".join(ARTICLE)


def test_labels_and_code_are_no_article():
    """Words of buttons, queries, styles and addresses are strings too."""
    props = {
        "labels": {f"label.{i}": f"Please choose option {i} or go back to the start page" for i in range(60)},
        "query": "query getPost($id: ID!) { post(id: $id) { title body author { name } } } " * 9,
        "links": [f"https://valley.example/mill/{i} is a link. And more of it" for i in range(60)],
    }
    assert read_payload(next_page(props)) == ""


def test_structure_of_markup_in_strings_is_kept_as_lines():
    """Its blocks are lines, its character references are undone, and what hides in it stays hidden."""
    html = f"<h2>The wheel &amp; the stones</h2>{MARKED}<script>track()</script>"
    assert read_payload(next_page({"html": html})).split("\n\n") == ["The wheel & the stones", *ARTICLE]


@pytest.mark.parametrize(
    "flood",
    ['"', '\\"', "\\", "[", "[{", '"b",', "a:", "=", '"a":"', '\\"a\\":\\"', f'"{SENTENCES[0]} #",', "1:T5,abc", "<a "],
)
def test_floods_are_read_to_their_end(flood):
    """What opens, quotes, names or escapes, again and again, takes no longer than anything else, and is no article."""
    many = flood * (300_000 // len(flood))
    for script in (f'{{"a":[{many}', f'x={{"a":"{many}"}}', f'self.__next_f.push([1,"{many}"])'):
        assert read_payload(page(f"<script>{script}</script>")) == ""
