"""What is said of a page is what the pipeline made of it."""

from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from pagemill.page import RawPage
from pipeline import Draft, Options, process
from pipeline.explain import WHY, explain_page
from pipeline.measure import words_of
from pipeline.process import read_page
from pipeline.site_profile import SiteProfile, add_imprint, read_profile

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "pages").glob("*.*ml"))
SENTENCE = "The miller grinds the corn of all who come, and asks nobody where the wind is from today. "
MENU = "<nav><ul>" + "".join(f"<li><a href=/{n}>Section {n}</a></li>" for n in range(12)) + "</ul></nav>"
URL = "https://mill.example/2024/how-it-turns"


def page_of(inner, *, head="", url=URL, **fields):
    body = f"<html><head><title>How it turns</title>{head}</head><body>{MENU}<article>{inner}</article></body></html>"
    return RawPage(url=url, body=body.encode(), fetched_at=datetime(2026, 1, 1, tzinfo=UTC), **fields)


def article(sentences=8):
    paragraphs = "".join(f"<p>Number {n}: {SENTENCE * 2}</p>" for n in range(sentences))
    return f"<h1>How it turns</h1>{paragraphs}"


@pytest.mark.parametrize("extractor", ["blocks", "trafilatura"])
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_the_parts_kept_are_the_words_of_the_record(file, extractor):
    """Whatever the extractor, what is shown as kept says what the record's text says, in its order."""
    options = Options(extractor=extractor)
    page = RawPage(url="https://mill.example/a", body=file.read_bytes())
    told = explain_page(page, options)
    assert told.draft == (result if isinstance(result := process(page, options), Draft) else None)
    if told.draft:
        shown = " ".join(part.text for part in told.parts if part.kept)
        assert words_of(shown) == words_of(told.draft.text.replace("\n- ", "\n").replace(" | ", " ").removeprefix("- "))


def test_every_part_has_its_chance_and_its_place():
    """A block tells how likely the net thinks it, and where it stands on the page."""
    told = explain_page(page_of(article()), Options(extractor="blocks"))
    assert all(part.chance is not None and 0 <= part.chance <= 1 for part in told.parts)
    menu = next(part for part in told.parts if part.text == "Section 3")
    assert (menu.fate, menu.place) == ("unlikely", "nav > ul > li")
    assert told.confidence == told.draft.extraction.confidence


def test_what_a_rule_took_is_told_with_the_rule():
    """A label and a notice that the extractor took are furniture, not part of the text."""
    told = explain_page(page_of(f"{article(4)}<p>Advertisement</p>{article(4)[21:]}"))
    assert {part.fate for part in told.parts if part.text == "Advertisement"} <= {"furniture", "unlikely"}
    assert {part.fate for part in told.parts if part.text == "How it turns"} <= {"masthead", "unlikely"}
    assert set(WHY) >= {part.fate for part in told.parts}


def test_a_block_that_stands_twice_is_kept_once():
    """The second copy of a body is told as a repetition."""
    body = "".join(f"<p>Number {n}: {SENTENCE * 3}</p>" for n in range(6))
    told = explain_page(page_of(f"<h1>How it turns</h1>{body}{body}"), Options(extractor="blocks"))
    fates = [part.fate for part in told.parts if part.text.startswith("Number 2")]
    assert fates == ["kept", "repeats"]


def test_metadata_names_its_source():
    """JSON-LD, a meta element, a link, a byline that readers see: each field tells where it stood."""
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "How it turns",'
        ' "datePublished": "2024-03-01T08:00:00Z"}</script>'
        '<meta property="og:site_name" content="The Mill"><link rel=canonical href="/turns">'
    )
    told = explain_page(page_of(article().replace("</h1>", "</h1><p class=byline>By Jane Doe</p>"), head=head))
    sources = {field.name: field.source for field in told.fields}
    assert sources["title"] == "h1, also in JSON-LD (NewsArticle)"
    assert sources["published_at"] == "JSON-LD (NewsArticle)"
    assert sources["site_name"] == "meta og:site_name"
    assert sources["canonical_url"] == "link rel=canonical"
    assert sources["authors"] == "visible byline"
    assert sources["fetched_at"] == "the push"


def test_an_american_date_is_found_where_it_stands():
    """The declared region decides what 3/4/2023 means, here as in the description."""
    body = f"<html lang=en-US><head><meta name=date content=3/4/2023></head><body>{article()}</body></html>"
    told = explain_page(RawPage(url="https://mill.example/turns", body=body.encode()))
    field = next(field for field in told.fields if field.name == "published_at")
    assert (field.value[:10], field.source) == ("2023-03-04", "meta date")


def test_a_canonical_url_that_is_not_believed_is_the_pages_address():
    """What names another site says nothing of this page."""
    told = explain_page(page_of(article(), head='<link rel=canonical href="https://other.example/x">'))
    field = next(field for field in told.fields if field.name == "canonical_url")
    assert (field.value, field.source) == (URL, "the page's address")


def test_a_date_out_of_the_address_says_so():
    """No element states it, and no reader sees it."""
    told = explain_page(page_of(article(), url="https://mill.example/2024/03/05/turns"))
    field = next(field for field in told.fields if field.name == "published_at")
    assert (field.value[:10], field.source) == ("2024-03-05", "the page's address")


def test_a_refused_page_tells_why_and_what_was_found():
    """A page that is too short has no draft, but its parts can be looked at."""
    told = explain_page(RawPage(url=URL, body=b"<title>A</title><p>Only four words here."))
    assert (told.draft, told.reason) == (None, "too_short")
    assert [part.text for part in told.parts] == ["Only four words here."]
    gone = explain_page(RawPage(url=URL, body=b"<p>gone", status=404))
    assert (gone.reason, gone.parts) == ("http_error", ())


def test_a_flattened_page_is_told_line_by_line():
    """Each line has its chance; the title, the copy of the body and the menu have their reasons."""
    body = [f"Number {n}: {SENTENCE * 2}".strip() for n in range(6)]
    lines = ["Home", "Sign in", "How the old mill turns its stones", "1 March 2024", *body, *body, "Related", "More"]
    page = RawPage(url=URL, body="\n".join(lines).encode(), content_type="text/plain")
    told = explain_page(page)
    fates = {}
    for part in told.parts:
        fates.setdefault(part.text, []).append(part.fate)
    assert told.kind == "text"
    assert fates[body[2]] == ["kept", "repeats"]
    assert fates["Home"] == ["unlikely"]
    assert all(part.chance is not None for part in told.parts)


def test_stages_are_timed_by_the_clock_that_is_given():
    """Without a clock there are none: the pipeline has no clock of its own."""
    assert explain_page(page_of(article())).stages == ()
    ticks = count()
    told = explain_page(page_of(article()), clock=lambda: float(next(ticks)))
    assert [stage.name for stage in told.stages] == [
        "decode", "parse", "describe", "extract", "clean", "language", "fingerprint",
    ]  # fmt: skip
    assert all(stage.seconds == 1 for stage in told.stages)


def test_what_the_site_shows_elsewhere_is_told():
    """A part tells on how many other articles of the site it stands, and the page how many are known."""
    options, packed = Options(extractor="blocks"), b""
    for number, word in enumerate(("wheat", "water", "stones", "sacks")):
        told = "".join(
            f"<p>{letter} is what the {word} was called here, {word} after {word}. " * 4 for letter in "ABCDEF"
        )
        other = page_of(f"<h1>Of {word}</h1>{told}", url=f"{URL}-{number}")
        packed = add_imprint(packed, read_page(other, options, SiteProfile()).imprint, 10)
    told = explain_page(page_of(article()), options, read_profile(packed))
    assert {part.seen for part in told.parts if part.text.startswith("Section")} == {told.known} == {4}
    assert told.draft.extraction.profile
    assert explain_page(page_of(article()), options).known is None
