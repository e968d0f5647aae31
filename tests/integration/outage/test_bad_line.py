"""Pools whose line to Redis breaks again and again, or whose scripts are forgotten."""

import random

import pytest
from proxy import Proxy

CUTS = 40
FLUSHES = 12


@pytest.fixture
def proxy(works):
    """Before the works' server."""
    with Proxy(works.url) as proxy:
        yield proxy


def test_a_line_that_breaks_at_random_costs_no_page(works, proxy):
    """Forty cuts under two workers, behind any byte of RQ's traffic and ours: no worker ends, each page comes once."""
    pool = works.start(redis_url=proxy.url, workers=2, claim_seconds=0.3, batch_pages=4)
    workers = sorted(pool.workers())
    chance = random.Random(4)  # the traffic differs from run to run all the same
    pushed = 0
    while proxy.cuts < CUTS:
        if proxy.armed() < 3:
            proxy.cut_after(chance.randrange(1, 4_000), chance.choice(["requests", "replies"]))
        pushed += len(works.push(2))
        works.await_settled(pushed - 8)
    proxy.disarm()
    works.await_settled(pushed)
    works.until(lambda: not pool.horses(), "idle workers")
    assert sorted(pool.workers()) == workers
    assert not pool.events("worker_died")
    works.check_books()


def test_forgotten_scripts_are_told_again(works):
    """SCRIPT FLUSH, again and again, while pages are pushed and milled."""
    pool = works.start(workers=2, claim_seconds=0.3, batch_pages=4)
    for round_ in range(FLUSHES):
        works.client.script_flush()
        works.push(8)
        works.await_settled(8 * round_)
        works.client.script_flush()
    works.await_settled(8 * FLUSHES)
    assert not pool.events("claim_failed")
    assert not pool.events("worker_died")
    works.check_books()
