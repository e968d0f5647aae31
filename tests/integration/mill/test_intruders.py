"""Whoever can write to Redis cannot have anything run: forged jobs wherever RQ would look for one."""

import json
import os
import pickle
import socket
import zlib
from pathlib import Path

import pytest
from rq import Webhook
from rq.group import Group
from rq.job import Job

from workers.audit import audit

LONG_AGO = 1.0

_MODULE = """
import pathlib
pathlib.Path(__file__).with_name("imported.mark").touch()
def callback(*_): pass
"""
_CALLBACKS = {f"{when}_callback_name": "intrusion.callback" for when in ("success", "failure", "stopped")}


class Payload:
    """What runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


class Intruder:
    """Forges jobs that leave a mark when anything of them is run, imported, unpickled or called."""

    def __init__(self, client, folder, port):
        self.client = client
        self.folder = folder
        self._url = f"http://127.0.0.1:{port}/"
        self._forged = 0
        (folder / "intrusion.py").write_text(_MODULE)

    def job(self, status="queued", name=None):
        """The id of a job with a function or a pickled payload, with callbacks, webhooks and a repetition."""
        self._forged += 1
        job = Job.create(
            "os.system",
            args=(self._touch("function"),),
            connection=self.client,
            id=name or f"forged-{self._forged}",
            status=status,
            origin="default",
            webhooks=[Webhook(self._url, job_status=when) for when in ("finished", "failed")],
        )
        if self._forged % 2:
            job.data = pickle.dumps(Payload(self._touch("payload")))
        job.save()
        self.client.hset(job.key, mapping={**_CALLBACKS, "repeats_left": 3, "repeat_intervals": "[0]"})
        return job.id

    def overwrite(self, key):
        """Make a job's hash that is there one of ours."""
        self.client.hset(
            key,
            mapping={
                **_CALLBACKS,
                "data": zlib.compress(pickle.dumps(Payload(self._touch("claim")))),
                "webhooks": json.dumps([{"url": self._url, "job_status": "finished"}]),
                "group_id": "forged",
            },
        )

    def marks(self):
        return sorted(path.name for path in self.folder.glob("*.mark"))

    def _touch(self, name):
        return f"touch {self.folder}/{name}.mark"


@pytest.fixture
def listener():
    """A port on which no webhook may ever arrive."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


@pytest.fixture
def intruder(works, tmp_path, listener):
    """One who can write to the works' server, and whose module lies on the path of the workers."""
    return Intruder(works.client, tmp_path, listener.getsockname()[1])


@pytest.fixture
def forged(works, intruder):
    """Forged jobs in every place that RQ keeps jobs in; answers a function that puts them there again."""

    def forge():
        client = works.client
        for _ in range(3):
            client.rpush("rq:queue:default", intruder.job())
        client.rpush("rq:queue:default:intermediate", intruder.job())
        for registry, status in (
            ("finished", "finished"), ("failed", "failed"), ("deferred", "deferred"),
            ("scheduled", "scheduled"), ("ready", "ready_to_enqueue"), ("canceled", "canceled"),
        ):  # fmt: skip
            client.zadd(f"rq:{registry}:default", {intruder.job(status): LONG_AGO})
        for name in (None, f"claim-{intruder._forged:032x}"):
            client.zadd("rq:wip:default", {f"{intruder.job('started', name)}:execution": LONG_AGO})
        client.zadd("rq:wip:default", {f"{intruder.job('started')}:execution": 9e12})
        Group(client, "forged")._add_jobs([Job(intruder.job("finished"), client)], client.pipeline())
        limited = intruder.job("rate_limited")
        client.sadd("rq:rl-keys", "forged")
        client.hset("rq:rl:forged", "concurrency", 5)
        client.zadd("rq:rl:forged:rate_limited", {limited: LONG_AGO})
        client.sadd("rq:queues", "rq:queue:default")
        return client.llen("rq:queue:default")

    forge()
    return forge


def runs(works, intruder, listener):
    """What the intruder got done."""
    with pytest.raises(BlockingIOError):
        listener.accept()
    return intruder.marks()


def maintained(works):
    """Wait for RQ's maintenance, which a worker does between claims: so it is given pages meanwhile."""
    works.until(lambda: works.push() and not works.client.zcount("rq:wip:default", 0, 2), "the maintenance")


def test_the_forgery_would_work_on_rqs_own_worker(works, intruder, rq):
    """The attack is a real one: RQ's own worker, given the same jobs, runs function, payload and callbacks."""
    for _ in range(2):
        name = intruder.job()
        works.client.hdel(f"rq:job:{name}", "webhooks")  # RQ would wait for their answer
        works.client.rpush("rq:queue:default", name)
    rq.start("worker", "--burst", "default", PYTHONPATH=str(intruder.folder))
    works.until(lambda: intruder.marks() == ["function.mark", "imported.mark", "payload.mark"], "all marks")


def test_a_worker_runs_nothing_that_lies_in_redis(works, intruder, forged, rq, listener):
    """Forged jobs in list, registries, group and rate limit: none is run while pages are milled, nor by maintenance."""
    works.push()
    process = rq.start(
        "worker", "--worker-class", "workers.worker.MillWorker", "--maintenance-interval", "1", "--with-scheduler",
        "default", PYTHONPATH=str(intruder.folder), PAGEMILL_CLAIM_SECONDS="0.1",
    )  # fmt: skip
    works.await_settled(1)
    maintained(works)
    listed = forged()
    maintained(works)
    process.terminate()
    assert process.wait(60) == 0
    assert runs(works, intruder, listener) == []
    works.start()
    works.await_settled(works.pushed)
    assert works.client.llen("rq:queue:default") == listed
    (queue,) = works.store.ledger().queues
    assert queue.refused_jobs == listed
    assert all(works.client.hget(f"rq:job:forged-{i}", "status") == b"queued" for i in (1, 2, 3))
    works.check_books()


def test_rq_info_with_our_queue_class_runs_nothing(works, intruder, forged, rq, listener):
    """`rq info`, which cleans registries, with our queue class: no function, no callback, no webhook."""
    works.store.open(["default"])
    for _ in range(2):
        rq("info", "--queue-class", "workers.queue.PageQueue", "--path", str(intruder.folder))
        forged()
    assert runs(works, intruder, listener) == []


def test_a_running_claim_cannot_be_turned(works, intruder, listener, forged):
    """A live claim's hash overwritten, dependents and executions forged for it: it ends as ever, and runs nothing."""
    pool = works.start(claim_seconds=0.1)
    (waiting,) = works.push(wish="wait")
    works.await_in_hand(waiting)
    (claim,) = [key.decode() for key in works.client.scan_iter("rq:job:claim-*") if works.client.ttl(key) > 0]
    intruder.overwrite(claim)
    name = claim.removeprefix("rq:job:")
    works.client.sadd(f"{claim}:dependents", intruder.job("deferred"), intruder.job("ready_to_enqueue"))
    works.client.zadd(f"rq:executions:{name}", {"forged": 9e12})
    works.client.sadd("rq:groups", "forged")
    works.let_go()
    works.await_settled(1)
    works.until(lambda: not pool.horses(), "the claim's end")
    works.push(3)
    works.await_settled(4)
    assert pool.stop() == 0
    assert runs(works, intruder, listener) == []
    works.check_books()


def test_a_worker_listens_to_no_channel(works, intruder, listener, forged):
    """RQ's commands on the worker's channel, forged and garbled: nobody hears them, worker and horse go on."""
    pool = works.start(claim_seconds=60)
    (waiting, *_) = works.push_batch(4, wish="wait")
    works.await_in_hand(waiting)
    channel = works.worker_key().decode().replace(":worker:", ":pubsub:")
    worker, horse = pool.worker(), pool.horse()
    (claim,) = [
        key.decode().removeprefix("rq:job:")
        for key in works.client.scan_iter("rq:job:claim-*")
        if works.client.ttl(key) > 0
    ]
    for message in (
        {"command": "shutdown"},
        {"command": "kill-horse"},
        {"command": "stop-job", "job_id": claim},
        {"command": "stop-execution", "job_id": claim, "execution_id": intruder.job("started")},
        {"command": "os.system"},
        [],
    ):
        assert works.client.publish(channel, json.dumps(message)) == 0
    assert works.client.publish(channel, b"\xff not json") == 0
    assert works.client.pubsub_channels() == []
    works.let_go()
    works.await_settled(4)
    assert (pool.worker(), pool.horse()) == (worker, horse)
    assert runs(works, intruder, listener) == []
    works.check_books()


def test_no_thread_runs_in_a_worker_that_forks(works):
    """RQ's listener was the one thread beside the main one: a fork copies what locks such a thread may hold."""
    pool = works.start()
    works.push()
    works.await_settled(1)
    assert len(list(Path(f"/proc/{pool.worker()}/task").iterdir())) == 1


def test_nobody_can_fetch_a_claim(works, intruder):
    """A forged hash under a claim's key is not read: by fetch, by many, by a queue, by the registries."""
    from rq.exceptions import NoSuchJobError  # noqa: PLC0415

    from workers.claim import Claim  # noqa: PLC0415 - RQ takes half a second
    from workers.queue import PageQueue  # noqa: PLC0415

    name = intruder.job("started", "claim-1")
    works.client.rpush("rq:queue:default", name)
    queue = PageQueue("default", works.client)
    with pytest.raises(NoSuchJobError):
        Claim.fetch(name, works.client)
    with pytest.raises(NoSuchJobError):
        Claim(name, works.client).refresh()
    assert Claim.fetch_many([name], works.client) == [None]
    assert queue.fetch_job(name) is None
    assert queue.jobs == []
    assert intruder.marks() == []


_LOOKOUT = """
import os, sys
def look(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        where = repr(arguments[1:] if event != "socket.getaddrinfo" else arguments)
        if os.environ["ONLY_TO"] not in where:
            with open(os.environ["LOOKOUT"], "a") as seen:
                seen.write(where + chr(10))
            raise OSError("nothing but Redis")
sys.addaudithook(look)
"""


@pytest.fixture
def lookout(works, tmp_path):
    """Variables for a process that may connect to Redis alone, and the file where each other attempt is seen."""
    (tmp_path / "sitecustomize.py").write_text(_LOOKOUT)
    only_to = works.client.connection_pool.connection_kwargs
    variables = {"PYTHONPATH": str(tmp_path), "ONLY_TO": str(only_to.get("path") or only_to["port"])}
    return variables | {"LOOKOUT": str(tmp_path / "seen")}


def test_a_worker_connects_to_redis_and_nothing_else(works, intruder, forged, rq, lookout):
    """With all other connections blocked and noted, pages and forged webhooks cause none, nor a look-up of a name."""
    works.push(5)
    links = "<script src=http://evil.example/x></script><img src=http://evil.example/y><iframe src=//evil.example/z>"
    fields = works.page()
    works.client.xadd("pagemill:pages:default", {**fields, "body": fields["body"] + links})
    process = rq.start(
        "worker", "--worker-class", "workers.worker.MillWorker", "--maintenance-interval", "1", "default",
        PAGEMILL_CLAIM_SECONDS="0.1", **lookout,
    )  # fmt: skip
    works.await_settled(6)
    maintained(works)
    process.terminate()
    assert process.wait(60) == 0
    assert not Path(lookout["LOOKOUT"]).exists()


def test_the_lookout_sees_what_rqs_own_worker_calls(works, intruder, rq, lookout):
    """The same block around RQ's own worker notes the webhook of a forged job."""
    name = intruder.job()
    works.client.rpush("rq:queue:default", name)
    rq.start("worker", "--worker-class", "rq.SimpleWorker", "--burst", "default", **lookout)
    works.until(Path(lookout["LOOKOUT"]).exists, "the attempt")


def test_a_scraper_that_empties_or_ends_its_queue_harms_nobody_else(works):
    """XADD with MAXLEN 0, and with the largest id: workers go on, other queues too, and the audit tells of it."""
    pool = works.start("news", "default", claim_seconds=0.5)
    (waiting,) = works.push(wish="wait", queue="news")
    works.await_in_hand(waiting)
    works.push(3, queue="news")
    hostile = works.page()
    works.client.xadd("pagemill:pages:news", hostile, maxlen=0, approximate=False)
    works.client.xadd("pagemill:pages:news", hostile, id="18446744073709551615-18446744073709551615")
    works.let_go()
    works.push(5)
    works.await_settled(5)
    assert pool.is_alive()
    assert not pool.events("worker_died")
    problems = audit(works.store.ledger())["problems"]
    assert any(problem.startswith("queue news: ") and "vanished" in problem for problem in problems)
    assert pool.stop() == 0


def test_a_name_that_is_no_queues_stops_nobody_who_looks(works):
    """Bytes that are no UTF-8, control characters and blanks in the set of queues: the books are read all the same."""
    works.store.open(["default"])
    works.client.sadd("pagemill:queues", b"\xff", "\x1b[2J", "a b", "")
    assert [queue.queue for queue in works.store.ledger().queues] == ["default"]
