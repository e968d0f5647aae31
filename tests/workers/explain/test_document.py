"""An explanation as a web page: whole, harmless, and told by more than colour."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagemill.page import RawPage
from pipeline import Options
from pipeline.explain import Explanation, Field, Part, explain_page
from workers.explain import POLICY, STYLE, as_document, as_fragment
from workers.explain.markup import escaped

SENTENCE = "The miller grinds the corn of all who come, and asks nobody where the wind is from today. "
ATTACKS = (
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "\"><svg onload=document.title='owned'>",
    "</style><script>document.title='owned'</script>",
    "<iframe src=javascript:alert(1)></iframe>",
    "' onmouseover='alert(1)",
    "<!-- --> <base href=//evil.example/> <meta http-equiv=refresh content=0>",
    "\u202egpj.exe\u2066",
)
OURS = {
    "article", "body", "br", "caption", "code", "dd", "details", "div", "dl", "dt", "fieldset", "h1", "h2", "head",
    "header", "html", "input", "label", "legend", "li", "main", "meta", "ol", "p", "rect", "section", "span", "style",
    "summary", "svg", "table", "tbody", "td", "th", "thead", "title", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "aria-hidden", "aria-label", "charset", "checked", "class", "content", "dir", "focusable", "height", "http-equiv",
    "lang", "name", "preserveaspectratio", "scope", "title", "type", "value", "viewbox", "width",
}  # fmt: skip


class Seen(HTMLParser):
    """The elements and attributes of a page, as a browser reads them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.names, self.open = set(), set(), []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        if tag not in ("meta", "input", "br", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def hostile():
    """A page that attacks in every place that an explanation shows."""
    attack = "".join(ATTACKS).replace("<", "&lt;").replace('"', "&quot;")
    items = "".join(f"<p class=\"x{attack}\" id='y'>{SENTENCE * 3} {attack}</p>" for _ in range(4))
    head = (
        f'<title>{attack}</title><meta property="og:site_name" content="{attack}"><meta name=author content="{attack}">'
    )
    inside = f"<nav>{attack}</nav><article><h1>{attack}</h1>{items}</article>"
    body = f"<html lang=en><head>{head}</head><body>{inside}</body></html>"
    return RawPage(url="https://mill.example/a?x=<script>", body=body.encode())


@pytest.mark.parametrize("extractor", ["blocks", "trafilatura"])
def test_nothing_of_a_hostile_page_becomes_markup(extractor):
    """Elements and attributes are ours alone, whatever text, class, title or address the page has."""
    page = as_document(explain_page(hostile(), Options(extractor=extractor), clock=lambda: 0.0))
    seen = Seen(page)
    assert seen.tags <= OURS
    assert seen.names <= ATTRIBUTES
    assert seen.open == []
    assert "\u202e" not in page
    assert page.count("<style") == page.count("</style") == 1


def test_the_policy_allows_the_one_style_and_nothing_else():
    """No script, no image, no frame, no base, no form; the style by its hash."""
    page = as_document(explain_page(hostile()))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert style == STYLE
    assert f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}" in POLICY
    assert POLICY.startswith("default-src 'none'; style-src 'sha256-")
    assert f'http-equiv="Content-Security-Policy" content="{POLICY}"' in page
    assert "url(" not in STYLE
    assert "@import" not in STYLE


@given(st.text())
def test_escaped_text_is_no_markup(text):
    """Whatever the text, no tag begins in it and no attribute ends."""
    assert not set("<>\"'") & set(escaped(text))


def test_what_became_of_a_part_is_told_in_words():
    """Kept and dropped parts are told by a sign and a word, not by colour alone."""
    parts = (
        Part(text="The text.", fate="kept", chance=0.97, place="article > p"),
        Part(text="Menu", fate="unlikely", chance=0.02, seen=3),
        Part(text="Again", fate="repeats"),
    )
    page = as_fragment(Explanation(url="https://a.example/", parts=parts))
    assert "\u2713 kept" in page
    assert "\u2717 unlikely" in page
    assert "on 3 other pages of the site" in page
    assert "\u2717 1 repeats: stands on the page before" in page


def test_a_long_run_of_dropped_parts_is_folded():
    """A menu of a hundred entries is one line that opens, without a script."""
    parts = tuple(Part(text=f"Entry {n}", fate="unlikely") for n in range(100))
    page = as_fragment(Explanation(url="https://a.example/", parts=parts))
    assert page.count("<details>") == 1
    assert page.count("Entry 99") == 1


def test_fields_name_their_source_and_a_rejected_page_its_reason():
    """What a user tunes by is there."""
    field = Field(name="title", value="How it turns", source="meta og:title")
    page = as_fragment(Explanation(url="https://a.example/", reason="too_short", detail="4 words", fields=(field,)))
    assert "from meta og:title" in page
    assert "\u2717 No record: too_short" in page
    assert "4 words" in page


def test_a_page_of_many_parts_stays_bounded():
    """Fifty thousand parts do not become a page of a hundred megabytes, and what is left out is counted."""
    parts = tuple(Part(text="word " * 2_000, fate="kept") for _ in range(5_000))
    page = as_fragment(Explanation(url="https://a.example/", parts=parts))
    assert len(page) < 5_000_000
    assert "more</li>" in page
