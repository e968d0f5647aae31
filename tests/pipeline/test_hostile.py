"""Hostile pages, made by benchmarks/hostile_pages.py: what becomes of the article in each of them."""

import msgspec
import pytest
from hostile_pages import CASES, SENTENCES, content_type, make

from pagemill import RawPage
from pipeline import DEFAULT_OPTIONS, Draft, Options, Rejected, process
from pipeline.markup.parse import parse

SIZE = 8_000  # bytes: all of them in seconds

REFUSED = {
    "scripts_only": "empty",
    "navigation_only": "too_short",
    "frames": "empty",
    "title_without_end": "empty",
    "charset_halves": "undecodable",
}
"""Cases that give no record, and the reason that is told."""

BURIED = {"text_of_date_words", "numbered_paragraph"}
"""Cases whose article is drowned in hundreds of times as much other text: one of its sentences may be lost."""


def mill(name, size=SIZE, options=DEFAULT_OPTIONS):
    return process(
        RawPage(url="https://mill.example/a", body=make(name, size), content_type=content_type(name)), options
    )


def assert_told(answer, name):
    lost = [sentence for sentence in SENTENCES if sentence not in answer.text]
    assert len(lost) <= (name in BURIED), lost


@pytest.mark.parametrize("name", sorted(CASES.keys() - REFUSED.keys()))
def test_the_article_comes_through(name):
    """Whatever stands around it, in it or above it: each sentence of the article is in the record, which is JSON."""
    answer = mill(name)
    assert isinstance(answer, Draft), answer
    assert_told(answer, name)
    msgspec.json.encode(answer)


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_what_holds_no_text_is_refused_with_a_reason(name, reason):
    """Scripts alone, links alone, frames, a title without end (a browser shows nothing), and broken bytes."""
    answer = mill(name)
    assert isinstance(answer, Rejected)
    assert answer.reason == reason


@pytest.mark.parametrize(
    ("name", "warnings"),
    [
        ("many_p", {"markup_thinned", "extractor_skipped", "extractor_fell_back"}),
        ("many_cell", {"markup_thinned", "extractor_skipped", "extractor_fell_back"}),
        ("many_comment", {"markup_thinned"}),
        ("numbered_paragraph", set()),
        ("nested_div", {"deep_nesting", "markup_thinned"}),
        ("nested_ruby", {"deep_nesting", "markup_thinned"}),
        ("many_line_break_tag", {"deep_nesting", "markup_thinned"}),
        ("many_br", {"tag_flood_cut"}),
        ("tag_of_attributes", {"long_tag_cut"}),
        ("linked_forum", set()),
    ],
)
def test_a_page_too_odd_for_the_best_reading_has_a_simpler_one_that_says_so(name, warnings):
    """At 600 KB: no article is lost, and the record tells what was cut and which extractor was passed over."""
    answer = mill(name, 600_000)
    assert isinstance(answer, Draft), answer
    assert set(answer.warnings) == warnings
    for sentence in SENTENCES:
        assert sentence in answer.text


@pytest.mark.parametrize(
    "name", ["many_p", "many_cell", "numbered_paragraph", "linked_forum", "linked_equals", "linked_escaped_equals"]
)
def test_what_would_keep_the_library_busy_for_ever_it_does_not_see(name):
    """With trafilatura chosen, such a page of 600 KB is read by something linear, and says so."""
    answer = mill(name, 600_000, Options(extractor="trafilatura"))
    assert isinstance(answer, Draft), answer
    assert "extractor_skipped" in answer.warnings
    assert_told(answer, name)


def test_all_text_behind_a_flood_of_tags_stays():
    """Behind the 40,000th tag the tags go, and the words between them do not."""
    flood = "<p>a</p>" * 20_001
    words = " ".join(f"word{number}" for number in range(500))
    parsed = parse(f"<html><body>{flood}<p>{words}.</p></body></html>")
    assert "markup_thinned" in parsed.warnings
    assert words in " ".join(" ".join(parsed.tree.itertext()).split())
