"""The wire format: what is encoded comes back, and what is no page is said to be none."""

import gzip
import threading
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pagemill import InvalidPage, Limits, MalformedEntry, PageTooLarge, RawPage
from pagemill.page import check_limits, page_key
from pagemill.wire import FIELDS, decode, encode

URL = "https://example.org/a"
ENTRY = "1700000000123-4"
ENTRY_TIME = datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
times = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001  # hypothesis adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.just(UTC) | st.timezones(),
)
pages = st.builds(
    RawPage,
    url=st.text(st.characters(categories=("L", "N", "P", "S")), max_size=30).map(
        lambda path: f"https://example.org/{path}"
    ),
    body=st.binary(max_size=3_000),
    content_type=st.none() | text.filter(bool),
    status=st.integers(0, 999),
    headers=st.dictionaries(text, text, max_size=3),
    fetched_at=times,
    source=st.none() | text.filter(bool),
    id=text,
    meta=st.dictionaries(text, json_values, max_size=3),
)


def on_the_wire(fields):
    """An entry's fields as Redis gives them back: bytes for bytes."""
    return {name.encode(): value if isinstance(value, bytes) else value.encode() for name, value in fields.items()}


def entry(**fields):
    """A small entry that is a page, but for what the test changes; None takes a field away."""
    whole = {"url": URL, "body": "<p>text</p>", **fields}
    return on_the_wire({name: value for name, value in whole.items() if value is not None})


@given(page=pages, level=st.none() | st.integers(1, 5))
def test_a_page_comes_back_as_it_went_in(page, level):
    """Decoding undoes encoding for every page, compressed or not; times come back in UTC."""
    # An hour that summer time skips equals no time of another zone, not even its own in UTC.
    in_utc = page.fetched_at and page.fetched_at.astimezone(UTC)
    sent = msgspec.structs.replace(page, fetched_at=in_utc)
    assert decode(on_the_wire(encode(page, level=level)), ENTRY) == sent


@given(page=pages)
def test_only_documented_fields_are_sent(page):
    """The wire carries no field that the format does not name."""
    assert set(encode(page)) <= FIELDS


@given(fields=st.dictionaries(st.sampled_from(sorted(FIELDS)).map(str.encode), st.binary(max_size=60), max_size=11))
def test_any_entry_is_a_page_within_its_limits_or_malformed_or_too_large(fields):
    """No bytes in any field lead to another exception, nor to a page over a limit."""
    limits = Limits(max_body=50, max_url=40, max_id=20, max_meta=30, max_headers=30)
    try:
        page = decode(fields, ENTRY, limits)
    except (MalformedEntry, PageTooLarge) as error:
        line = str(error)
    else:
        line = ""
        check_limits(page, limits)
    assert line.isprintable()


def test_url_and_body_are_a_complete_page():
    """An XADD of two fields gets every default, the time of the push among them."""
    page = decode(entry(), ENTRY)
    assert page == RawPage(url=URL, body=b"<p>text</p>", fetched_at=ENTRY_TIME)
    assert page.id == page_key(URL, b"<p>text</p>").hex()


def test_an_empty_body_is_a_page():
    """Emptiness is for the pipeline to reject, not for the wire."""
    assert decode(entry(body=""), ENTRY).body == b""


def test_an_unknown_field_is_left_alone():
    """A newer pusher that adds a field is still understood."""
    assert decode(entry(colour="blue"), ENTRY).url == URL


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " gzip "])
def test_the_name_of_an_encoding_is_read_as_http_has_it(encoding):
    """Content encodings are case-insensitive (RFC 9110, 8.4.1)."""
    assert decode(entry(body=gzip.compress(b"page"), content_encoding=encoding), ENTRY).body == b"page"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("2024-05-06T07:08:09.5+02:00", datetime(2024, 5, 6, 5, 8, 9, 500000, tzinfo=UTC)),
        ("2024-05-06T07:08:09", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("", ENTRY_TIME),
    ],
)
def test_a_time_is_read_in_utc(text, expected):
    """With a zone it is converted, without one it is UTC, and when it is empty the push's time counts."""
    assert decode(entry(fetched_at=text), ENTRY).fetched_at == expected


def test_a_time_is_sent_in_utc():
    """The wire carries ISO 8601 that ends in Z, whatever the page's zone."""
    at = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=2)))
    assert encode(RawPage(url=URL, body=b"", fetched_at=at))["fetched_at"] == "2024-05-06T05:08:09Z"


def test_a_small_body_is_not_compressed():
    """Below 512 bytes zstd gains nothing, and the entry says no encoding."""
    assert "content_encoding" not in encode(RawPage(url=URL, body=b"x" * 511))
    assert encode(RawPage(url=URL, body=b"x" * 512))["content_encoding"] == "zstd"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": None}, "url"),
        ({"url": ""}, "url"),
        ({"url": "example.org/a"}, "url"),
        ({"url": "ftp://example.org"}, "url"),
        ({"url": b"https://example.org/\xff"}, "url"),
        ({"body": None}, "body"),
        ({"v": "2"}, "v"),
        ({"v": "1\x1b[31m"}, "v"),
        ({"content_encoding": "snappy"}, "content_encoding"),
        ({"content_encoding": "zstd"}, "body"),
        ({"content_encoding": "gzip", "body": gzip.compress(b"x" * 99)[:-9]}, "body"),
        ({"status": "OK"}, "status"),
        ({"status": "-1"}, "status"),
        ({"status": "1000"}, "status"),
        ({"status": "٢٠٠"}, "status"),
        ({"headers": "{"}, "headers"),
        ({"headers": "[]"}, "headers"),
        ({"headers": '{"a": 1}'}, "headers"),
        ({"headers": b'{"a": "\xff"}'}, "headers"),
        ({"meta": "null"}, "meta"),
        ({"meta": '{"a": NaN}'}, "meta"),
        ({"meta": '{"a": ' * 2_000 + "1" + "}" * 2_000}, "meta"),
        ({"fetched_at": "yesterday"}, "fetched_at"),
        ({"fetched_at": "2024-13-01T00:00:00Z"}, "fetched_at"),
        ({"fetched_at": "0001-01-01T00:00:00+09:00"}, "fetched_at"),
        ({"content_type": b"\xff"}, "content_type"),
        ({"source": b"\xff"}, "source"),
        ({"id": b"\xff"}, "id"),
    ],
)
def test_an_entry_that_is_no_page_is_malformed_by_the_fields_name(change, field):
    """Each way to be no page names the field at fault, in one printable line."""
    with pytest.raises(MalformedEntry) as caught:
        decode(entry(**change), ENTRY)
    assert caught.value.field == field
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": URL + "a" * 2_048}, "url"),
        ({"id": "a" * 129}, "id"),
        ({"body": b"a" * 1_001}, "body"),
        ({"body": zstandard.compress(b"a" * 1_001), "content_encoding": "zstd"}, "body"),
        ({"headers": '{"a": "' + "b" * 65_536 + '"}'}, "headers"),
        ({"meta": '{"a": "' + "b" * 16_384 + '"}'}, "meta"),
        ({"content_type": "a" * 1_025}, "content_type"),
        ({"source": "a" * 257}, "source"),
    ],
)
def test_an_entry_over_a_limit_is_too_large_by_the_fields_name(change, field):
    """A page that came past the Producer is held to the same limits, decompressed."""
    with pytest.raises(PageTooLarge) as caught:
        decode(entry(**change), ENTRY, Limits(max_body=1_000))
    assert caught.value.field == field


def test_an_entry_id_beyond_the_calendar_is_malformed_only_where_its_time_is_needed():
    """A pusher may choose a huge id; the page then needs a time of its own."""
    beyond = "18446744073709551615-0"
    with pytest.raises(MalformedEntry, match="fetched_at"):
        decode(entry(), beyond)
    assert decode(entry(fetched_at="2024-05-06T07:08:09Z"), beyond).url == URL


def test_meta_passes_through_untouched():
    """Big integers, empty lists and nested objects are the same on the other side."""
    meta = {"n": 2**63 + 1, "none": [], "deep": {"a": [{"b": None}]}, "x": 0.1}
    page = decode(on_the_wire(encode(RawPage(url=URL, body=b"", meta=meta))), ENTRY)
    assert msgspec.json.encode(page.meta) == msgspec.json.encode(meta)


def test_meta_that_is_not_json_is_refused_before_anything_is_sent():
    """The error names the field."""
    with pytest.raises(InvalidPage, match="meta"):
        encode(RawPage(url=URL, body=b"", meta={"a": object()}))


def test_threads_may_encode_at_once():
    """Each thread compresses with its own compressor: every body comes back whole."""
    bodies = [bytes([number]) * 40_000 for number in range(8)]
    results: list[bool] = []

    def work(number):
        page = RawPage(url=URL, body=bodies[number])
        results.append(all(zstandard.decompress(encode(page)["body"]) == bodies[number] for _ in range(100)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8
