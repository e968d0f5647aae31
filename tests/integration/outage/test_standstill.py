"""A Redis that stands still for longer than every timeout and every lease, and goes on."""

import signal
import time

from workers.connection import REPLY_SECONDS


def test_a_hang_longer_than_reply_and_lease_moves_no_page(make_server, make_works):
    """SIGSTOP of the server under two pools with pages in hand: both live on, and neither takes the other's pages."""
    server = make_server()
    works = make_works(server.url)
    pools = [works.start(lease_seconds=3, claim_seconds=3600, batch_pages=4) for _ in range(2)]
    pages = []
    for _ in pools:
        pages += works.push_batch(4, "wait")
        works.await_in_hand(pages[-4])
    held = works.consumers()
    assert sorted(held.values()) == [4, 4]
    idle = works.start(lease_seconds=3, claim_seconds=0.3)
    server.signal(signal.SIGSTOP)
    time.sleep(REPLY_SECONDS + 2)  # the length of the hang: any beyond the timeout will do
    server.signal(signal.SIGCONT)
    works.until(works.answers, "Redis")
    orphan_time = time.monotonic() + 4  # longer than the lease, so that all who can adopt have tried
    works.until(lambda: time.monotonic() > orphan_time, "a lease's length")
    now = works.consumers()
    assert {name: now[name] for name in held} == held
    works.let_go()
    works.await_settled(8)
    works.push(5)
    works.await_settled(13)
    for pool in (*pools, idle):
        assert not pool.events("worker_died")
        assert not any("gone" in batch for batch in pool.events("batch"))
        assert not pool.events("horse_died")
    works.check_books()
