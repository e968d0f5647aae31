"""RawPage: what it accepts, what it says when it does not, and its two keys."""

import math
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pagemill import InvalidPage, Limits, PageTooLarge, RawPage
from pagemill.page import check_limits, page_key

URL = "https://example.org/a"


def nested(depth):
    value = {}
    for _ in range(depth):
        value = {"a": value}
    return value


def test_a_page_needs_no_more_than_url_and_body():
    """All other fields have defaults, and the id is derived."""
    page = RawPage(url=URL, body=b"<p>text</p>")
    assert (page.content_type, page.status, page.headers, page.fetched_at, page.source, page.meta) == (
        None,
        200,
        {},
        None,
        None,
        {},
    )
    assert len(page.id) == 32


@given(url=st.text(max_size=50), body=st.binary(max_size=200))
def test_the_default_id_is_blake2_of_url_and_body(url, body):
    """The key is BLAKE2b-128 of the url, a zero byte and the body, for any text."""
    whole = url.encode("utf-8", "surrogatepass") + b"\0" + body
    assert page_key(url, body) == blake2b(whole, digest_size=16).digest()


def test_an_id_of_ones_own_is_kept():
    """The caller's name for a page is not replaced."""
    assert RawPage(url=URL, body=b"", id="mine").id == "mine"


def test_a_page_cannot_be_changed():
    """RawPage is frozen."""
    with pytest.raises(AttributeError):
        RawPage(url=URL, body=b"").url = "https://example.org/b"


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://[::1]:8080/a?b=c#d", "file:///tmp/a.html", "HTTPS://EXAMPLE.ORG/ü", "file:a.html"],
)
def test_an_absolute_url_is_accepted(url):
    """http, https and file URLs, with any printable characters."""
    assert RawPage(url=url, body=b"").url == url


def test_blanks_around_a_url_are_cut_and_those_inside_stay():
    """As a browser reads an address: scraped links have blanks at their ends."""
    assert RawPage(url=" https://example.org/a b ", body=b"").url == "https://example.org/a b"


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("", "absolute"),
        ("/a", "absolute"),
        ("example.org/a", "absolute"),
        ("ftp://example.org/a", "http, https or file"),
        ("javascript:alert(1)", "http, https or file"),
        ("https:///a", "no host"),
        ("https://exa mple.org/a", "blank in its host"),
        ("https://example.org/a\n", "percent-encode"),
        ("https://example.org/a\u00a0b", "percent-encode"),
        ("https://example.org/\x1b[31m", "percent-encode"),
        ("https://example.org/\ud800", "percent-encode"),
        ("http://[", "not a URL"),
        (b"https://example.org", "must be a str"),
        (None, "must be a str"),
    ],
)
def test_what_is_no_absolute_url_is_refused(url, remedy):
    """The error names the field, quotes the value escaped, and tells what to do."""
    with pytest.raises(InvalidPage, match=remedy) as caught:
        RawPage(url=url, body=b"")
    assert caught.value.field == "url"
    assert caught.value.value == url
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", "text"),
        ("body", bytearray(b"x")),
        ("body", None),
        ("status", "200"),
        ("status", True),
        ("status", -1),
        ("status", 1_000),
        ("content_type", b"text/html"),
        ("content_type", "text/\ud800"),
        ("source", 7),
        ("source", "\ud800"),
        ("id", None),
        ("id", "\ud800"),
        ("fetched_at", "2024-01-01T00:00:00Z"),
        ("fetched_at", datetime(2024, 1, 1)),  # noqa: DTZ001  # naive on purpose
        ("fetched_at", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        ("headers", [("a", "b")]),
        ("headers", {"a": 1}),
        ("headers", {1: "a"}),
        ("meta", None),
        ("meta", {1: "a"}),
    ],
)
def test_a_wrong_type_or_value_is_refused_by_the_fields_name(field, value):
    """Each field is checked when the page is made, and the error names it."""
    with pytest.raises(InvalidPage) as caught:
        RawPage(**{"url": URL, "body": b"", field: value})
    assert caught.value.field.startswith(field)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("change", "limits"),
    [
        ({"url": URL + "a" * 100}, Limits(max_url=100)),
        ({"id": "a" * 129}, Limits()),
        ({"body": b"a" * 101}, Limits(max_body=100)),
        ({"meta": {"a": "b" * 100}}, Limits(max_meta=100)),
        ({"headers": {"a": "b" * 100}}, Limits(max_headers=100)),
        ({"content_type": "a" * 1_025}, Limits()),
        ({"source": "a" * 257}, Limits()),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_page_over_a_limit_is_refused_with_field_size_and_limit(change, limits):
    """PageTooLarge names the field, its size, its limit and the setting to raise."""
    field = next(iter(change))
    page = RawPage(**{"url": URL, "body": b"", **change})
    with pytest.raises(PageTooLarge, match=f"raise max_{field}") as caught:
        check_limits(page, limits)
    assert caught.value.field == field
    assert caught.value.size > caught.value.limit == getattr(limits, f"max_{field}")


def test_a_page_at_its_limits_passes():
    """Limits are inclusive."""
    page = RawPage(url=URL, body=b"a" * 100, id="b" * 10, meta={"a": "b"}, headers={"c": "d"})
    limits = Limits(max_url=len(URL), max_body=100, max_id=10, max_meta=9, max_headers=9)
    check_limits(page, limits)


@pytest.mark.parametrize(
    "meta",
    [{"a": object()}, {"a": 1j}, {"a": 10**5_000}, {"a": "\ud800"}, {"a": nested(5_000)}],
    ids=["object", "complex", "huge int", "surrogate", "deep"],
)
def test_meta_that_is_not_plain_json_is_refused(meta):
    """What JSON cannot hold is refused by name before anything is sent, however deep it lies."""
    page = RawPage(url=URL, body=b"", meta=meta)
    with pytest.raises(InvalidPage, match=r"meta: .*plain JSON"):
        check_limits(page)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_json_lacks_becomes_null(value):
    """NaN and infinity never reach the wire as such."""
    assert msgspec.json.encode({"a": value}) == b'{"a":null}'
    check_limits(RawPage(url=URL, body=b"", meta={"a": value}))


def test_a_time_with_a_zone_is_accepted():
    """Any aware time will do; the wire carries it in UTC."""
    at = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=-3)))
    assert RawPage(url=URL, body=b"", fetched_at=at).fetched_at == at.astimezone(UTC)
