"""SIGKILL on horses, workers and pools: nothing is lost, nothing comes twice, nobody outlives its master."""

import os
import signal


def test_the_pages_of_a_killed_horse_are_taken_up_at_once(works):
    """The page in hand is tried alone and then published; the rest of its batch goes on without a lease's wait."""
    works.settings = works.with_settings(lease_seconds=600)
    pool = works.start()
    (waiting, *rest) = works.push_batch(6, wish="wait")
    works.await_in_hand(waiting)
    os.kill(pool.horse(), signal.SIGKILL)
    works.let_go()
    works.await_settled(6)
    assert sorted(works.records()) == sorted([waiting, *rest])
    assert works.dead() == {}
    works.check_books()
    (death,) = pool.events("horse_died")
    assert death["why"] == "the horse was ended by SIGKILL"


def test_a_page_that_horses_are_killed_over_is_lost_in_the_end(works):
    """SIGKILL over the same page: it is tried alone as often as is set, then a dead letter; no neighbour is."""
    works.start(lonely_deaths=3)
    (deadly,) = works.push(wish="die")
    ids = works.push(5)
    works.await_settled(6)
    assert works.dead() == {deadly: "lost"}
    assert sorted(works.records()) == sorted(ids)
    works.check_books()


def test_no_horse_outlives_its_worker(works):
    """SIGKILL of the worker ends its horse by the kernel; the pages come back when their lease runs out."""
    pool = works.start(claim_seconds=60)
    (waiting, *rest) = works.push_batch(4, wish="wait")
    works.await_in_hand(waiting)
    worker, horse = pool.worker(), pool.horse()
    os.kill(worker, signal.SIGKILL)
    works.until(lambda: works.alive([horse]) == [], "the horse's end")
    works.let_go()
    works.await_settled(4)
    assert sorted(works.records()) == sorted([waiting, *rest])
    assert works.dead() == {}
    works.check_books()
    assert pool.worker() != worker


def test_a_frozen_horse_does_not_outlive_its_worker(works):
    """SIGSTOP on a horse, then SIGKILL on its worker: the kernel ends what cannot end itself."""
    pool = works.start()
    (waiting,) = works.push(wish="wait")
    works.await_in_hand(waiting)
    worker, horse = pool.worker(), pool.horse()
    os.kill(horse, signal.SIGSTOP)
    os.kill(worker, signal.SIGKILL)
    works.until(lambda: works.alive([horse]) == [], "the horse's end")
    works.let_go()
    works.await_settled(1)
    assert works.dead() == {}
    works.check_books()


def test_a_horse_that_is_still_in_its_fork_does_not_outlive_its_worker(works):
    """The worker dies before its horse has asked the kernel to go with it: the horse looks, and leaves."""
    pool = works.start()
    held = works.folder / "hold-forks"
    held.touch()
    ids = works.push(3)
    worker, horse = pool.worker(), pool.horse()
    os.kill(worker, signal.SIGKILL)
    works.until(lambda: works.alive([worker]) == [], "the worker's end")
    assert works.alive([horse]) == [horse]
    held.unlink()
    works.until(lambda: works.alive([horse]) == [], "the horse's end")
    works.await_settled(3)
    assert sorted(works.records()) == ids
    assert works.dead() == {}
    works.check_books()


def test_a_frozen_horse_keeps_its_pages_without_a_strike(works):
    """Somebody stopped it: its worker renews its leases for far longer than a page may take, and blames no page."""
    pool = works.start(page_seconds=0.5, strikes=1, lonely_deaths=1)
    (waiting, *rest) = works.push_batch(3, wish="wait")
    works.await_in_hand(waiting)
    horse = pool.horse()
    os.kill(horse, signal.SIGSTOP)
    works.start()
    works.await_renewals(4)
    os.kill(horse, signal.SIGCONT)
    works.let_go()
    works.await_settled(3)
    assert sorted(works.records()) == sorted([waiting, *rest])
    works.check_books()
    assert not pool.events("horse_died")


def test_no_worker_outlives_its_pool(works):
    """SIGKILL of the pool ends workers and horses, also one that is stuck in C; another pool takes their pages up."""
    pool = works.start(workers=2, claim_seconds=60)
    ids = works.push_batch(1, wish="wait") + works.push_batch(1, wish="wait")
    works.await_in_hand(ids[0])
    works.push(wish="spin")
    family = works.until(lambda: len(pool.family()) >= 4 and pool.family(), "two horses")
    pool.kill()
    works.until(lambda: works.alive(family) == [], "the end of all")
    works.let_go()
    works.start(page_seconds=1, strikes=1)
    works.await_settled(3)
    assert sorted(works.records()) == sorted(ids)
    assert works.dead() == {"p3": "timeout"}
    works.check_books()


def test_a_page_that_takes_long_stays_with_its_worker(works):
    """Its lease is renewed while it is worked on: an idle pool beside takes nothing of the batch."""
    pool = works.start(page_seconds=3600)
    (waiting, *rest) = works.push_batch(3, wish="wait")
    works.await_in_hand(waiting)
    other = works.start()
    works.await_renewals(4)
    works.let_go()
    works.await_settled(3)
    assert sorted(works.records()) == sorted([waiting, *rest])
    works.check_books()
    assert not [event for one in (pool, other) for event in one.events("batch") if event.get("gone")]


def test_a_storm_of_kills_loses_nothing(works):
    """Ten SIGKILLs on horses and two on workers under 120 pages: each page is published once, and none is dead."""
    pool = works.start(workers=2, batch_pages=8, claim_seconds=2, lonely_deaths=50)
    works.push(120, wish="nap")
    for kill in range(12):
        pids = pool.workers if kill % 6 == 5 else pool.horses
        os.kill(works.until(pids, "a victim")[0], signal.SIGKILL)
        settled = works.settled()
        works.until(lambda settled=settled: works.settled() > settled, "more pages")
    works.await_settled(120)
    assert works.dead() == {}
    works.check_books()


def test_a_stopped_worker_loses_its_pages_without_harm(works):
    """Worker and horse frozen past their lease: others publish the pages; thawed, the horse's results are dropped."""
    works.settings = works.with_settings(claim_seconds=60)
    pool = works.start()
    (waiting, *rest) = works.push_batch(3, wish="wait")
    works.await_in_hand(waiting)
    frozen = [pool.worker(), pool.horse()]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    works.let_go()
    other = works.start()
    works.await_settled(3)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    works.until(lambda: any(event.get("gone") for event in pool.events("batch")), "the late results")
    works.push(10)
    works.await_settled(13)
    assert len(works.records()) == 13
    assert {waiting, *rest} <= set(works.records())
    works.check_books()
    assert pool.is_alive()
    assert other.is_alive()
