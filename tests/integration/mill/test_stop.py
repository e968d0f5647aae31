"""Stopping: a warm stop settles the page in hand and hands back the rest; a cold one blames nobody."""

import os
import signal
import time
from contextlib import suppress

import pytest

from workers.rq_keys import WORKERS


def test_a_warm_stop_settles_the_page_in_hand_and_hands_back_the_rest(works):
    """SIGTERM: of a batch of 20 the one page in hand is published; another worker takes the other 19 up."""
    works.settings = works.with_settings(lease_seconds=600)  # so that none comes back by itself
    pool = works.start()
    (waiting, *rest) = works.push_batch(20, wish="wait")
    works.await_in_hand(waiting)
    pool.signal()
    works.until(lambda: works.client.hexists(works.worker_key(), "shutdown_requested_date"), "the stop to be noted")
    works.let_go()
    assert pool.ended() == 0
    assert works.records() == [waiting]
    assert works.consumers() == {}
    works.start()
    works.await_settled(20)
    assert works.records() == [waiting, *rest]
    works.check_books()


def test_a_signal_to_the_whole_group_is_a_warm_stop_too(works):
    """SIGTERM to pool, worker and horse at once, as from systemd: the page in hand is published, nothing is lost."""
    pool = works.start(claim_seconds=60)
    (waiting, *rest) = works.push_batch(8, wish="wait")
    works.await_in_hand(waiting)
    for pid in pool.family():
        os.kill(pid, signal.SIGTERM)
    works.let_go()
    assert pool.ended() == 0
    assert works.records() == [waiting]
    works.start()
    works.await_settled(8)
    assert works.records() == [waiting, *rest]
    works.check_books()


def test_a_cold_stop_blames_no_page(works):
    """SIGTERM again after a second kills the horse; its page has no strike, and all is taken up at once."""
    works.settings = works.with_settings(lease_seconds=600, lonely_deaths=1, strikes=1)
    pool = works.start()
    (waiting, *rest) = works.push_batch(5, wish="wait")
    works.await_in_hand(waiting)
    pool.signal()
    with suppress(ProcessLookupError):
        while pool.is_alive():  # a second signal within a second is taken for the same one
            time.sleep(0.2)
            pool.signal()
    assert pool.ended() == 0
    assert works.consumers() == {}
    assert works.trials() == {}
    works.let_go()
    works.start()
    works.await_settled(5)
    assert works.records() == [waiting, *rest]
    works.check_books()


def test_a_stop_waits_no_longer_than_is_set_for_the_page_in_hand(works):
    """As for a container: before the grace is over all is handed back, without a strike, and taken up at once."""
    works.settings = works.with_settings(lease_seconds=600, lonely_deaths=1, strikes=1)
    pool = works.start(stop_seconds=0.5)
    (waiting, *rest) = works.push_batch(5, wish="wait")
    works.await_in_hand(waiting)
    assert pool.stop() == 0
    assert works.consumers() == {}
    assert works.trials() == {}
    works.let_go()
    works.start()
    works.await_settled(5)
    assert works.records() == [waiting, *rest]
    works.check_books()
    (ended,) = pool.events("horse_ended")
    assert ended["why"] == "a stop waits no longer for the page in hand"


def test_a_grace_that_is_too_short_costs_a_lease_and_no_strike(works):
    """SIGTERM, and SIGKILL to all before the page is through: the pages come back when their lease runs out."""
    works.settings = works.with_settings(lonely_deaths=1, strikes=1)
    pool = works.start(stop_seconds=3600)
    (waiting, *rest) = works.push_batch(5, wish="wait")
    works.await_in_hand(waiting)
    pool.signal()
    works.until(lambda: works.client.hexists(works.worker_key(), "shutdown_requested_date"), "the stop to be noted")
    for pid in pool.family():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    works.let_go()
    works.start()
    works.await_settled(5)
    assert sorted(works.records()) == sorted([waiting, *rest])
    assert works.dead() == {}
    works.check_books()


@pytest.mark.parametrize("linger", [False, True])
def test_an_idle_pool_stops_soon(works, linger):
    """With an idle worker, or a horse that lingers, SIGTERM ends all of them, long before the claim would."""
    pool = works.start(claim_seconds=3600 if linger else 0.01)
    works.push()
    works.await_settled(1)
    works.until(lambda: bool(pool.horses()) is linger, "the worker idle, or its horse lingering")
    family = pool.family()
    assert pool.stop() == 0
    assert works.alive(family) == []
    assert works.client.scard(WORKERS) == 0


def test_a_stop_finds_a_worker_at_any_moment(works):
    """Pools stopped at odd moments of claims of one page each: all end, and no page is lost or blamed."""
    works.settings = works.with_settings(lease_seconds=600, claim_pages=1, batch_pages=1)
    works.push(60)
    for turn in range(4):
        pool = works.start()
        works.await_settled(turn + 1)
        time.sleep(turn * 0.0037)
        assert pool.stop() == 0
        assert works.trials() == {}
    works.settings = works.with_settings(claim_pages=100, batch_pages=64)
    works.start()
    works.await_settled(60)
    works.check_books()


def test_a_pool_that_is_stopped_while_a_worker_starts_ends(works):
    """SIGTERM just when the pool replaces a dead worker: it does not wait for one that never heard of it."""
    pool = works.start()
    os.kill(pool.worker(), signal.SIGKILL)
    works.until(lambda: pool.events("worker_died"), "the death noted")
    works.until(pool.workers, "another worker")
    pool.signal()
    assert pool.ended() == 0
