"""One snapshot for all who look."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Event

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from workers.monitor.snapshot import take_snapshot
from workers.monitor.web.health import STALE, health
from workers.monitor.web.lookout import Lookout


@pytest.fixture
def shot(redis_client, settings):
    """Of an empty mill."""
    return take_snapshot(redis_client, settings)


@pytest.fixture
def watch():
    """Starts a lookout over a function."""
    started = []

    def start(take):
        started.append(Lookout(take, lambda error: f"Redis: {error}", every=0.05))
        started[-1].start()
        return started[-1]

    yield start
    for lookout in started:
        lookout.stop()


def until(lookout, check):
    """The first view of which `check` holds."""
    while not check(view := lookout.view()):
        pass
    return view


def test_what_fails_is_told_and_tried_again(watch, shot):
    """Redis's faults in their words, ours without; the last snapshot stays, and ages."""
    answers = iter([shot, RedisConnectionError("away"), ZeroDivisionError("a flaw"), shot])

    def take():
        answer = next(answers, shot)
        if isinstance(answer, Exception):
            raise answer
        return answer

    lookout = watch(take)
    assert until(lookout, lambda view: view.shot).problem == ""
    away = until(lookout, lambda view: view.problem)
    assert (away.problem, away.shot) == ("Redis: away", shot)
    assert until(lookout, lambda view: "log" in view.problem).shot == shot
    assert until(lookout, lambda view: not view.problem).age < STALE


def test_nobody_waits_for_a_redis_that_hangs(watch, shot):
    """A view comes at once or in a second, with nothing in it."""
    release = Event()
    lookout = watch(lambda: release.wait(60) and shot)
    assert lookout.view().shot is None
    assert health(lookout.view()).status == 503
    release.set()


def test_a_redis_that_hangs_is_told_before_it_is_an_error(watch, shot):
    """The figures are old, and are not taken for new."""
    release = Event()
    answers = iter([shot])
    lookout = watch(lambda: next(answers, None) or (release.wait(60) and shot))
    hangs = until(lookout, lambda view: view.problem)
    assert hangs.problem.startswith("Redis has not answered for ")
    assert hangs.shot == shot
    release.set()
    assert until(lookout, lambda view: not view.problem).shot == shot


def test_latency_is_kept_in_points_fifteen_seconds_apart(watch, shot):
    """However often snapshots are taken."""
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    moments = iter(range(0, 10_000, 7))
    lookout = watch(lambda: msgspec.structs.replace(shot, at=begin + timedelta(seconds=next(moments))))
    points = until(lookout, lambda view: len(view.latency) >= 2).latency
    gaps = [(later.at - sooner.at).total_seconds() for sooner, later in pairwise(points)]
    assert gaps == [21.0] * len(gaps)


def test_an_old_snapshot_proves_no_health(shot, watch):
    """Of what nobody could see for half a minute nothing is known."""
    view = until(watch(lambda: shot), lambda view: view.shot)
    assert health(view).status == 200
    assert health(msgspec.structs.replace(view, age=STALE + 1)).status == 503
