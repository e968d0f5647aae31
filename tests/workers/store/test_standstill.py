"""A Redis that stood still, or whose clock jumped: nobody takes pages from a holder who had no chance to renew."""

import time

import pytest

from pagemill.keys import GROUP
from workers.store.redis_store import NOBODY

pytestmark = pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)

QUEUES = ["urgent", "default"]
LEASE = 30_000


@pytest.fixture
def seen(bench):
    """`seen(milliseconds)`: it was so long ago (or is so far ahead) that anybody renewed or looked for pages."""

    def seen(milliseconds):
        now = int(time.time() * 1000)
        bench.mill.client.hset(bench.mill.keys.leases, mapping={"seen": now - milliseconds, "until": 0})

    return seen


def the_pause_is_over(bench):
    bench.mill.client.hset(bench.mill.keys.leases, "until", 0)


@pytest.mark.parametrize("first", ["renew", "adopt"])
def test_after_a_standstill_the_holders_renew_first(bench, seen, first):
    """However old leases look, none is taken up until all had time to renew, whoever comes first; then the orphans."""
    renewed, orphan = bench.take_one("alive"), bench.take_one("dead")
    for page in (renewed, orphan):
        bench.mill.let_lease_run_out("default", page.entry)
    seen(LEASE)
    if first == "adopt":
        assert bench.store.adopt("w2", QUEUES, 10) == []
    bench.store.renew("alive", [("default", renewed.entry)])
    assert bench.store.adopt("w2", QUEUES, 10) == []
    the_pause_is_over(bench)
    assert bench.store.adopt("w2", QUEUES, 10) == [orphan]


def test_what_was_handed_back_is_nobodys_and_waits_for_nothing(bench, seen):
    """A mill that was stopped goes on at once, however long ago that was."""
    page = bench.take_one("stopped")
    bench.store.hand_back("stopped", QUEUES)
    seen(LEASE)
    assert bench.store.adopt("w2", QUEUES, 10) == [page]


def test_a_look_now_and_then_is_no_standstill(bench, seen):
    """Holders renew three times a lease: after a third of it leases run out as ever."""
    page = bench.take_one("dead")
    bench.mill.let_lease_run_out("default", page.entry)
    seen(LEASE // 3)
    assert bench.store.adopt("w2", QUEUES, 10) == [page]


def test_when_the_clock_jumps_back_every_lease_begins_anew(bench, seen):
    """What was taken, or handed back, in what is now the future would else be nobody's to take up for an hour."""
    held, handed = bench.take_one("dead"), bench.take_one("stopped", queue="urgent")
    bench.store.hand_back("stopped", QUEUES)
    key = bench.mill.keys.pages("urgent")
    bench.mill.client.xclaim(key, GROUP, NOBODY, 0, [handed.entry], idle=0, justid=True)  # as the future is shown
    assert bench.store.adopt("w2", QUEUES, 10) == []
    bench.mill.let_lease_run_out("default", held.entry)
    seen(-3_600_000)
    assert bench.store.adopt("w2", QUEUES, 10) == [handed]
    assert bench.store.adopt("w2", QUEUES, 10) == []
    the_pause_is_over(bench)
    assert bench.store.adopt("w2", QUEUES, 10) == []
    bench.mill.let_lease_run_out("default", held.entry)
    assert bench.store.adopt("w2", QUEUES, 10) == [held]


def test_a_jump_back_is_dealt_with_once(bench, seen):
    """A lease that ran out after it is taken up, and not renewed for its dead holder again and again."""
    page = bench.take_one("dead")
    seen(-3_600_000)
    bench.store.adopt("w2", QUEUES, 10)
    the_pause_is_over(bench)
    bench.mill.let_lease_run_out("default", page.entry)
    assert bench.store.adopt("w2", QUEUES, 10) == [page]
