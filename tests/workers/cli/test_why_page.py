"""`why` and `settled` for people: every line is ours, whatever a page calls itself."""

from datetime import UTC, datetime

import msgspec
import pytest

from workers.cli.render import console
from workers.cli.why_page import is_known, settled_page, why_page
from workers.monitor.search import Found, SettledPage
from workers.monitor.unsettled import Waiting
from workers.monitor.why import Decision, RecordTold, Remembered, Why

AT = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
HOSTILE = "p\x1b[31m\n2026-03-01 12:00:00  published\u202e"
PAGE = SettledPage(
    entry="1-1",
    at=AT,
    id="p2",
    url="https://a.example/2",
    outcome="near_duplicate",
    reason="",
    of="p1",
    similarity=0.93,
)
RECORD = RecordTold(id="p1", url="https://a.example/1", at=AT, entry="1-0", title="The wheel", article="a", version=3)
NOTHING = Why(
    url="https://a.example/2", normal="https://a.example/2", decisions=(), waiting=(), letters=(), remembered=None,
    looked_settled=7, of_settled=9, back_to=AT, looked_waiting=2, of_waiting=3, looked_letters=1,
)  # fmt: skip


@pytest.fixture
def lines(capsys):
    """What is printed of it, line by line."""

    def draw(drawn):
        console().print(drawn)
        return capsys.readouterr().out.splitlines()

    return draw


def told(**fields):
    """An answer with these parts."""
    return msgspec.structs.replace(NOTHING, **fields)


def test_a_near_copy_names_the_record_and_how_alike_it_is(lines):
    """Its version, title and address, and the similarity."""
    shown = lines(why_page(told(decisions=(Decision(page=PAGE, repeats=RECORD),))))
    assert shown[1] == "2026-03-01 12:00:05  near_duplicate (page p2)"
    assert shown[2] == (
        '    repeats page p1 of 2026-03-01 12:00:05: version 3 "The wheel", https://a.example/1; similarity 0.93'
    )


def test_what_was_published_before_the_look_is_said_to_be(lines):
    """The id is known, the record is not."""
    shown = lines(why_page(told(decisions=(Decision(page=PAGE),))))
    assert "page p1, which was published before what was looked at" in shown[2]


def test_nothing_known_tells_how_far_the_look_went(lines):
    """Settled pages, queues and letters; what this user may not look at too."""
    assert not is_known(NOTHING)
    assert lines(why_page(NOTHING))[1:] == [
        "nothing is known of it",
        "looked at 7 of 9 settled pages, back to 2026-03-01 12:00:05",
        "at 2 of 3 pages on queues, 1 dead letter",
    ]
    refused = lines(why_page(told(waiting=None, letters=None)))
    assert refused[-1] == "at no queue (this user may not), no dead letter (this user may not)"


def test_what_a_page_calls_itself_forges_no_line(lines):
    """Ids, titles and URLs with control characters: as many lines as without them, and none of their making."""
    decision = Decision(
        page=msgspec.structs.replace(PAGE, id=HOSTILE, of=HOSTILE, url=HOSTILE),
        record=msgspec.structs.replace(RECORD, title=HOSTILE),
        repeats=msgspec.structs.replace(RECORD, id=HOSTILE, url=HOSTILE, title=HOSTILE),
    )
    waiting = Waiting(queue="default", entry="2-0", pushed_at=AT, id=HOSTILE, url=HOSTILE, holder=HOSTILE)
    remembered = Remembered(version=1, record=HOSTILE)
    hostile = told(url=HOSTILE, normal=HOSTILE, decisions=(decision,), waiting=(waiting,), remembered=remembered)
    shown = lines(why_page(hostile))
    assert len(shown) == 7
    assert not {"\x1b", "\u202e"} & set("".join(shown))
    assert [line[:22] for line in shown if line.startswith("2026")] == [
        "2026-03-01 12:00:05  i",
        "2026-03-01 12:00:05  n",
    ]


def test_a_search_says_where_to_go_on(lines):
    """Rows, how many were looked at, and the entry behind which there may be more."""
    found = Found(pages=(PAGE,), looked=1, length=9, back_to=AT, next="1-1")
    shown = lines(settled_page(found))
    row = shown[-3].split()
    assert [*row[:3], *row[4:]] == ["2026-03-01", "12:00:05", "near_duplicate", "p1", "https://a.example/2"]
    assert shown[-2:] == [
        "looked at 1 of 9 settled pages, back to 2026-03-01 12:00:05",
        "there may be more: --before 1-1",
    ]
    assert lines(settled_page(Found(pages=(), looked=0, length=0, back_to=None, next=None)))[0] == "none"
