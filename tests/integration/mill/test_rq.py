"""RQ's own commands on a mill, run as a user runs them."""

import os
import signal
import time

import pytest

MILL = ("--worker-class", "workers.worker.MillWorker")
CLASSES = (*MILL, "--queue-class", "workers.queue.PageQueue", "--job-class", "workers.claim.Claim")


@pytest.fixture
def worker(rq, works):
    """Starts `rq worker` on the queue `default`, which names no class but the worker's."""

    def start(*arguments, **variables):
        process = rq.start("worker", *MILL, "default", *arguments, **variables)
        works.until(lambda: works.client.smembers("rq:workers:default"), "the worker")
        return process

    return start


def test_rq_worker_runs_the_mill(rq, works, worker):
    """`rq worker --worker-class` alone mills, `rq info` shows pages and worker, and SIGTERM stops it warmly."""
    process = worker()
    works.push(20)
    works.await_settled(20)
    shown = rq("info", "--queue-class", "workers.queue.PageQueue")
    assert "default" in shown
    assert "1 workers, 1 queues" in shown
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    works.check_books()
    assert works.consumers() == {}


def test_rq_info_shows_the_depth_in_pages(rq, works):
    """Pages that wait or are held are counted, RQ's own queues shown beside; plain `rq info` works too."""
    works.store.open(["default"])
    works.client.sadd("rq:queues", "rq:queue:default", "rq:queue:somebody else's: jobs")
    works.push(7)
    works.store.take("somebody", ["default"], 1)
    shown = rq("info", "--raw", "--queue-class", "workers.queue.PageQueue", "--worker-class", MILL[1])
    assert "queue default 7, 0 executing, 0 finished, 0 failed" in shown
    assert "queue somebody else's: jobs 0," in shown
    assert "queue default 0," in rq("info", "--raw")


def test_rq_info_shows_a_worker_at_work(rq, works, worker):
    """A busy worker is shown as busy with a claim under way, by our classes and by RQ's own."""
    worker(PAGEMILL_CLAIM_SECONDS="60")
    works.push(3)
    works.await_settled(3)
    for classes in (CLASSES, ()):
        shown = rq("info", "--raw", *classes)
        assert "queue default 0, 1 executing" in shown
        assert " busy default. jobs: 0 finished, 0 failed" in shown


@pytest.mark.parametrize("phase", ["idle", "in its fork", "at work", "lingering"])
def test_what_a_killed_worker_left_in_rqs_books_goes_by_itself(works, rq, phase):
    """All of it has an end, of minutes, or is cleaned up by the next worker: `rq info` then tells the truth."""
    pool = works.start(claim_seconds=0.01 if phase == "idle" else 3600)
    works.push()
    works.await_settled(1)
    if phase == "idle":
        works.until(lambda: not pool.horses(), "an idle worker")
    elif phase == "in its fork":
        os.kill(pool.horse(), signal.SIGKILL)
        (works.folder / "hold-forks").touch()
        works.push()
        works.until(lambda: list(works.client.scan_iter("rq:execution:*")) and pool.horses(), "the next horse")
    elif phase == "at work":
        works.await_in_hand(*works.push(wish="wait"))
    pool.kill()
    lasting = {b"rq:queues", b"rq:workers", b"rq:workers:default", b"rq:wip:default"}
    ends = {key: works.client.ttl(key) for key in set(works.client.scan_iter("rq:*")) - lasting}
    assert all(0 <= seconds <= 150 for seconds in ends.values()), ends
    if ends:
        works.client.delete(*ends)  # as time will
    for claim, until in works.client.zscan_iter("rq:wip:default"):
        assert until < time.time() + 150
        works.client.zadd("rq:wip:default", {claim: 1})
    (works.folder / "hold-forks").unlink(missing_ok=True)
    works.let_go()
    works.start(claim_seconds=0.01)
    works.until(lambda: works.client.scard("rq:workers:default") == 1, "the clean-up")
    works.until(lambda: not works.client.zcard("rq:wip:default"), "the clean-up")
    assert works.client.scard("rq:workers") == 1
    shown = rq("info", "--raw")
    assert "queue default 0, 0 executing, 0 finished, 0 failed" in shown
    assert shown.count("worker ") == 1


def test_burst_ends_when_the_queue_is_empty(rq, works):
    """`rq worker --burst` mills what is there, does not linger for more, and ends with 0."""
    works.push(30)
    process = rq.start("worker", *MILL, "--burst", "default", PAGEMILL_CLAIM_SECONDS="3600")
    assert process.wait(60) == 0
    works.check_books()
    assert len(works.records()) == 30


def test_suspend_holds_the_mill_and_resume_lets_it_go_on(rq, works, worker):
    """While suspended no page is taken, although a horse lingered; after `rq resume` all are."""
    worker(PAGEMILL_CLAIM_SECONDS="3600")
    works.push()
    works.await_settled(1)
    rq("suspend")
    works.until(lambda: works.client.hget(works.worker_key(), "state") == b"suspended", "the worker suspended")
    works.push(5)
    assert rq("info", "--raw", *CLASSES).startswith("queue default 5, 0 executing")
    assert works.settled() == 1
    rq("resume")
    works.await_settled(6)
    works.check_books()


def test_rq_worker_pool_runs_the_mill(rq, works):
    """`rq worker-pool` with our classes runs two workers, and SIGTERM stops them warmly."""
    process = rq.start("worker-pool", "-n", "2", *CLASSES, "default")
    works.until(lambda: works.client.scard("rq:workers:default") == 2, "two workers")
    works.push(40)
    works.await_settled(40)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    works.check_books()
    assert works.consumers() == {}


def test_the_scheduler_is_left_out(rq, works, worker):
    """`--with-scheduler` starts none: it would fetch what lies in Redis."""
    worker("--with-scheduler")
    works.push()
    works.await_settled(1)
    assert not list(works.client.scan_iter("rq:scheduler*"))


def test_ordinary_jobs_are_refused_by_the_queue(works):
    """Enqueuing a function on a PageQueue raises, and says what to do instead."""
    from workers.queue import PageQueue  # noqa: PLC0415 - RQ takes half a second

    with pytest.raises(TypeError, match=r"holds pages: push them with pagemill\.Producer"):
        PageQueue("default", works.client).enqueue("os.getpid")
