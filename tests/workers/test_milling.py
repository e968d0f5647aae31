"""From a page that was taken to its settlement."""

import msgspec
import pytest

import workers.milling
from pagemill.limits import Limits
from pagemill.outcomes import DeadReason, RejectReason
from pagemill.page import bytes_key
from pagemill.record import Draft
from pipeline import Options
from pipeline.process import Reading
from workers.milling import MOST_DETAIL, Opened, bury, mill, same_again, unpack
from workers.store.contract import Settlement, Taken

URL = "https://user@Mill.example:8080/a?b"
TEXT = " ".join(f"Sentence {i} tells of wheel {i * 3}." for i in range(9))
BODY = f"<html><h1>A story</h1><p>{TEXT}</p></html>".encode()


def taken(**fields):
    """An entry that was taken, with these fields."""
    named = {"url": URL, "body": BODY, "id": "p1", **fields}
    raw = {name.encode(): value if isinstance(value, bytes) else value.encode() for name, value in named.items()}
    return Taken(queue="default", entry="1700000000000-0", fields=raw)


def opened(**fields):
    found = unpack(taken(**fields), Limits())
    assert isinstance(found, Opened)
    return found


@pytest.fixture
def pipeline(monkeypatch):
    """Puts another pipeline in the real one's place: one with a bug."""
    return lambda function: monkeypatch.setattr(workers.milling, "read_page", function)


def test_a_page_comes_out_of_its_entry():
    """Opened holds the page and the key of its bytes and URL."""
    page = opened()
    assert (page.page.url, page.page.body, page.page.id) == (URL, BODY, "p1")
    assert page.key == bytes_key(URL, BODY)


def test_a_page_gives_a_draft():
    """The settlement holds the draft as JSON beside the keys that the commit decides by."""
    settled = mill(opened(), Options())
    draft = msgspec.json.decode(settled.draft, type=Draft)
    assert (settled.verdict, settled.id, settled.host) == ("draft", "p1", "mill.example")
    assert draft.title == "A story"
    assert settled.text_key.hex() == draft.content_hash
    assert {len(key) for key in (settled.bytes_key, settled.article_key, settled.text_key)} == {16}


def test_a_rejected_page_tells_why():
    """The pipeline's reason is the settlement's."""
    settled = mill(opened(body="<p>too short</p>"), Options())
    assert (settled.verdict, settled.reason) == ("rejected", RejectReason.TOO_SHORT)


def test_bytes_that_came_before_are_not_parsed(pipeline):
    """Its settlement is "same", for the commit to make sure of; the pipeline is not asked."""
    pipeline(lambda *_: pytest.fail("asked"))
    settled = same_again(opened())
    assert (settled.verdict, settled.bytes_key) == ("same", bytes_key(URL, BODY))


@pytest.mark.parametrize(
    ("fields", "verdict", "reason"),
    [
        ({"body": b"x" * 2_000}, "rejected", RejectReason.TOO_LARGE),
        ({"url": b"\xff"}, "dead", DeadReason.MALFORMED),
        ({"v": "2"}, "dead", DeadReason.MALFORMED),
        ({"content_encoding": "zstd"}, "dead", DeadReason.MALFORMED),
        ({"meta": "["}, "dead", DeadReason.MALFORMED),
    ],
)
def test_an_entry_that_is_no_page_is_settled_without_one(fields, verdict, reason):
    """Named by what it says of itself, as far as that can be read."""
    settled = unpack(taken(**fields), msgspec.structs.replace(Limits(), max_body=1_000))
    assert isinstance(settled, Settlement)
    assert (settled.verdict, settled.reason, settled.id) == (verdict, reason, "p1")
    assert settled.detail


def test_an_entry_without_any_field_is_malformed():
    """As XADD by somebody's mistake."""
    settled = unpack(Taken(queue="default", entry="1-0", fields={}), Limits())
    assert (settled.verdict, settled.reason, settled.url) == ("dead", DeadReason.MALFORMED, "")


class Panic(BaseException):
    """As Rust's libraries raise: no Exception."""


@pytest.mark.parametrize("error", [ValueError("bug"), RecursionError("deep"), Panic("rust"), SystemExit(1)])
def test_whatever_a_page_raises_costs_that_page(pipeline, error):
    """It is dead, with the traceback's end."""

    def process(*_):
        raise error

    pipeline(process)
    settled = mill(opened(), Options())
    assert (settled.verdict, settled.reason) == ("dead", DeadReason.RAISED)
    assert str(error) in settled.detail


def test_out_of_memory_is_no_verdict(pipeline):
    """It is raised: what it leaves of the process is not to be trusted with the next page."""

    def process(*_):
        raise MemoryError

    pipeline(process)
    with pytest.raises(MemoryError):
        mill(opened(), Options())


def test_a_draft_that_cannot_be_written_is_its_pages_fault(pipeline):
    """Lone surrogates and objects in meta are no JSON."""
    real = workers.milling.read_page
    pipeline(lambda *arguments: Reading(msgspec.structs.replace(real(*arguments).result, title="\ud800")))
    settled = mill(opened(), Options())
    assert (settled.verdict, settled.reason) == ("dead", DeadReason.UNSERIALISABLE)


def test_a_traceback_is_cut_and_can_be_written(pipeline):
    """Its last characters are kept, where the error is, and lone surrogates as escapes."""

    def process(*_):
        raise ValueError("\ud800" + "x" * 10_000 + "the end")

    pipeline(process)
    detail = mill(opened(), Options()).detail
    assert len(detail) <= MOST_DETAIL + 10
    assert detail.rstrip().endswith("the end")
    detail.encode()


def test_a_buried_page_is_named_by_its_entry():
    """Of a page that its horse died of only the entry is known."""
    settled = bury(taken(), DeadReason.CRASHED, "SIGSEGV")
    assert (settled.verdict, settled.reason, settled.id, settled.url) == ("dead", DeadReason.CRASHED, "p1", URL)


@pytest.mark.parametrize(
    ("url", "host"),
    [(URL, "mill.example"), ("https://BÜCHER.example./a", "xn--bcher-kva.example"), ("file:///a", ""), ("no url", ""),
     ("http://[", ""), ("", "")],
)  # fmt: skip
def test_a_page_counts_under_its_host_whatever_becomes_of_it(url, host):
    """A page that dies counts under the host, as browsers spell it, that its site's records have; or under none."""
    assert bury(taken(url=url), DeadReason.CRASHED, "SIGSEGV").host == host
