"""WARC."""

import gzip
from datetime import UTC, datetime

import pytest

from pagemill.limits import Limits
from workers.inputs import Intake


def record(kind, url, payload, content_type="application/http; msgtype=response"):
    """One record of an archive."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n"
        f"WARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789012>\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload + b"\r\n\r\n"


def response(body, *headers, status="200 OK"):
    """An HTTP response."""
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: text/html; charset=x", *headers, "", ""]).encode() + body


PLAIN = record("response", "https://a.example/1", response(b"<p>one"))


@pytest.fixture
def read(tmp_path):
    """Reads an archive; gives the pages and the complaints."""

    def read_archive(archive, *, name="a.warc", **limits):
        (tmp_path / name).write_bytes(archive)
        told = []
        return list(Intake(Limits(**limits), told.append).pages([str(tmp_path / name)])), told

    return read_archive


def test_responses_and_resources_are_pages(read):
    """With URL, date, status and HTTP headers; requests and what was fetched by other protocols are not."""
    archive = (
        PLAIN
        + record("request", "https://a.example/1", b"GET / HTTP/1.0\r\n\r\n", "application/http; msgtype=request")
        + record("resource", "dns:a.example", b"1.2.3.4", "text/dns")
        + record("resource", "<https://a.example/2>", b"<p>two", "text/html")
        + record("response", "https://a.example/3", response(b"gone", status="404 Not Found"))
    )
    pages, told = read(archive)
    assert told == []
    assert [(page.url[-1], page.body, page.status) for page in pages] == [
        ("1", b"<p>one", 200),
        ("2", b"<p>two", 200),
        ("3", b"gone", 404),
    ]
    assert pages[0].fetched_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (pages[0].content_type, pages[1].content_type) == ("text/html; charset=x", "text/html")


def test_http_codings_are_undone(read):
    """Chunks and gzip are; a header whose coding the archiver took away does no harm."""
    archive = (
        record("response", "https://a.example/1", response(b"3\r\n<p>\r\n0\r\n\r\n", "Transfer-Encoding: chunked"))
        + record("response", "https://a.example/2", response(gzip.compress(b"<p>"), "Content-Encoding: gzip"))
        + record("response", "https://a.example/3", response(b"<p>", "Content-Encoding: br"))
    )
    pages, told = read(archive)
    assert told == []
    assert [page.body for page in pages] == [b"<p>"] * 3


def test_a_gzipped_archive_reads_the_same(read):
    """One gzip member for each record, as archives have it."""
    pages, _ = read(gzip.compress(PLAIN) + gzip.compress(PLAIN), name="a.warc.gz")
    assert [page.body for page in pages] == [b"<p>one"] * 2


def test_a_body_over_the_limit_is_cut_just_behind_it(read):
    """Also one that grows beyond it when decompressed."""
    archive = record("response", "https://a.example/1", response(b"x" * 5_000)) + record(
        "response", "https://a.example/2", response(gzip.compress(b"x" * 5_000_000), "Content-Encoding: gzip")
    )
    pages, _ = read(archive, max_body=1_000)
    assert [len(page.body) for page in pages] == [1_001, 1_001]


def test_a_bad_record_costs_itself(read):
    """A coding that is corrupt is told with the record's number; the next one comes."""
    bad = record("response", "https://a.example/9", response(b"\x00\x01", "Content-Encoding: gzip"))
    pages, told = read(PLAIN + bad + PLAIN)
    assert len(pages) == 2
    assert "record 2: body: is not gzip" in told[0]


def test_codings_in_codings_have_an_end(read):
    """A header may name thousands, each of them 10 MB of work: more than eight are refused before the first."""
    body = b"<p>"
    for _ in range(9):
        body = gzip.compress(body)
    eight = record(
        "response", "https://a.example/8", response(gzip.decompress(body), "Content-Encoding: " + "gzip," * 8)
    )
    nine = record("response", "https://a.example/9", response(body, "Content-Encoding: " + "gzip," * 9))
    pages, told = read(eight + nine)
    assert [page.body for page in pages] == [b"<p>"]
    assert "9 content codings" in told[0]


def test_a_header_without_end_is_no_record(read):
    """50 MB of one HTTP header are not kept."""
    pages, told = read(record("response", "https://a.example/1", response(b"<p>", f"A: {'b' * 50_000_000}")))
    assert pages == []
    assert "header" in told[0]


@pytest.mark.parametrize(
    ("archive", "name", "problem"),
    [
        (PLAIN + PLAIN[:-10], "a.warc", "record 2: is cut short"),
        (gzip.compress(PLAIN) + gzip.compress(PLAIN)[:-30], "a.warc.gz", "is not gzip to its end"),
        (PLAIN + b"garbage\r\n\r\n" + PLAIN, "a.warc", "a.warc"),
        (b"<html>no archive", "a.warc", "a.warc"),
        (b"WARC/1.1 \xff\r\n", "a.warc", "broken behind record 0"),
    ],
)
def test_a_broken_archive_is_told(read, archive, name, problem):
    """What comes before the break are pages; the break is one line."""
    pages, told = read(archive, name=name)
    assert [page.body for page in pages] == [b"<p>one"] * (0 if archive.startswith((b"<", b"WARC/1.1")) else 1)
    assert len(told) == 1
    assert problem in told[0]
