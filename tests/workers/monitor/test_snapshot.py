"""The snapshot: what it tells is what is there, and what it asks does not grow with what waits."""

import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from pagemill.outcomes import Outcome
from workers.audit import audit
from workers.monitor.snapshot import Minute, Rate, Snapshot, over_limits, take_snapshot
from workers.settings import Settings
from workers.vitals import take_sample

pytestmark = pytest.mark.parametrize("make_bench", ["valkey", "redis-7.0"], indirect=True)


@pytest.fixture
def bench(make_bench):
    return make_bench()


def look(bench, **settings):
    return take_snapshot(bench.mill.client, Settings(**settings))


def note_earlier(bench, seconds):
    """Note how far the counters are, as if that had been so long ago."""
    client, keys = bench.mill.client, bench.mill.keys
    assert take_sample(client, keys)
    for part in ("counts", "minutes", "day"):
        key = keys.meters(part)
        entries = client.xrange(key)
        client.delete(key)
        for entry, fields in entries:
            client.xadd(key, fields, id=f"{int(entry.partition(b'-')[0]) - int(seconds * 1_000)}-1")


def test_an_empty_redis_is_a_mill_with_nothing_to_do(make_bench):
    """Every queue of the settings is there, and nothing else."""
    bench = make_bench()
    bench.mill.client.flushdb()
    shot = look(bench, queues=("urgent", "default"))
    assert [queue.name for queue in shot.queues] == ["default", "urgent"]
    assert (shot.depth, shot.oldest_age, shot.drain_seconds, shot.settled, shot.workers) == (0, None, 0.0, 0, ())
    assert all(minute.pushed is None for minute in shot.minutes[:-1])
    assert {outcome.name for outcome in shot.outcomes} == set(Outcome)


def test_a_snapshot_becomes_json_and_comes_back(bench):
    """Nothing in it is lost on the way to a page, another machine, or a file."""
    bench.publish("article", "text")
    shot = look(bench)
    assert msgspec.json.decode(msgspec.json.encode(shot), type=Snapshot) == shot


def test_the_numbers_are_the_audit_s(bench):
    """Pushed, waiting, in hand, outcomes: by queue and in all."""
    bench.publish("one", "text of one")
    bench.publish("one", "another text")
    bench.settle("rejected", "too_short")
    bench.settle("dead", "crashed")
    for queue in ("urgent", "default", "default"):
        bench.push(queue)
    bench.take(most=1)
    shot, audited = look(bench), audit(bench.store.ledger())
    assert audited["ok"], audited
    assert sum(queue.pushed for queue in shot.queues) == audited["pushed"] == 7
    assert sum(queue.waiting for queue in shot.queues) == audited["waiting"] == 2
    assert sum(queue.in_hand for queue in shot.queues) == audited["running"] == 1
    assert {outcome.name: outcome.total for outcome in shot.outcomes} == audited["outcomes"]
    assert {(reason.outcome, reason.name): reason.total for reason in shot.reasons} == {
        ("rejected", "too_short"): 1, ("dead", "crashed"): 1,
    }  # fmt: skip
    assert (shot.depth, shot.settled, shot.dead.lying, shot.dead.reasons) == (3, 4, 1, {"crashed": 1})
    assert shot.latency.count == 2
    assert 0 <= shot.oldest_age < 60


def test_rates_are_of_the_last_minute_and_the_last_quarter_of_an_hour(bench):
    """By what was noted then; and with them the time until all is settled."""
    note_earlier(bench, 100)
    for number in range(10):
        bench.publish(f"article {number}", f"text {number}")
    for _ in range(5):
        bench.push()
    shot = look(bench)
    assert shot.pushed_rate.minute == pytest.approx(15 / 100, rel=0.2)
    assert shot.settled_rate.minute == pytest.approx(10 / 100, rel=0.2)
    assert shot.settled_rate == shot.queues[0].settled_rate == shot.outcomes[0].rate
    assert shot.drain_seconds is None
    assert shot.latency.p50 is not None
    bench.mill.client.flushdb()
    bench.store.open(["default"])
    for _ in range(4):
        bench.push()
    note_earlier(bench, 120)
    for page in bench.take(most=2):
        bench.commit(bench.settlement(page, "rejected", reason="empty"))
    assert look(bench).drain_seconds == pytest.approx(120, rel=0.2)


def test_the_history_tells_what_was_pushed_settled_and_waited(bench):
    """A minute each; nobody knows what was before the first note."""
    bench.publish("article", "text")
    bench.push()
    note_earlier(bench, 150)
    bench.push()
    shot = look(bench)
    assert len(shot.minutes) == 60
    assert len(shot.day) == 96
    known = [minute for minute in shot.minutes if minute.pushed is not None]
    assert len(known) == 2
    assert shot.minutes[-1] == Minute(at=shot.at, pushed=known[-1].pushed, settled=known[-1].settled, depth=2)
    assert shot.minutes[-1].at - shot.minutes[-2].at == timedelta(minutes=1)


def test_a_group_s_lag_has_an_age(bench):
    """Of the oldest record that was not delivered to it; or that it holds, and has not acknowledged."""
    for group in ("reads", "sleeps"):
        bench.mill.add_group(group)
    for number in range(3):
        bench.publish(f"article {number}", f"text {number}")
    bench.mill.acknowledge("reads", bench.mill.read("reads", 3))
    shot = look(bench)
    reads, sleeps = sorted(shot.output.groups, key=lambda group: group.name)
    assert (reads.unread, reads.pending, reads.oldest_age) == (0, 0, None)
    assert (sleeps.unread, sleeps.pending) == (3, 0)
    first = bench.mill.client.xrange(bench.mill.keys.records, count=1)[0][0]
    assert sleeps.oldest_age == pytest.approx(shot.at.timestamp() - int(first.partition(b"-")[0]) / 1_000, abs=0.01)
    bench.mill.read("sleeps", 2)
    held = look(bench).output.groups[1]
    assert (held.unread, held.pending, held.oldest_age > 0) == (1, 2, True)


def test_workers_are_those_of_these_queues_and_the_dead_among_them(bench):
    """One whose hash has expired, and one that is silent, are dead; whoever serves other queues is not ours."""
    client = bench.mill.client
    now = datetime.now(UTC)
    for name, queue, silent in (("lives", "default", 3), ("silent", "urgent", 70), ("other", "mail", 1)):
        client.sadd(f"rq:workers:{queue}", f"rq:worker:{name}")
        heartbeat = (now - timedelta(seconds=silent)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        told = {"queues": queue, "state": "busy", "last_heartbeat": heartbeat, "hostname": "h", "pid": 7}
        client.hset(f"rq:worker:{name}", mapping=told | {"mill_claim": now.timestamp() - 5, "mill_rate": "x"})
    client.sadd("rq:workers:default", "rq:worker:gone")
    gone, lives, silent = look(bench, queues=("default", "urgent")).workers
    assert [worker.dead for worker in (gone, lives, silent)] == [True, False, True]
    assert (gone.name, gone.heartbeat_age, gone.state) == ("gone", None, "gone")
    assert (lives.queues, lives.pid, lives.pages_per_second) == (("default",), 7, None)
    assert 5 <= lives.claim_age < 60
    assert 3 <= lives.heartbeat_age < 60


def test_memory_is_told_by_kind_of_key_and_by_queue(bench):
    """Estimates of Redis's own: a queue with pages is larger than one without."""
    bench.publish("article", "text")
    for _ in range(50):
        bench.push(body="x" * 1_000)
    shot = look(bench, queues=("default", "urgent"))
    by_name = {queue.name: queue.bytes for queue in shot.queues}
    assert by_name["default"] > 40_000 > by_name["urgent"]
    assert shot.store.bytes_by_kind["pages"] == sum(by_name.values())
    assert {"records", "settled", "memory", "meters"} <= {
        kind for kind, size in shot.store.bytes_by_kind.items() if size
    }
    assert shot.store.server in {"valkey", "redis"}
    assert shot.store.used_bytes > 0


def test_profiles_are_told_by_a_few_of_them(bench):
    """As many times what they take on average as there are, whatever a site is called."""
    client, keys = bench.mill.client, bench.mill.keys
    for number in range(40):
        site = b"\xff-%d.example" % number
        client.zadd(keys.sites, {site: number})
        client.set(keys.site.encode() + b":" + site, b"x" * 10_000)
    assert 400_000 < look(bench).store.bytes_by_kind["profiles"] < 700_000


def test_what_is_asked_does_not_grow_with_what_waits(bench):
    """The same commands, as often, whether ten pages wait or two thousand; and none ships a page's body."""

    def asked():
        bench.mill.client.config_resetstat()
        before = bench.mill.client.info("stats")["total_net_output_bytes"]
        look(bench)
        told = bench.mill.client.info("commandstats")
        shipped = bench.mill.client.info("stats")["total_net_output_bytes"] - before
        return {name: row["calls"] for name, row in told.items() if name != "cmdstat_info"}, shipped

    look(bench)  # the server knows the scripts from here on
    for _ in range(10):
        bench.push(body="x" * 10_000)
    few, shipped = asked()
    with bench.mill.client.pipeline(transaction=False) as pipe:
        for _ in range(2_000):
            pipe.xadd(bench.mill.keys.pages("default"), {"url": "https://a.example/", "body": "x" * 10_000})
        pipe.execute()
    many, shipped_then = asked()
    assert many == few
    assert max(shipped, shipped_then) < 60_000


def test_each_limit_that_is_passed_is_a_sentence(bench):
    """And none that is kept, or was not asked for."""
    bench.settle("dead", "crashed")
    bench.push()
    bench.push()
    time.sleep(0.01)
    shot = look(bench)
    assert over_limits(shot) == []
    assert over_limits(shot, max_depth=2, max_age=600, max_dead=1) == []
    told = over_limits(shot, max_depth=1, max_age=0.001, max_dead=0)
    assert [sentence.partition("--")[2].split(" ")[0] for sentence in told] == ["max-depth", "max-age", "max-dead"]


def test_before_anything_was_noted_no_rate_is_known(bench):
    """0 stands for it."""
    bench.settle("rejected", "empty")
    assert look(bench).settled_rate == Rate()
