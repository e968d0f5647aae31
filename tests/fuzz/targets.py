"""What is fuzzed: each target hands bytes to one part of Pagemill, and asserts what always holds of the answer."""

import re
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO

import brotli
import msgspec
import zstandard
from lxml import etree

from pagemill.encoding import decompress
from pagemill.errors import InvalidPage, MalformedEntry, PagemillError, PageTooLarge
from pagemill.limits import Limits
from pagemill.page import RawPage
from pagemill.record import Draft
from pagemill.wire import decode as decode_entry
from pagemill.wire import encode as encode_entry
from pipeline import Rejected, process
from pipeline.clean import tidy
from pipeline.decoding.decode import decode
from pipeline.extract import extract
from pipeline.flattened.extract import read_flattened
from pipeline.markup.parse import parse
from pipeline.metadata.authors import clean_authors
from pipeline.metadata.dates import EARLIEST, LATEST, parse_date
from pipeline.metadata.describe import describe
from pipeline.metadata.jsonld import read_jsonld
from pipeline.metadata.linked_article import choose_article
from pipeline.metadata.one_line import one_line
from pipeline.metadata.titles import choose_title, site_labels
from pipeline.sameness.fingerprint import normalise_text, text_key
from pipeline.urls.url import canonical_url, host_of, normalise_url, url_key
from workers.inputs.jsonl import read_jsonl
from workers.inputs.warc import read_warc

URL = "https://mill.example/2024/05/01/diary"
FETCHED = datetime(2024, 5, 2, tzinfo=UTC)
LIMITS = Limits(max_body=50_000)
FIELD_END = b"\x1e"
ENCODINGS = ("zstd", "gzip", "br", "deflate", "identity", "", "rot13")

Target = Callable[[bytes], None]

_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufeff\ufffe\uffff\ud800-\udfff]")


def assert_clean(text: str, limit: int | None = None, *, lines: bool = False) -> None:
    """No control characters, lone halves or marks that turn the reading direction; one line, within the limit."""
    assert not (bad := _UNWANTED.search(text)), ascii(bad)
    assert lines or "\n" not in text
    assert limit is None or len(text) <= limit


def wire(fuzz: bytes) -> None:
    """An entry is a page, or one of two errors; a page survives the way back and forth."""
    pairs = [field.partition(b"=") for field in fuzz.split(FIELD_END)]
    fields = {name: value for name, sign, value in pairs if sign}
    try:
        page = decode_entry(fields, "1714608000000-0", LIMITS)
    except (MalformedEntry, PageTooLarge) as error:
        assert_clean(str(error))
        return
    assert len(page.body) <= LIMITS.max_body
    again = {
        name.encode(): value if isinstance(value, bytes) else value.encode()
        for name, value in encode_entry(page).items()
    }
    assert decode_entry(again, "0-1", LIMITS) == page


def encoding(fuzz: bytes) -> None:
    """What is decompressed is within the limit, or one of two errors; what is compressed comes back."""
    if not fuzz:
        return
    body = fuzz[1:]
    try:
        assert len(decompress(body, ENCODINGS[fuzz[0] % len(ENCODINGS)], LIMITS.max_body)) <= max(
            LIMITS.max_body, len(body)
        )
    except (MalformedEntry, PageTooLarge) as error:
        assert_clean(str(error))
    if len(body) <= LIMITS.max_body:
        assert decompress(zlib.compress(body), "gzip", LIMITS.max_body) == body
        assert decompress(brotli.compress(body, quality=0), "br", LIMITS.max_body) == body
        assert decompress(zstandard.compress(body, 1), "zstd", LIMITS.max_body) == body


def decoding(fuzz: bytes) -> None:
    """A body is text that XML can hold, or a refusal; the first line is the content type."""
    page = _page_of(fuzz)
    decoded = decode(page)
    if isinstance(decoded, Rejected):
        assert_clean(decoded.detail)
        return
    assert not re.search("[\x00-\x08\x0e-\x1f\ufffe\uffff]", decoded.text)
    for warning in decoded.warnings:
        assert_clean(warning, 200)


def parsing(fuzz: bytes) -> None:
    """Any text gives a tree that can be written, or None."""
    parsed = parse(_text_of(fuzz))
    if parsed is not None:
        etree.tostring(parsed.tree)


def extracting(fuzz: bytes) -> None:
    """The text of a page is clean after `tidy`, the same twice, and the tree stays as it was."""
    parsed = parse(_text_of(fuzz))
    if parsed is None:
        return
    before = etree.tostring(parsed.tree)
    text = tidy(extract(parsed.tree).text)
    assert_clean(text, lines=True)
    assert etree.tostring(parsed.tree) == before
    assert tidy(text) == text
    assert text_key(text) == text_key(text)
    assert normalise_text(normalise_text(text)) == normalise_text(text)


def describing(fuzz: bytes) -> None:
    """A description's fields are clean lines within their limits, and its times are within bounds."""
    parsed = parse(_text_of(fuzz))
    if parsed is None:
        return
    described = describe(parsed.tree, url=URL, fetched_at=FETCHED)
    assert described == describe(parsed.tree, url=URL, fetched_at=FETCHED)
    for field in ("title", "description", "image", "site_name", "section", "canonical", "page_type"):
        assert_clean(getattr(described, field) or "", 2_048)
    for line in (*described.authors, *described.tags):
        assert_clean(line, 120)
    for moment in (described.published_at, described.modified_at):
        assert moment is None or EARLIEST <= moment <= LATEST


def dates(fuzz: bytes) -> None:
    """A date is None, or aware and within bounds; the same twice."""
    text = _text_of(fuzz)
    for language in (None, "en-US", "de", "hr"):
        for fetched_at in (None, FETCHED):
            moment = parse_date(text, fetched_at=fetched_at, language=language)
            assert moment == parse_date(text, fetched_at=fetched_at, language=language)
            assert moment is None or (moment.tzinfo is UTC and EARLIEST <= moment <= LATEST)


def linked(fuzz: bytes) -> None:
    """JSON-LD of any kind gives objects, and an article of strings."""
    nodes = read_jsonld(_text_of(fuzz).split("\x1e"))
    article = choose_article(nodes, URL)
    for field in msgspec.structs.asdict(article).values():
        assert field is None or all(isinstance(part, str) for part in field)


def naming(fuzz: bytes) -> None:
    """Titles and authors are clean lines; the lines of the input are headings, titles and site names in turn."""
    lines = [one_line(line, 500) for line in _text_of(fuzz).split("\n")[:60]]
    for line in lines:
        assert_clean(line, 500)
    title = choose_title(lines[::3], lines[1::3], [*lines[2::3], *site_labels(URL)])
    assert title is None or title.strip()
    for name in clean_authors(lines, site_names=lines[2::3], bylines=True):
        assert_clean(name, 120)


def addresses(fuzz: bytes) -> None:
    """Normalising an address twice is normalising it once, and no address raises."""
    first, _, second = _text_of(fuzz).partition("\n")
    for url in (first[:3_000], f"https://mill.example/{first[:2_000]}"):
        normal = normalise_url(url)
        assert normalise_url(normal) == normal, (url, normal)
        host_of(url)
        assert len(url_key(url)) == len(url_key(normal)) == 16
        assert url_key(normal) == url_key(url), (url, normal)
        canonical_url(url, second[:2_048])
        try:
            RawPage(url=url, body=b"")
        except InvalidPage as error:
            assert_clean(str(error))


def flat(fuzz: bytes) -> None:
    """A flattened page of any kind gives a clean text."""
    read = read_flattened(_text_of(fuzz), fetched_at=FETCHED)
    assert_clean(read.text, lines=True)
    assert_clean(read.title or "")
    for author in read.authors:
        assert_clean(author)


def inputs(fuzz: bytes) -> None:
    """Lines of JSON and archives give pages and complaints; nothing but one named error ends the reading."""
    complaints: list[str] = []
    for page in read_jsonl(BytesIO(fuzz), "a.jsonl", LIMITS, complaints.append):
        assert len(page.body) <= LIMITS.max_body + 1
    try:
        for page in read_warc(_Peekable(fuzz), "a.warc", LIMITS, complaints.append):
            assert len(page.body) <= LIMITS.max_body + 1
    except PagemillError as error:
        complaints.append(str(error))
    for complaint in complaints:
        assert_clean(complaint)


def whole(fuzz: bytes) -> None:
    """A page is a draft or a refusal, the same twice, that can be written as JSON; a draft's text is clean."""
    page = _page_of(fuzz)
    answer = process(page)
    assert isinstance(answer, (Draft, Rejected))
    assert answer == process(page)
    written = msgspec.json.encode(answer)
    if isinstance(answer, Draft):
        assert msgspec.json.decode(written, type=Draft) == answer
        assert_clean(answer.text, lines=True)
        for field in ("title", "description", "section", "site_name"):
            assert_clean(getattr(answer, field) or "")
    else:
        assert_clean(answer.detail)


TARGETS: Mapping[str, Target] = {
    target.__name__: target
    for target in (
        wire, encoding, decoding, parsing, extracting, describing, dates, linked, naming, addresses, flat, inputs,
        whole,
    )
}  # fmt: skip


class _Peekable(BytesIO):
    """A stream as `open` gives it, for the readers of archives."""


def _page_of(fuzz: bytes) -> RawPage:
    """The first line, if it is short, is the content type; the rest is the body."""
    line, newline, body = fuzz.partition(b"\n")
    if not newline or len(line) > 80 or line.lstrip().startswith(b"<"):
        return RawPage(url=URL, body=fuzz, fetched_at=FETCHED)
    return RawPage(url=URL, body=body, content_type=line.decode("latin-1"), fetched_at=FETCHED)


def _text_of(fuzz: bytes) -> str:
    """Text with whatever Python's strings can hold: bytes that are not UTF-8 become lone surrogates."""
    return fuzz.decode("utf-8", "surrogateescape")
