"""A Redis that stands still for longer than every timeout and every lease, and goes on."""

import os
import signal
import time

from workers.connection import REPLY_SECONDS

LEASE = 12.0
assert LEASE < REPLY_SECONDS


def looks(works):
    """How often a script ran: idle workers look for pages that came back."""
    return works.client.info("commandstats")["cmdstat_evalsha"]["calls"]


def test_a_hang_longer_than_reply_and_lease_moves_no_page(make_server, make_works):
    """SIGSTOP of the server, with pages in hand, and an idle worker that is the first to be back: all live on.

    The holders come back a moment later: they stand still as well. They renew, and nobody has taken their pages.
    """
    server = make_server()
    works = make_works(server.url)
    pools = [works.start(lease_seconds=LEASE, claim_seconds=3600, batch_pages=4) for _ in range(2)]
    for _ in pools:
        works.await_in_hand(works.push_batch(4, "wait")[0])
    held = works.consumers()
    assert sorted(held.values()) == [4, 4]
    idle = works.start(lease_seconds=LEASE, claim_seconds=0.3)
    holders = [pool.worker() for pool in pools]
    server.signal(signal.SIGSTOP)
    for holder in holders:
        os.kill(holder, signal.SIGSTOP)
    time.sleep(REPLY_SECONDS + 2)  # the length of the hang: any beyond the timeout will do
    server.signal(signal.SIGCONT)
    before = looks(works)
    works.until(lambda: looks(works) >= before + 4, "looks of the idle worker")
    for holder in holders:
        os.kill(holder, signal.SIGCONT)
    leases_end = time.monotonic() + LEASE / 3 + 2
    works.until(lambda: time.monotonic() > leases_end, "the end of the time that holders are given")
    assert {name: pages for name, pages in works.consumers().items() if pages} == held
    works.let_go()
    works.push(5)
    works.await_settled(13)
    for pool in (*pools, idle):
        assert not pool.events("worker_died")
        assert not pool.events("horse_died")
        assert not any("gone" in batch for batch in pool.events("batch"))
    works.check_books()
