"""JSONL."""

import gzip
import io
import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from pagemill.limits import Limits
from workers.inputs import Intake
from workers.inputs.jsonl import read_jsonl

GOOD = {"url": "https://a.example/1", "body": "<p>hello"}


def read(text, **limits):
    """The pages and the complaints of JSONL."""
    told = []
    stream = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    return list(read_jsonl(stream, "in.jsonl", Limits(**limits), told.append)), told


def test_every_field_of_a_page_can_be_given():
    """The fields are RawPage's; a time without a zone is UTC."""
    line = {
        "url": "https://a.example/1", "body_base64": b64encode(b"\xff\x00").decode(), "content_type": "text/html",
        "status": 404, "headers": {"X": "y"}, "fetched_at": "2024-05-01T10:00:00", "source": "s", "id": "i",
        "meta": {"a": [1]},
    }  # fmt: skip
    ((page,), told) = read(json.dumps(line))
    assert told == []
    assert (page.body, page.status, page.headers, page.meta) == (b"\xff\x00", 404, {"X": "y"}, {"a": [1]})
    assert (page.fetched_at, page.source, page.id) == (datetime(2024, 5, 1, 10, tzinfo=UTC), "s", "i")


def test_null_is_as_good_as_absent():
    """Programs that write every field write null for most."""
    line = GOOD | dict.fromkeys(("status", "headers", "fetched_at", "source", "id", "meta", "body_base64"))
    ((page,), told) = read(json.dumps(line))
    assert (page.status, page.meta, told) == (200, {}, [])


def test_text_is_utf8_whatever_the_page_says():
    """Text that is not ASCII begins with a BOM, which outranks the charset that the page names."""
    pages, _ = read(json.dumps(GOOD | {"body": "é"}) + "\n" + json.dumps(GOOD))
    assert [page.body for page in pages] == [b"\xef\xbb\xbf\xc3\xa9", b"<p>hello"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"url": "https://a.example/1", "boddy": "x"}', "unknown field `boddy`"),
        ('{"body": "x"}', "missing required field `url`"),
        ('{"url": "nope", "body": "x"}', "must be absolute"),
        ('{"url": "https://a.example/1"}', "either body (text) or body_base64"),
        ('{"url": "https://a.example/1", "body": "x", "body_base64": "eA=="}', "either body (text) or body_base64"),
        ('{"url": "https://a.example/1", "body_base64": "%%"}', "body_base64"),
        ('{"url": "https://a.example/1", "body": 3}', "$.body"),
        ('{"url": "https://a.example/1", "body": "x", "meta": [1]}', "$.meta"),
        ('{"url": "https://a.example/1", "body": "x", "status": 5000}', "status"),
        ('{"url": "https://a.example/1", "body": "\\ud800"}', "in.jsonl:2"),
        ("[" * 100_000, "in.jsonl:2"),
        ("not json", "in.jsonl:2"),
        ('{"url": "https://a.example/\x1b[31m", "body": "x"}', "in.jsonl:2"),
    ],
)
def test_a_bad_line_costs_itself(line, problem):
    """It is told with the file, its number and what is wrong, escaped; the lines around it are pages."""
    good = json.dumps(GOOD)
    pages, told = read(f"{good}\n{line}\n{good}\n")
    assert len(pages) == 2
    assert len(told) == 1
    assert told[0].startswith("in.jsonl:2: ")
    assert problem in told[0]
    assert "\x1b" not in told[0]


def test_blank_lines_and_a_missing_last_line_feed_are_fine():
    """They hold no page, and are no mistake."""
    pages, told = read("\n" + json.dumps(GOOD) + "\n  \n" + json.dumps(GOOD))
    assert (len(pages), told) == (2, [])


def test_a_line_longer_than_any_page_is_read_past():
    """It is never held whole, costs itself, and the next line counts on."""
    pages, told = read(json.dumps(GOOD | {"body": "x" * 3_000_000}) + "\n" + json.dumps(GOOD) + "\n]", max_body=1_000)
    assert len(pages) == 1
    assert told[0].startswith("in.jsonl:1: longer than a page can be")
    assert told[1].startswith("in.jsonl:3: ")


def test_gzipped_lines_are_read(tmp_path):
    """.jsonl.gz, also one that is torn: what is whole comes, the tear is told."""
    lines = "".join(json.dumps(GOOD | {"id": str(number)}) + "\n" for number in range(2_000))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode())[:-30])
    told = []
    pages = list(Intake(Limits(), told.append).pages([str(tmp_path)]))
    assert [page.id for page in pages] == [str(number) for number in range(len(pages))]
    assert 0 < len(pages) < 2_000
    assert "is not gzip to its end" in told[0]
