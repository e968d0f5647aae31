"""The health check: sick is a machine of which no worker makes a step."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from workers.monitor.health import read_workers_of, sickness
from workers.monitor.snapshot import Worker

WELL = Worker(
    name="w1", state="busy", host="here", pid=7, queues=("default",), heartbeat_age=5.0, dead=False, progress_age=2.0
)


def worker(**fields):
    """A worker that is well, but for this."""
    return msgspec.structs.replace(WELL, **fields)


def test_one_that_gets_on_is_enough():
    """The others may hang: their own workers end them."""
    assert sickness([worker(heartbeat_age=900.0), worker(name="w2")], 300) is None


@pytest.mark.parametrize(
    "fields", [{"heartbeat_age": 301.0}, {"progress_age": 299.0}, {"heartbeat_age": None}, {"heartbeat_age": 1e9}]
)
def test_none_that_makes_a_step_is_sick(fields):
    """Silent for too long, or alive without a step: both sum up."""
    assert "made a step" in sickness([worker(**fields)], 300)


def test_none_at_all_is_sick():
    """A pool whose workers do not come up registers none."""
    assert sickness([], 300) == "no worker of this machine is registered"


def test_a_worker_that_told_no_progress_is_judged_by_its_heartbeat():
    """One of plain RQ, or one that has just started."""
    assert sickness([worker(progress_age=None)], 300) is None


def test_a_name_cannot_forge_a_line():
    """Whoever may write RQ's keys names a worker as they like."""
    assert "\x1b" not in sickness([worker(name="\x1b[31m\nok", heartbeat_age=900.0)], 300)


def test_only_this_machines_workers_are_read(redis_client):
    """By the host that they registered from, of the queues that are asked about."""
    beat = (datetime.now(UTC) - timedelta(seconds=3)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for name, host, queue in (("a", "here", "default"), ("b", "there", "default"), ("c", "here", "news")):
        redis_client.sadd(f"rq:workers:{queue}", f"rq:worker:{name}")
        redis_client.hset(f"rq:worker:{name}", mapping={"hostname": host, "last_heartbeat": beat, "queues": queue})
    found = read_workers_of(redis_client, "here", ["default"])
    assert [one.name for one in found] == ["a"]
    assert 2 < found[0].heartbeat_age < 60
    assert {one.name for one in read_workers_of(redis_client, "here", ["default", "news"])} == {"a", "c"}
