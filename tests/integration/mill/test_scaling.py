"""An elastic pool at work: it grows on a backlog, shrinks when that is gone, and loses nothing."""


def test_a_pool_grows_on_a_backlog_and_shrinks_when_it_is_gone(works):
    """From one worker to two and back to one; every page is settled, none twice, and no consumer is left behind."""
    pool = works.start(workers=1, max_workers=2, scale_drain_seconds=0.1, scale_idle_seconds=1, batch_pages=1)
    ids = [works.push(wish="wait")[0] for _ in range(4)]
    works.until(lambda: len(pool.workers()) == 2, "a second worker")
    works.until(lambda: len(pool.horses()) == 2, "its horse")
    works.let_go()
    works.await_settled(4)
    works.push(40)
    works.await_settled(44)
    works.until(lambda: len(pool.workers()) == 1, "one worker again")
    works.push(3)
    works.await_settled(47)
    works.check_books()
    assert set(ids) < set(works.records())
    grown, shrunk = pool.events("pool_resized")
    assert (grown["workers"], shrunk["workers"]) == (2, 1)
    assert not pool.events("worker_died")
    assert pool.stop() == 0
    assert works.consumers() == {}
