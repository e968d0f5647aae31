"""Readings: RQ's workers by their keys."""

from datetime import UTC, datetime, timedelta

from workers.readings import read_workers


def test_workers_are_read_as_rq_writes_them(fake_redis):
    """State, queues and heartbeat; those of other queues, and those whose hash has expired, are left out."""
    heartbeat = (datetime.now(UTC) - timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for name, queues in (("one", "urgent,default"), ("other", "mail")):
        fake_redis.sadd("rq:workers", f"rq:worker:{name}")
        told = {"queues": queues, "state": "busy", "last_heartbeat": heartbeat, "hostname": "h", "pid": "7"}
        fake_redis.hset(f"rq:worker:{name}", mapping=told)
    fake_redis.sadd("rq:workers", "rq:worker:expired")
    (worker,) = read_workers(fake_redis, ["default"])
    assert (worker.name, worker.state, worker.queues, worker.pid) == ("one", "busy", ("urgent", "default"), 7)
    assert 5 <= worker.heartbeat_age < 60


def test_a_worker_s_hash_may_hold_anything(fake_redis):
    """What is no time and no number is unknown, not an error."""
    fake_redis.sadd("rq:workers", "rq:worker:odd")
    fake_redis.hset("rq:worker:odd", mapping={"queues": "default", "last_heartbeat": "\x1b", "pid": "x", "birth": "y"})
    (worker,) = read_workers(fake_redis, ["default"])
    assert (worker.state, worker.pid, worker.heartbeat_age) == ("?", None, None)
