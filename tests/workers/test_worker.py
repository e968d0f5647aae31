"""MillWorker: what it makes of what RQ tells it. At work it is tested in tests/integration/mill."""

import signal
import subprocess
import sys

import pytest
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from pagemill.errors import PagemillError
from workers.claim import Claim
from workers.connection import REPLY_SECONDS, connect
from workers.queue import PageQueue
from workers.settings import Settings
from workers.sturdy import WORKER_KEPT
from workers.worker import MillWorker

SETTINGS = Settings()


def make(client, *queues, **options):
    return MillWorker(queues or ["default"], connection=client, settings=SETTINGS, **options)


def test_its_classes_are_ours_whatever_rq_is_told(redis_client):
    """`rq worker --worker-class` passes queues of RQ's own kind, its job class and pickle: none of it is used."""
    worker = make(
        redis_client,
        Queue("high", redis_client),
        Queue("low", redis_client),
        job_class="rq.job.Job",
        queue_class="rq.queue.Queue",
        serializer="rq.serializers.PickleSerializer",
    )
    assert worker.queue_names() == ["high", "low"]
    assert {type(queue) for queue in worker.queues} == {PageQueue}
    assert (worker.job_class, worker.serializer) == (Claim, JSONSerializer)


@pytest.mark.parametrize("asked", ["default", ["default"], PageQueue])
def test_queues_may_be_named_in_several_ways(redis_client, asked):
    """One name, a list of names, one queue."""
    queues = PageQueue("default", redis_client) if asked is PageQueue else asked
    assert MillWorker(queues, connection=redis_client, settings=SETTINGS).queue_names() == ["default"]


def test_a_name_used_again_inherits_no_lease(redis_client):
    """Two workers of one name are two consumers."""
    consumers = {make(redis_client, name="same").consumer for _ in range(3)}
    assert len(consumers) == 3
    assert all(consumer.startswith("same.") for consumer in consumers)


def test_it_waits_for_a_reply_no_longer_than_we_do(redis_client):
    """RQ would wait 415 s for a server that does not answer, and its leases would run out meanwhile."""
    worker = make(redis_client)
    assert worker.connection.connection_pool.connection_kwargs["socket_timeout"] == REPLY_SECONDS


def test_rq_finds_it_by_its_key(redis_client):
    """As `rq info --worker-class workers.worker.MillWorker` does: name, state and queues are read back."""
    worker = make(redis_client, name="mine")
    worker.register_birth()
    worker.set_state("busy")
    for kind in (MillWorker, Worker):
        (found,) = kind.all(connection=redis_client)
        assert (found.name, found.get_state(), found.queue_names()) == ("mine", "busy", ["default"])


def test_its_bookkeeping_survives_without_redis(redis_client, monkeypatch):
    """State, heartbeat, death: tried and left out when Redis is away, for pages never depend on them."""
    worker = make(redis_client)
    worker.register_birth()
    monkeypatch.setattr(worker, "connection", connect("unix:///nowhere/sock", tries=0))
    worker.set_state("busy")
    worker.heartbeat()
    worker.register_death()
    assert worker.get_state() == "busy"
    assert worker.get_redis_server_version() == (0, 0, 0)


def test_no_scheduler_is_started(redis_client):
    """What it would enqueue lies in Redis."""
    worker = make(redis_client)
    worker._start_scheduler()
    assert worker.scheduler is None


def test_killing_the_horse_hits_nothing_else():
    """Just after the fork the horse is in our process group still: RQ's way to kill it would kill us all."""
    code = """
import os, signal, sys
from workers.worker import MillWorker
worker = MillWorker.__new__(MillWorker)
worker.name = "w"
worker._horse_pid = os.posix_spawn(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"], os.environ)
worker.kill_horse()
print(os.waitstatus_to_exitcode(os.waitpid(worker._horse_pid, 0)[1]), flush=True)
worker.kill_horse()
worker._horse_pid = 0
worker.kill_horse()
print("alive")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, start_new_session=True
    )
    assert done.stdout.startswith("-9\n")
    assert done.stdout.endswith("alive\n")


def test_a_stop_raises_nothing_out_of_its_signal_handler(redis_client, monkeypatch):
    """RQ raises where it is idle, into whatever runs: a log handler swallowed the stop, or a reply was lost."""
    worker = make(redis_client)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the test's own process keeps its handlers
    worker.request_stop(signal.SIGTERM, None)
    with pytest.raises(StopRequested):
        PageQueue.dequeue_any(worker.queues, 405, redis_client)


def test_a_cold_stop_at_the_very_end_leaves_nothing_held(redis_client, monkeypatch):
    """SystemExit out of a signal handler, just when all is to be handed back: it is handed back nevertheless."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the test's own process keeps its handlers
    worker = make(redis_client)
    hand_back, leaving = worker._inquest.hand_back, []

    def cut_off(*, leave=False):
        if leave and not leaving:
            leaving.append("cut off")
            raise SystemExit
        hand_back(leave=leave)
        leaving.extend(["left"] * leave)

    monkeypatch.setattr(worker._inquest, "hand_back", cut_off)
    with pytest.raises(SystemExit):
        worker.work(burst=True)
    assert leaving == ["cut off", "left"]
    assert not redis_client.smembers("rq:workers")


def test_a_worker_that_was_forgotten_is_known_again(redis_client):
    """After a flush, or an outage longer than RQ's books last: with its next heartbeat, and with an end to it."""
    worker = make(redis_client)
    worker.register_birth()
    redis_client.flushdb()
    worker.heartbeat()
    (found,) = Worker.all(connection=redis_client)
    assert (found.name, found.queue_names()) == (worker.name, ["default"])
    assert 0 < redis_client.ttl(worker.key) <= WORKER_KEPT


def test_a_pause_after_a_failed_claim_ends_with_a_stop(redis_client):
    """However often claims failed: a warm stop does not wait for the pause."""
    worker = make(redis_client)
    worker._failures = 50
    worker._stop_requested = True
    worker._pause()
    assert worker._failures == 51


def test_a_key_of_a_wrong_type_is_one_clear_error(redis_client):
    """At the start, before any page is taken."""
    redis_client.set("pagemill:pages:default", "somebody else's")
    with pytest.raises(PagemillError, match="pagemill:pages:default: is not a stream"):
        make(redis_client).work(burst=True)


def test_it_answers_rq_while_it_is_made(redis_client):
    """RQ's `prepare_for_work=False`, for a look at others' workers, asks nothing of Redis and takes nothing."""
    before = redis_client.info("commandstats").get("cmdstat_xreadgroup", {}).get("calls", 0)
    worker = make(redis_client, prepare_for_work=False)
    assert worker.pid is None
    assert redis_client.info("commandstats").get("cmdstat_xreadgroup", {}).get("calls", 0) == before
