from datetime import UTC, datetime

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipeline.metadata.describe import Description, describe

URL = "https://www.valleypost.example/2023/11/26/bridge"
FETCHED = datetime(2023, 12, 1, tzinfo=UTC)
EVENING = datetime(2023, 11, 26, 22, 13, tzinfo=UTC)

LINKED = """<script type="application/ld+json">{"@graph": [
  {"@type": "NewsArticle", "headline": "The old bridge falls", "author": [{"@type": "Person", "name": "Ada Moor"}],
   "datePublished": "2023-11-26T23:13:00+01:00", "dateModified": "2023-11-27T08:00:00Z", "inLanguage": "en-GB",
   "description": "It stood &amp; fell.", "image": {"url": "/bridge.jpg"}, "articleSection": "Valley",
   "keywords": ["bridge", "river, valley"], "publisher": {"name": "The Valley Post"}}]}</script>"""
META = """<meta property="og:title" content="The old bridge falls - The Valley Post">
  <meta property="og:site_name" content="The Valley Post"><meta name="author" content="By Ada Moor">
  <meta property="article:published_time" content="2023-11-26T22:13:00Z">
  <meta property="article:modified_time" content="2023-11-27T08:00:00Z"><meta property="og:type" content="article">
  <meta name="description" content="It stood &amp;amp; fell."><meta property="og:image" content="//img.example/b.jpg">
  <meta property="article:section" content="Valley"><meta name="keywords" content="bridge, river, valley">"""
TITLE = "<title>The old bridge falls | Valleypost</title>"
SEEN = """<h1>The old bridge falls</h1>
  <p class="byline">By <a href="/ada">Ada Moor</a> and <a href="/bo">Bo Lind</a></p>
  <time datetime="2023-11-26T22:13Z">26 November</time>
  <span class="updated">Updated 27 November 2023 08:00</span>"""


def described(head="", body="", *, url=URL, fetched_at=FETCHED, attributes=""):
    page = f"<html {attributes}><head>{head}</head><body>{body}</body></html>"
    return describe(lxml.html.document_fromstring(page), url=url, fetched_at=fetched_at)


@pytest.mark.parametrize(("head", "body"), [(LINKED, ""), (META, ""), (TITLE, SEEN)])
def test_title_authors_and_dates_are_found_in_each_kind_of_statement(head, body):
    """JSON-LD, meta elements and the visible page each suffice."""
    description = described(head, body)
    assert description.title == "The old bridge falls"
    assert description.authors[0] == "Ada Moor"
    assert description.published_at == EVENING
    assert description.modified_at == datetime(2023, 11, 27, 8, tzinfo=UTC)


@pytest.mark.parametrize("head", [LINKED, META])
def test_the_rest_is_found_in_json_ld_and_in_meta_elements(head):
    """Description, site, section, tags and type, with entities resolved."""
    description = described(head)
    assert description.description == "It stood & fell."
    assert description.site_name == "The Valley Post"
    assert description.section == "Valley"
    assert description.tags == ("bridge", "river", "valley")
    assert description.page_type in ("NewsArticle", "article")


def test_addresses_are_absolute_and_the_canonical_is_the_pages_own():
    """Relative ones are resolved against the base element, else the page; rel=canonical goes before og:url."""
    both = '<link rel="canonical" href="/bridge"><meta property="og:url" content="https://other.example/">'
    assert described(both).canonical == "https://www.valleypost.example/bridge"
    assert described(both, url="http://a.example/x/y").canonical == "http://a.example/bridge"
    assert (
        described('<base href="https://b.example/c/"><link rel=canonical href=d>').canonical == "https://b.example/c/d"
    )
    assert described('<meta property="og:url" content="https://other.example/">').canonical == "https://other.example/"
    assert described().canonical is None
    assert described(LINKED).image == "https://www.valleypost.example/bridge.jpg"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://[::1",
        "https://a.example/" + "x" * 3_000,
        "",
    ],
)
def test_an_address_that_is_no_web_address_is_none(address):
    """Only http and https, of at most 2,048 characters."""
    assert described(f'<link rel="canonical" href="{address}">').canonical is None


def test_the_language_is_the_declared_one_normalised():
    """The lang attribute first, then meta elements, then JSON-LD; what is no language is passed over."""
    assert described(attributes='lang="de-AT"').language == "de"
    assert described('<meta property="og:locale" content="pt_BR">', attributes='lang="{{lang}}"').language == "pt"
    assert described(LINKED).language == "en"
    assert described().language is None


def test_american_pages_write_the_month_first():
    """The declared region decides what 3/4/2023 means."""
    date = '<meta name="date" content="3/4/2023">'
    assert described(date, attributes='lang="en-US"').published_at == datetime(2023, 3, 4, tzinfo=UTC)
    assert described(date, attributes='lang="en-GB"').published_at == datetime(2023, 4, 3, tzinfo=UTC)


def test_the_address_gives_the_day_and_a_dateline_its_time():
    """A date in the path is trusted; a visible one of the same day adds the time of day."""
    assert described().published_at == datetime(2023, 11, 26, tzinfo=UTC)
    assert described(body="<h1>The old bridge</h1><p class=date>26 Nov 2023, 22:13</p>").published_at == EVENING
    assert described(url="https://a.example/x").published_at is None


def test_a_page_that_states_only_its_change_was_published_then_as_far_as_it_says():
    """Better a day too late than none; a date that the page shows is nearer."""
    head = '<meta property="og:updated_time" content="2023-11-27T08:00:00Z">'
    changed = datetime(2023, 11, 27, 8, tzinfo=UTC)
    page = described(head, "<p>Text of the page.</p>", url="https://a.example/x")
    assert page.published_at == page.modified_at == changed
    dated = described(head, "<p>25 November 2023</p>", url="https://a.example/x")
    assert dated.published_at == datetime(2023, 11, 25, tzinfo=UTC)


def test_the_author_of_a_comment_and_the_date_of_a_teaser_are_not_the_pages():
    """Microdata of answers and reviews, and classes that speak of other pages, are passed over."""
    body = """<h1>Which bridge is the oldest?</h1>
      <div itemscope itemtype="https://schema.org/Answer"><span itemprop="author">Cy Hart</span></div>
      <div class="related"><p class="author">Di Vale</p><time datetime="2023-01-01">x</time></div>
      <p class="date">26 November 2023, 22:13</p>"""
    description = described(body=body, url="https://a.example/x")
    assert description.authors == ()
    assert description.published_at == EVENING


def test_the_site_is_no_author_but_a_person_may_bear_its_name():
    """A newspaper's own name is dropped, a writer's own site keeps its writer."""
    site = '<meta property="og:site_name" content="{0}"><meta name="author" content="{0}">'
    assert described(site.format("Valleypost")).authors == ()
    assert described(site.format("Ada Moor")).authors == ("Ada Moor",)


def test_among_several_articles_the_one_at_the_pages_address_is_meant():
    """Teasers carry JSON-LD of their own."""
    nodes = [
        f'{{"@type": "Article", "headline": "Story {n}", "url": "https://www.valleypost.example/{n}"}}'
        for n in range(6)
    ]
    head = f'<script type="application/ld+json">[{",".join(nodes)}]</script>'
    assert described(head, url="https://www.valleypost.example/4?page=1").title == "Story 4"
    assert described(head).title is None


def test_describing_leaves_the_tree_as_it_was_and_gives_the_same_again():
    """No step writes into the tree, and no cache of a library changes an answer."""
    tree = lxml.html.document_fromstring(f"<html><head>{META}</head><body>{SEEN}<p>Text.</p></body></html>")
    before = etree.tostring(tree)
    answers = {describe(tree, url=URL, fetched_at=FETCHED) for _ in range(3)}
    assert len(answers) == 1
    assert etree.tostring(tree) == before


def test_the_time_of_the_fetch_bounds_what_patterns_find():
    """A copyright notice of a later year gives no date of publication."""
    body = "<p>Some words.</p><footer>\u00a9 2023-11-26</footer>"
    earlier = datetime(2020, 1, 1, tzinfo=UTC)
    assert described(body=body, url="https://a.example/x", fetched_at=earlier).published_at is None


def test_hostile_strings_come_out_on_one_line_and_bounded():
    """Control characters, bidi overrides and endless texts do not pass."""
    nasty = "a\u202e\u200b\x1b[31m\n" + "word " * 5_000
    head = (
        f'<title>{nasty}</title><meta name="description" content="{nasty}">'
        f'<meta name="keywords" content="{"k,j" * 99}">'
        f'<meta property="og:site_name" content="{nasty}"><meta property="article:section" content="{nasty}">'
    ).replace("\x1b", "")
    description = described(head)
    assert len(description.title) <= 500
    assert len(description.description) <= 2_000
    assert len(description.site_name) <= 200
    assert len(description.section) <= 100
    assert len(description.tags) <= 50
    for text in (description.title, description.description, description.site_name, description.section):
        assert text.isprintable()


@pytest.mark.parametrize(
    "page",
    [
        "<script type='application/ld+json'>" + "[" * 1_000_000 + "</script>",
        "<script type='application/ld+json'>{'@type': 1}</script>",
        '<script type="application/ld+json">{"@type":"Article","author":{"name":{"name":3}},"@id":[]}</script>',
        "<h1>x</h1>" + "<time>2 hours ago</time>" * 20_000,
        "<h1>x</h1>" + "<div class='author date'>" * 200 + "x" * 100_000,
        "<p>",
    ],
)
def test_a_bomb_is_described_as_if_it_said_nothing(page):
    """Size, depth and wrong types are harmless."""
    description = describe(lxml.html.document_fromstring(page), url="https://a.example/", fetched_at=None)
    assert description.authors == ()
    assert description.published_at is None


@settings(max_examples=50)
@given(st.text(alphabet="<>/\"'= abch1metailspndr{}[]:,@-0123456789\n", max_size=400))
def test_no_page_raises(soup):
    """Whatever the markup, the answer is a description."""
    tree = lxml.html.document_fromstring(f"<html><body>{soup}</body></html>")
    assert isinstance(describe(tree, url=URL, fetched_at=FETCHED), Description)


def test_of_two_names_for_one_moment_the_one_with_a_zone_tells_the_day():
    """JSON-LD in UTC and a meta element in the page's own zone: readers see the latter's day."""
    head = """<script type="application/ld+json">
      {"@type": "NewsArticle", "datePublished": "2023-11-25T16:00:00Z"}</script>
      <meta property="article:published_time" content="2023-11-26T00:00:00+08:00">"""
    assert described(head).published_at.isoformat() == "2023-11-26T00:00:00+08:00"
