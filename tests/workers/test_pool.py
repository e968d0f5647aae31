"""The pool: what it does when a worker dies, and what it says at a start that cannot be."""

import signal
import time
from multiprocessing import get_context

import pytest
from rq.worker_pool import WorkerData

from pagemill.errors import PagemillError
from workers.pool import SHORT_LIFE, MillPool, run_pool
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
