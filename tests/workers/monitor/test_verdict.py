"""The verdict on a mill."""

import pytest
from msgspec.structs import replace

from workers.monitor.snapshot import Group, Queue, Rate, Worker, take_snapshot
from workers.monitor.verdict import judge, span
from workers.settings import Settings

WORKER = Worker(
    name="w", state="busy", host="mill-1", pid=1, queues=("default",), heartbeat_age=1, dead=False, pages_per_second=10
)
RATE = Rate(minute=10, quarter_hour=10)


@pytest.fixture
def shot(redis_client, redis_url):
    """Of a mill at work: 40 pages to do, as many go as come."""
    empty = take_snapshot(redis_client, Settings(redis_url=redis_url))
    fields = {
        "depth": 40,
        "oldest_age": 4.0,
        "drain_seconds": 4.0,
        "settled": 900,
        "pushed_rate": RATE,
        "settled_rate": RATE,
    }
    return replace(empty, workers=(WORKER,), store=replace(empty.store, used_bytes=1, limit_bytes=0), **fields)


def kinds(shot):
    return [finding.kind for finding in judge(shot).findings]


def test_a_mill_that_keeps_up_is_well(shot):
    """Whether there is something to do or not."""
    assert judge(shot).headline == "Keeping up: pages are settled as they come"
    assert judge(replace(shot, depth=0, oldest_age=None)).headline == "Keeping up: every page is settled"
    assert (
        judge(replace(shot, oldest_age=300.0, drain_seconds=900.0)).headline
        == "Catching up: the backlog is gone in about 15 min"
    )
    assert judge(shot).level == "good"


@pytest.mark.parametrize(
    ("change", "kind", "level"),
    [
        ({"workers": ()}, "no_worker", "bad"),
        ({"workers": (replace(WORKER, dead=True),)}, "no_worker", "bad"),
        ({"settled_rate": Rate(), "oldest_age": 90.0}, "standing_still", "bad"),
        ({"pushed_rate": Rate(minute=30), "oldest_age": 90.0}, "falling_behind", "watch"),
        ({"pushed_rate": Rate(minute=30), "oldest_age": 900.0}, "falling_behind", "bad"),
        ({"oldest_age": 90.0, "drain_seconds": 90_000.0}, "long_backlog", "watch"),
        ({"suspended": True}, "suspended", "watch"),
    ],
)
def test_what_is_wrong_with_the_flow_is_the_headline(shot, change, kind, level):
    """With what to do about it."""
    verdict = judge(replace(shot, **change))
    assert (verdict.findings[0].kind, verdict.level) == (kind, level)
    assert verdict.headline == verdict.findings[0].what
    assert verdict.findings[0].advice


@pytest.mark.parametrize("change", [{"workers": ()}, {"settled_rate": Rate(), "oldest_age": 90.0}, {"suspended": True}])
def test_where_nothing_waits_nothing_is_wrong_with_the_flow(shot, change):
    """No worker and no page is a mill at rest."""
    assert judge(replace(shot, depth=0, **change)).level == "good"


def test_a_short_burst_alarms_nobody(shot):
    """More come than go, but no page has waited for long."""
    assert kinds(replace(shot, pushed_rate=Rate(minute=900))) == []


def test_falling_behind_names_the_workers_that_it_takes(shot):
    """From what one worker settles."""
    (finding, *_) = judge(replace(shot, depth=36_000, pushed_rate=Rate(minute=30), oldest_age=90.0)).findings
    assert finding.advice.startswith("About 4 workers would be through in an hour; 1 are here.")


@pytest.mark.parametrize(("behind", "found"), [(10, []), (60, ["output_lag"]), (100, ["output_full"])])
def test_a_reader_that_lags_is_named_before_it_stops_the_mill(shot, behind, found):
    """The output has a limit, and the mill waits at it."""
    group = Group(name="search", unread=behind, pending=0, consumers=1, oldest_age=1.0)
    lagging = replace(shot, output=replace(shot.output, limit=100, groups=(group,)))
    assert kinds(lagging) == found
    assert all("search" in finding.what for finding in judge(lagging).findings)


@pytest.mark.parametrize(("used", "found"), [(50, []), (81, ["watch"]), (96, ["bad"])])
def test_memory_that_runs_out_is_told_in_time(shot, used, found):
    """At 80 % the producers stop."""
    full = replace(shot, store=replace(shot.store, used_bytes=used, limit_bytes=100))
    assert [finding.level for finding in judge(full).findings] == found


def test_what_is_odd_beside_the_flow_leaves_the_headline_to_the_flow(shot):
    """Dead pages, trimmed records, a silent worker, foreign jobs: each is told, the worst level counts."""
    queue = Queue(
        name="q",
        depth=0,
        waiting=0,
        in_hand=0,
        pushed=0,
        settled=0,
        bytes=0,
        oldest_age=None,
        pushed_rate=RATE,
        settled_rate=RATE,
        drain_seconds=0,
        refused_jobs=3,
    )
    odd = replace(
        shot,
        dead=replace(shot.dead, rate=Rate(minute=0.5)),
        output=replace(shot.output, trimmed=9),
        workers=(WORKER, replace(WORKER, name="gone", dead=True)),
        queues=(queue,),
    )
    assert set(kinds(odd)) == {"dying", "output_trimmed", "worker_gone", "foreign_jobs"}
    assert judge(odd).headline == "Keeping up: pages are settled as they come"
    assert judge(odd).level == "watch"


def test_the_worst_comes_first(shot):
    """Whatever is found first."""
    worst = replace(shot, workers=(), output=replace(shot.output, trimmed=9))
    assert [finding.level for finding in judge(worst).findings] == ["bad", "watch"]


@pytest.mark.parametrize(
    ("seconds", "told"), [(4, "4 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (200_000, "2 days")]
)
def test_a_time_to_go_is_told_in_one_unit(seconds, told):
    """The one in which it has one or two digits, mostly."""
    assert span(seconds) == told
