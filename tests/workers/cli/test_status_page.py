"""The page of `status`: what an operator sees within five seconds, at 80 columns and at 140."""

import io
from datetime import UTC, datetime

import msgspec
import pytest
from rich.console import Console

from workers.cli.status_page import status_page
from workers.cli.status_tables import rate
from workers.monitor.snapshot import (
    DeadLetters,
    DedupeMemory,
    Group,
    Latency,
    Minute,
    Output,
    Quality,
    Queue,
    Rate,
    Reason,
    Site,
    Sites,
    Snapshot,
    Store,
    Tally,
    Worker,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTHING, SLOW, FAST = Rate(), Rate(minute=88.2, quarter_hour=80.0), Rate(minute=420.0, quarter_hour=400.0)
NO_SITES = Sites(known=0, by_pages=(), by_rejects=())


def queue(name, depth, **more):
    told = {"in_hand": 0, "settled": 0, "pushed": depth, "bytes": 1, "oldest_age": None, "drain_seconds": None}
    rates = {"pushed_rate": NOTHING, "settled_rate": NOTHING}
    return Queue(name=name, depth=depth, waiting=depth, **(told | rates | more))


def worker(number, **more):
    told = {"state": "busy", "host": "crawler-with-a-long-name", "pid": 1, "queues": ("default",), "heartbeat_age": 3.0}
    named = {"name": f"{number:032x}", "dead": False, "claim_age": 3.2, "memory_bytes": 412_000_000}
    return Worker(**(told | named | {"pages_per_second": 9.0} | more))


EMPTY = Snapshot(
    at=AT,
    depth=0,
    oldest_age=None,
    pushed_rate=NOTHING,
    settled_rate=NOTHING,
    drain_seconds=0.0,
    settled=0,
    suspended=False,
    queues=(queue("default", 0),),
    workers=(),
    outcomes=(Tally(name="published", total=0, rate=NOTHING),),
    reasons=(),
    sources=NO_SITES,
    hosts=NO_SITES,
    latency=Latency(buckets=(), count=0, sum=0.0, p50=None, p95=None, p99=None),
    output=Output(length=0, limit=100_000, trimmed=0, bytes=0, groups=()),
    dead=DeadLetters(
        lying=0,
        bytes=0,
        limit_bytes=10**8,
        replayed=0,
        dropped=0,
        expired=0,
        oldest_age=None,
        rate=NOTHING,
        reasons={},
    ),
    store=Store(
        server="valkey",
        version="9.1.2",
        used_bytes=1_400_000,
        limit_bytes=0,
        bytes_by_kind={},
        clients=1,
        persistence="aof",
        uptime=3.0,
    ),
    memory=DedupeMemory(pages=0, capacity=1_000_000, reaches_back=None),
    registries=(),
    minutes=tuple(Minute(at=AT, pushed=None, settled=None, depth=None) for _ in range(60)),
)
CHANGED = Site(
    name="feeds\x1b[31m",
    recent=Quality(pages=4_200, drafts=840, rejected=3_360, reasons={"too_short": 3_360}),
    past=Quality(pages=80_000, drafts=77_600, rejected=2_400, reasons={"too_short": 2_400}),
)
TROUBLE = msgspec.structs.replace(
    EMPTY,
    depth=1_834_221,
    oldest_age=7_300.0,
    pushed_rate=FAST,
    settled_rate=SLOW,
    drain_seconds=None,
    settled=1_234_567,
    queues=(
        queue("default", 1_800_000, oldest_age=7_300.0, pushed_rate=FAST, settled_rate=SLOW),
        queue("q" * 64, 34_221, oldest_age=7_300.0),
    ),
    workers=(*(worker(number) for number in range(200)), worker(999, dead=True, heartbeat_age=300.0)),
    outcomes=(
        Tally(name="published", total=812_345, rate=SLOW),
        Tally(name="near_duplicate", total=379_222, rate=SLOW),
        Tally(name="rejected", total=43_000, rate=Rate(minute=0.02)),
    ),
    reasons=(Reason(outcome="rejected", name="too_short", total=43_000, rate=Rate(minute=0.02)),),
    sources=Sites(known=1, by_pages=(CHANGED,), by_rejects=(CHANGED,), comparable=(CHANGED,)),
    hosts=Sites(known=1, by_pages=(CHANGED,), by_rejects=(msgspec.structs.replace(CHANGED, name="h" * 253),)),
    latency=Latency(buckets=(), count=9, sum=9.0, p50=0.0121, p95=0.083, p99=2.31),
    output=Output(
        length=99_990,
        limit=100_000,
        trimmed=0,
        bytes=1,
        groups=(Group(name="archive" * 9, unread=99_990, pending=0, consumers=0, oldest_age=7_000.0),),
    ),
    dead=msgspec.structs.replace(
        EMPTY.dead, lying=1_041, bytes=2_310_000, rate=SLOW, reasons={"crashed": 1_000, "lost": 41}
    ),
    store=msgspec.structs.replace(EMPTY.store, limit_bytes=2_000_000, bytes_by_kind={"pages": 1_000_000, "memory": 9}),
    minutes=tuple(Minute(at=AT, pushed=100 * n, settled=6_000, depth=12_345_678) for n in range(60)),
)


def drawn(shot, width):
    told = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    told.print(status_page(shot, width))
    return told.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 130, 140, 200])
@pytest.mark.parametrize("shot", [EMPTY, TROUBLE], ids=["empty", "trouble"])
def test_the_page_fits_its_terminal(shot, width):
    """No line is longer, and where there is room for them no column is cut off."""
    page = drawn(shot, width)
    assert max(map(len, page.splitlines())) <= width
    headings = ["empty in", *(["mostly", "/s, 15 min", "silent for"] if shot is TROUBLE else [])]
    assert [heading for heading in headings if heading not in page] == []


def test_what_is_wrong_stands_first_with_what_to_do_about_it():
    """The worst in the first line; then the site whose template changed; and the figures after all of them."""
    page = drawn(TROUBLE, 80)
    first, advice, *_ = page.splitlines()
    assert first.startswith("● Falling behind")
    assert advice.startswith("  → ")
    assert "80% of 4,200 pages are rejected (too_short), 3% before" in " ".join(page.split())
    assert page.index("rejected (too_short)") < page.index("1,834,221 pages to do, the oldest 2 h 1 min old")


def test_a_mill_without_troubles_says_so_in_its_first_line():
    """And shows neither empty tables nor a history of nothing."""
    page = drawn(EMPTY, 80)
    assert page.startswith("● Ready")
    assert "no worker" in page
    assert not any(word in page for word in ("outcome", "minutes", "refused", "!"))


def test_names_from_outside_are_escaped():
    """A source may be called anything, and moves no cursor."""
    page = drawn(TROUBLE, 140)
    assert "\x1b" not in page
    assert r"feeds\x1b[31m" in page


def test_many_workers_are_summed_up_behind_the_dead_ones():
    """A dozen rows, the silent one first."""
    page = drawn(TROUBLE, 80)
    rows = [line for line in page.splitlines() if "(crawler-with" in line]
    assert len(rows) == 12
    assert "dead" in rows[0]
    assert "and 189 more workers: 189 busy" in page


def test_the_last_hour_is_told_in_bars():
    """Lower ones before, higher ones now, with the most beside them."""
    (line,) = [line for line in drawn(TROUBLE, 80).splitlines() if line.startswith("in ")]
    assert line[6] == "▁"
    assert line[65] == "█"
    assert line.endswith(" 5,900")


@pytest.mark.parametrize(
    ("number", "told"), [(0.0, "0.0"), (0.02, "0.02"), (1.24, "1.2"), (99.94, "99.9"), (1_234.5, "1,234")]
)
def test_a_rate_has_as_many_digits_as_tell_something(number, told):
    """A page an hour is not none."""
    assert rate(number) == told
