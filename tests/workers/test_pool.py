"""The pool: what it does when a worker dies, and what it says at a start that cannot be."""

import signal
import time
from multiprocessing import get_context

import pytest
from rq.worker_pool import WorkerData

from pagemill.errors import PagemillError
from workers.pool import SHORT_LIFE, MillPool, run_pool
from workers.pool_elastic import Elastic
from workers.settings import Settings


@pytest.fixture
def pool(redis_client):
    """A pool that is at work, with no worker yet."""
    pool = MillPool(Settings(), redis_client)
    pool.status = pool.Status.STARTED
    return pool


def dead(pool, name, lived):
    """A worker of the pool that has died after so many seconds."""
    process = get_context("fork").Process(target=int)
    process.start()
    process.join()
    pool._born[name] = time.monotonic() - lived
    pool.worker_dict[name] = WorkerData(name, process.pid, process)
    pool.handle_dead_worker(pool.worker_dict[name])


def test_what_dies_young_is_replaced_later_and_later(pool):
    """Pauses double, up to half a minute: a worker that cannot start does not burn the machine."""
    pauses = []
    for i in range(9):
        dead(pool, str(i), lived=0)
        pauses.append(pool._pause)
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses[-1] == 30.0


def test_what_dies_of_age_is_replaced_at_once(pool):
    """A worker that has lived for a while, however it ended, says nothing about the next."""
    dead(pool, "young", lived=0)
    dead(pool, "old", lived=SHORT_LIFE + 1)
    assert pool._pause == 0


def test_a_worker_starts_with_signals_held_back(pool, monkeypatch):
    """From the fork until it is in the books: a stop in between would never reach it. Afterwards they pass again."""
    seen = []
    monkeypatch.setattr(
        "rq.worker_pool.WorkerPool.start_worker",
        lambda *_, **__: seen.append(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    )
    pool.start_worker()
    assert {signal.SIGINT, signal.SIGTERM} <= seen[0]
    assert not {signal.SIGINT, signal.SIGTERM} & signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_a_pool_of_a_wrong_address_says_so_without_the_password(tmp_path):
    """One error at the start, and no worker."""
    with pytest.raises(PagemillError) as told:
        run_pool(Settings(redis_url=f"unix://:geheim@{tmp_path}/none"))
    assert f"{tmp_path}/none" in str(told.value)
    assert "geheim" not in str(told.value)


def test_a_pool_on_somebody_elses_keys_says_so(redis_url, redis_client):
    """A key of a wrong type is found before any worker starts."""
    redis_client.set("pagemill:pages:default", "somebody else's")
    with pytest.raises(PagemillError, match="is not a stream"):
        run_pool(Settings(redis_url=redis_url))


@pytest.fixture
def elastic(redis_client, redis_url):
    """A pool that may grow, with three workers in its books: sleeping processes that end at SIGINT."""
    pool = MillPool(Settings(redis_url=redis_url, workers=1, max_workers=8), redis_client)
    pool.status = pool.Status.STARTED
    fork = get_context("fork")
    for name in ("old", "middle", "young"):
        is_ready = fork.Event()
        process = fork.Process(target=_sleep, args=(is_ready,))
        process.start()
        assert is_ready.wait(60)
        pool._born[name] = time.monotonic()
        pool.worker_dict[name] = WorkerData(name, process.pid, process)
    yield pool
    for data in pool.worker_dict.values():
        data.process.kill()
        data.process.join()


def _sleep(is_ready):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    is_ready.set()
    time.sleep(3_600)


class Wants:
    """Says how many there should be, and who is busy."""

    def __init__(self, number, *busy):
        self.number, self.busy = number, busy

    def wanted(self, workers):
        return self.number

    def is_busy(self, worker):
        return worker in self.busy


def await_end(pool, *names):
    """Until these have ended, and the pool has seen it."""
    for data in [data for name, data in pool.worker_dict.items() if name in names]:
        data.process.join(60)
    pool.reap_workers()


def test_who_is_idle_leaves_first_then_who_is_young(elastic):
    """One too many: not the busy one. And then the younger of two busy ones."""
    elastic._resize(Wants(2, "young", "old"))
    await_end(elastic, "middle")
    assert set(elastic.worker_dict) == {"old", "young"}
    elastic._resize(Wants(1, "young", "old"))
    await_end(elastic, "young")
    assert set(elastic.worker_dict) == {"old"}


def test_who_was_told_to_leave_makes_nobody_wait(elastic):
    """Its end is no death: no pause, no replacement, and it is forgotten."""
    elastic._resize(Wants(2))
    await_end(elastic, "young")
    assert (elastic._pause, elastic._leaving, len(elastic.worker_dict)) == (0.0, set(), 2)


def test_a_stop_tells_nobody_twice_who_is_leaving(elastic, monkeypatch):
    """A second signal would break off the page in hand; the next stop, which means that, tells all."""
    told = []
    monkeypatch.setattr(elastic, "stop_worker", lambda data: told.append(data.name))
    elastic._resize(Wants(2))
    assert told == ["young"]
    elastic.request_stop()
    assert told == ["young", "old", "middle"]
    elastic.request_stop()
    assert told[3:] == ["old", "middle", "young"]


def test_a_pool_of_one_number_keeps_its_size(redis_client):
    """`--workers 4` looks at nothing."""
    assert MillPool(Settings(workers=4), redis_client)._elastic is None
    assert MillPool(Settings(workers=4, max_workers=4), redis_client)._elastic is None
    assert MillPool(Settings(workers=4, max_workers=5), redis_client).num_workers == 4


def test_an_elastic_pool_keeps_its_size_while_redis_is_away(tmp_path):
    """A look that fails decides nothing, and is not repeated at once."""
    elastic = Elastic(Settings(redis_url=f"unix://{tmp_path}/none", workers=2, max_workers=4))
    assert [elastic.wanted(["a", "b"]) for _ in range(3)] == [2, 2, 2]


def test_who_dies_in_an_elastic_pool_is_replaced(elastic, monkeypatch):
    """Up to the number that is wanted, and when it is time; who was told to leave is not replaced."""
    started = []
    monkeypatch.setattr(elastic, "start_worker", lambda **_: started.append(1))
    elastic._elastic = Wants(3)
    elastic.worker_dict["middle"].process.kill()
    elastic.worker_dict["middle"].process.join()
    elastic._not_before = time.monotonic() + 3_600
    elastic.check_workers()
    assert (started, set(elastic.worker_dict)) == ([], {"old", "young"})
    elastic._not_before = 0.0
    elastic.check_workers()
    assert started == [1]
    elastic._elastic = Wants(1)
    elastic.check_workers()
    await_end(elastic, "young")
    assert (started, set(elastic.worker_dict)) == ([1], {"old"})
