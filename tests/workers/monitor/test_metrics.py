"""What Prometheus is told: the snapshot's numbers, under good names, within bounds, whatever pages call themselves."""

import subprocess
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from workers.drain import Drain
from workers.horses.hand import Hand
from workers.monitor.metrics import LONGEST_VALUE, MOST_VALUES, WORKER_STATES, Look, exposition
from workers.monitor.snapshot import (
    Bucket,
    DeadLetters,
    DedupeMemory,
    Group,
    Latency,
    Output,
    Quality,
    Queue,
    Rate,
    Reason,
    Site,
    Sites,
    Snapshot,
    Store,
    Tally,
    Worker,
    take_snapshot,
)
from workers.printable import printable
from workers.settings import Settings
from workers.store.redis_store import RedisStore


def _queue(name, **more):
    told = {"depth": 7, "waiting": 4, "in_hand": 3, "pushed": 100, "settled": 93, "bytes": 4_096, "oldest_age": 12.5}
    return Queue(name=name, pushed_rate=Rate(), settled_rate=Rate(), drain_seconds=None, **(told | more))


def _site(name, pages=30, rejected=5):
    return Site(name=name, recent=Quality(pages=pages, rejected=rejected, dead=1), past=Quality(pages=400, rejected=2))


def _quality(pages, *, rejected):
    return Quality(pages=pages, drafts=pages - rejected, rejected=rejected)


def _worker(state, *, dead=False):
    return Worker(name="w", state=state, host="h", pid=1, queues=("default",), heartbeat_age=1.0, dead=dead)


BUSY = Snapshot(
    at=datetime(2026, 3, 1, tzinfo=UTC),
    depth=7,
    oldest_age=12.5,
    pushed_rate=Rate(),
    settled_rate=Rate(),
    drain_seconds=None,
    settled=93,
    suspended=False,
    queues=(_queue("default"), _queue("urgent", pushed=None, bytes=None, oldest_age=None)),
    workers=(_worker("busy"), _worker("busy"), _worker("idle"), _worker("busy", dead=True), _worker("?")),
    outcomes=(Tally(name="published", total=80, rate=Rate()), Tally(name="rejected", total=13, rate=Rate())),
    reasons=(
        Reason(outcome="rejected", name="empty", total=9, rate=Rate()),
        Reason(outcome="dead", name="crashed", total=2, rate=Rate()),
    ),
    sources=Sites(
        known=3,
        by_pages=(_site("feed"), _site("")),
        by_rejects=(_site("feed"),),
        comparable=(
            Site(
                name="changed", recent=Quality(pages=90, rejected=90), past=Quality(pages=400, drafts=390, rejected=10)
            ),
        ),
    ),
    hosts=Sites(
        known=1,
        by_pages=(),
        by_rejects=(),
        comparable=(Site(name="mill.example", recent=_quality(90, rejected=90), past=_quality(400, rejected=10)),),
    ),
    latency=Latency(
        buckets=(Bucket(0.1, 50), Bucket(1, 79), Bucket(None, 80)), count=80, sum=31.5, p50=None, p95=None, p99=None
    ),
    output=Output(
        length=500,
        limit=1_000,
        trimmed=3,
        bytes=None,
        groups=(Group(name="search", unread=40, pending=2, consumers=1, oldest_age=60.0),),
    ),
    dead=DeadLetters(
        lying=2, bytes=900, limit_bytes=9_000, replayed=1, dropped=0, expired=4, oldest_age=5.0, rate=Rate(), reasons={}
    ),
    store=Store(
        server="valkey",
        version="9.1",
        used_bytes=10_000,
        limit_bytes=20_000,
        bytes_by_kind={"pages": 4_096},
        clients=3,
        persistence="aof",
        uptime=60.0,
    ),
    memory=DedupeMemory(pages=93, capacity=1_000_000, reaches_back=None),
    registries=(),
    minutes=(),
)


def _samples(shot, look=None):
    """Each sample's value under its name and its labels."""
    told = {}
    for family in text_string_to_metric_families(exposition(shot, look).decode()):
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.values()))
            assert key not in told, f"twice: {key}"
            told[key] = sample.value
    return told


def test_every_number_of_the_snapshot_is_told_under_its_name():
    """What was counted is told exactly, with its labels."""
    told = _samples(BUSY, Look(age=1.5, seconds=0.02))
    expected = {
        ("pagemill_up",): 1,
        ("pagemill_snapshot_age_seconds",): 1.5,
        ("pagemill_snapshot_duration_seconds",): 0.02,
        ("pagemill_pages_total", "published"): 80,
        ("pagemill_rejected_pages_total", "empty"): 9,
        ("pagemill_dead_pages_total", "crashed"): 2,
        ("pagemill_queue_depth_pages", "default", "waiting"): 4,
        ("pagemill_queue_depth_pages", "default", "in_hand"): 3,
        ("pagemill_queue_oldest_age_seconds", "default"): 12.5,
        ("pagemill_queue_oldest_age_seconds", "urgent"): 0,
        ("pagemill_queue_bytes", "default"): 4_096,
        ("pagemill_queue_pushed_pages_total", "default"): 100,
        ("pagemill_queue_settled_pages_total", "urgent"): 93,
        ("pagemill_page_latency_seconds_bucket", "0.1"): 50,
        ("pagemill_page_latency_seconds_bucket", "+Inf"): 80,
        ("pagemill_page_latency_seconds_count",): 80,
        ("pagemill_page_latency_seconds_sum",): 31.5,
        ("pagemill_suspended",): 0,
        ("pagemill_output_records",): 500,
        ("pagemill_output_limit_records",): 1_000,
        ("pagemill_output_trimmed_records_total",): 3,
        ("pagemill_output_group_unread_records", "search"): 40,
        ("pagemill_output_group_pending_records", "search"): 2,
        ("pagemill_output_group_oldest_age_seconds", "search"): 60,
        ("pagemill_dead_letters",): 2,
        ("pagemill_dead_letters_bytes",): 900,
        ("pagemill_dead_letters_limit_bytes",): 9_000,
        ("pagemill_dead_letters_gone_total", "expired"): 4,
        ("pagemill_redis_used_bytes",): 10_000,
        ("pagemill_redis_limit_bytes",): 20_000,
        ("pagemill_redis_kind_bytes", "pages"): 4_096,
        ("pagemill_dedupe_remembered_pages",): 93,
        ("pagemill_dedupe_capacity_pages",): 1_000_000,
        ("pagemill_source_pages", "feed", "recent"): 30,
        ("pagemill_source_pages", "", "past"): 400,
        ("pagemill_source_rejected_pages", "feed", "recent"): 6,
        ("pagemill_source_rejected_pages", "feed", "past"): 2,
        ("pagemill_site_alarm_ratio", "changed", "recent", "rejected", "source"): 1,
        ("pagemill_site_alarm_ratio", "changed", "past", "rejected", "source"): 0.025,
        ("pagemill_site_alarm_ratio", "host", "mill.example", "recent", "rejected"): 1,
    }
    assert {key: told.get(key) for key in expected} == expected


def test_every_state_of_a_worker_has_its_count():
    """States that no worker is in are 0, a silent worker is dead whatever it said last, an unknown state is other."""
    told = {state: _samples(BUSY)["pagemill_workers", state] for state in WORKER_STATES}
    assert told == {"busy": 2, "idle": 1, "dead": 1, "other": 1, "started": 0, "starting": 0, "suspended": 0}


def test_what_nobody_knows_has_no_series():
    """A server that does not count pushes, or a user who may not ask for memory, gives a gap and not a 0."""
    told = _samples(BUSY)
    assert not {key for key in told if key[0] in ("pagemill_output_bytes", "pagemill_dedupe_reach_seconds")}
    assert ("pagemill_queue_pushed_pages_total", "urgent") not in told
    assert ("pagemill_queue_bytes", "urgent") not in told


def test_a_mill_that_cannot_be_read_tells_no_old_figures():
    """Without a snapshot there is `pagemill_up 0`, the release, and nothing else."""
    assert {key[0] for key in _samples(None)} == {"pagemill_up", "pagemill_build_info"}
    assert _samples(None)["pagemill_up",] == 0


def test_a_queue_has_one_series_and_no_total_beside_it():
    """A sum over a metric counts no page twice."""
    queues = [key for key in _samples(BUSY) if key[0] == "pagemill_queue_oldest_age_seconds"]
    assert len(queues) == len(BUSY.queues)


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=120), max_size=MOST_VALUES + 50))
def test_the_names_of_sources_and_groups_stay_within_bounds(names):
    """However many there are, and whatever they hold, each series comes once, short and printable, and not too many."""
    groups = tuple(Group(name=name, unread=1, pending=0, consumers=0, oldest_age=None) for name in names)
    sources = Sites(known=len(names), by_pages=tuple(map(_site, names)), by_rejects=())
    shot = msgspec.structs.replace(BUSY, sources=sources, output=msgspec.structs.replace(BUSY.output, groups=groups))
    told = _samples(shot)
    for metric, series in (("pagemill_output_group_unread_records", 1), ("pagemill_source_pages", 2)):
        found = [key for key in told if key[0] == metric]
        assert len(found) <= MOST_VALUES * series
        assert all(len(value) <= LONGEST_VALUE and printable(value) == value for key in found for value in key[1:])


@pytest.mark.parametrize("shot", [BUSY, None], ids=["busy", "away"])
def test_promtool_has_nothing_to_say(shot, require):
    """Prometheus's own linter of names, units, types and help texts finds no fault."""
    require("promtool")
    _check_with_promtool(exposition(shot))


def test_a_real_mills_counters_are_its_ledgers(redis_client, require):
    """What was milled on a real server is told as the ledger has it, in metrics that promtool accepts."""
    require("promtool")
    settings = Settings(page_seconds=3600, batch_pages=4)
    store = RedisStore(redis_client, settings)
    store.open(["default"])
    for number, status in enumerate(("200", "200", "404", "200")):
        text = " ".join(f"Wheel {i * number} of {number}." for i in range(9))
        page = {"url": f"https://mill.example/{number}", "body": f"<p>{text}</p>", "status": status, "source": "feed"}
        redis_client.xadd(settings.keys.pages("default"), page)
    redis_client.xadd(settings.keys.pages("default"), {"url": "none"})
    drain = Drain(store, settings, consumer="me", queues=["default"], hand=Hand(["default"]))
    outcomes = drain.run(store.take("me", ["default"], 4), linger=False)
    shot = take_snapshot(redis_client, settings)
    told = _samples(shot)
    assert {name: told["pagemill_pages_total", name] for name in outcomes} == outcomes
    assert told["pagemill_queue_pushed_pages_total", "default"] == outcomes.total() == 5
    assert (told["pagemill_rejected_pages_total", "http_error"], told["pagemill_dead_pages_total", "malformed"]) == (
        1,
        1,
    )
    assert told["pagemill_page_latency_seconds_count",] == outcomes["published"]
    assert told["pagemill_source_pages", "feed", "recent"] == 4
    _check_with_promtool(exposition(shot))


def _check_with_promtool(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
