"""The snapshot of a mill at work."""

from workers.monitor.snapshot import take_snapshot


def test_a_mill_at_work_is_seen_whole(works):
    """Its worker with its memory, the latency of its records, the host of its pages, and notes for rates to come."""
    works.start()
    works.push(20)
    works.await_settled(20)

    def look():
        return take_snapshot(works.client, works.settings)

    works.until(lambda: any(worker.memory_bytes for worker in look().workers), "a worker that told how it is")
    shot = look()
    (worker,) = shot.workers
    assert (worker.dead, worker.queues) == (False, ("default",))
    assert worker.memory_bytes > 20_000_000
    assert (shot.depth, shot.settled, shot.latency.count) == (0, 20, 20)
    assert shot.latency.sum > 0
    (host,) = shot.hosts.by_pages
    assert (host.name, host.recent.pages, host.recent.drafts) == ("mill.example", 20, 20)
    assert any(minute.depth is not None for minute in shot.minutes)
    assert works.client.xlen(works.settings.keys.meters("counts")) >= 1
    works.check_books()
