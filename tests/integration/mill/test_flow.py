"""From XADD to the record: in order of priority, accounted for, with nothing left behind."""

import os

import pytest

from pagemill.keys import GROUP


def test_pages_pushed_by_xadd_come_out_as_records(works):
    """Each page becomes one record, the ledger's equation holds, and an ended pool leaves no consumer."""
    pool = works.start(workers=2)
    ids = works.push(150)
    works.await_settled(150)
    assert sorted(works.records()) == sorted(ids)
    works.check_books()
    assert pool.stop() == 0
    assert works.consumers() == {}


def test_a_record_tells_of_its_page(works):
    """Title, text and URL of a published record are those of the page that was pushed."""
    works.start()
    (name,) = works.push()
    works.await_settled(1)
    (record,) = works.full_records()
    assert (record.id, record.url, record.title) == (name, "https://mill.example/1", "Story 1")
    assert "Sentence 3 of story 1" in record.text


def test_urgent_pages_overtake_a_backlog(works):
    """A worker busy with a backlog takes a page of its first queue after the batch in hand, not after the backlog."""
    works.start("high", "low", batch_pages=4, claim_seconds=60)
    works.push(300, queue="low")
    works.until(lambda: works.settled("low"), "the backlog under way")
    (urgent,) = works.push(queue="high")
    works.await_settled(1, "high")
    assert works.settled("low") < 300
    works.await_settled(300, "low")
    assert works.records().index(urgent) < 300
    works.check_books("high", "low")


def test_a_batch_of_slow_pages_is_all_that_comes_before_an_urgent_one(works):
    """With a page of a batch of two in hand, the urgent page comes third, before 20 that waited longer."""
    works.start("high", "low", batch_pages=2, claim_seconds=60)
    (waiting,) = works.push(wish="wait", queue="low")
    works.await_in_hand(waiting)
    works.push(20, queue="low")
    (urgent,) = works.push(queue="high")
    works.let_go()
    works.await_settled(20, "low")
    assert works.records().index(urgent) == 1


def test_a_lingering_horse_takes_urgent_pages_too(works):
    """The horse that waits for pages takes what comes on any of its queues, without a new claim."""
    pool = works.start("high", "low", claim_seconds=60)
    works.push(queue="low")
    works.await_settled(1, "low")
    horse = pool.horse()
    works.push(queue="high")
    works.await_settled(1, "high")
    assert pool.horse() == horse


def test_claims_leave_nothing_behind(works):
    """After dozens of claims no job, execution or registry entry of theirs is left, no descriptor more, no zombie."""
    pool = works.start(claim_pages=1, batch_pages=1)
    worker = pool.worker()
    works.push(5)
    works.await_settled(5)
    works.until(lambda: not works.client.zcard("rq:wip:default"), "the first claims' end")
    descriptors = pool.descriptors(worker)
    works.push(50)
    works.await_settled(55)
    works.until(lambda: not works.client.zcard("rq:wip:default"), "the claims' end")
    works.until(lambda: not pool.horses(), "the last horse's end")
    works.until(lambda: not list(works.client.scan_iter("rq:job:*")), "the last claim's end")
    assert list(works.client.scan_iter("rq:execution*")) == []
    assert pool.descriptors(worker) <= descriptors
    assert works.zombies([worker, pool.pid]) == []
    assert list(works.consumers().values()) == [0]
    works.check_books()


def batches(pool):
    """Pages of each batch, by the log."""
    return [event["pages"] for event in pool.events("batch")]


def test_large_pages_come_in_small_batches(works):
    """Once it has seen pages of a megabyte, a batch of 4 MB holds no more than four of them."""
    pool = works.start(batch_bytes=4_000_000, batch_pages=64)
    pages = [works.page() for _ in range(24)]
    for page in pages:
        page["body"] += "<!--" + os.urandom(500_000).hex() + "-->"
        works.client.xadd(works.settings.keys.pages("default"), page)
    works.await_settled(24)
    works.until(lambda: sum(batches(pool)) == 24, "the log of it")
    assert max(batches(pool)[3:]) <= 4


@pytest.mark.parametrize("queues", [("default",), ("high", "default")])
def test_a_flushed_server_ends_no_worker(works, queues):
    """FLUSHALL under a lingering horse or an idle worker: pages pushed afterwards are published by the same worker."""
    pool = works.start(*queues, claim_seconds=1)
    worker = pool.worker()
    for claim in range(2):
        works.push(3)
        works.await_settled(3)
        if claim:
            works.until(lambda: not pool.horses(), "an idle worker")
        works.client.flushdb()
    works.push(3)
    works.await_settled(3)
    assert len(works.records()) == 3
    assert pool.worker() == worker
    assert not pool.events("worker_died")


def test_a_page_that_was_deleted_from_its_queue_is_no_obstacle(works):
    """Entries that somebody deletes while a horse holds them are settled once, and the next ones too."""
    pool = works.start(claim_seconds=60)
    (waiting,) = works.push(wish="wait")
    works.await_in_hand(waiting)
    key = works.settings.keys.pages("default")
    works.push(3)
    works.client.xdel(key, *[entry for entry, _ in works.client.xrange(key)][1:3])
    works.let_go()
    works.until(lambda: works.settled() == 2, "what is left")
    assert works.client.xpending(key, GROUP)["pending"] == 0
    assert pool.is_alive()
