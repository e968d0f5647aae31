"""The law of scaling: held to a simulated machine, and to whatever looks hypothesis thinks of."""

import math
import random
from itertools import count, pairwise
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.monitor.scaling import (
    GROW_SECONDS,
    LONGEST_PATIENCE,
    MEMORY_PAUSE,
    REDIS_BUSY,
    WORKER_BYTES,
    Law,
    Look,
    decide,
    first_scale,
    workers_needed,
)

LAW = Law(least=1, most=8)
seconds = count()
looks = st.builds(
    Look,
    at=st.just(0.0),
    waiting=st.integers(0, 10**6),
    busy=st.integers(0, 20),
    settled=st.integers(0, 10**6),
    oldest_age=st.floats(0, 10**6),
    free_processors=st.none() | st.floats(0, 64),
    free_memory=st.none() | st.floats(-(10**9), 10**11),
    redis_load=st.none() | st.floats(0, 2),
    output_full=st.booleans(),
)


class Machine:
    """A pool on a machine of so many processors: pages come by Poisson's law, and each takes `page` of one."""

    def __init__(self, *, page=0.05, processors=8, law=LAW, seed=1):
        self.law, self.page, self.processors = law, page, processors
        self.dice = random.Random(seed)
        self.at, self.settled, self.waiting, self.came = 0.0, 0.0, 0, []
        self.scale = first_scale(law)
        self.sizes = []

    def run(self, seconds, rate, **told):
        """Let it run with so many pages a second coming in; `told` are a look's fields to say otherwise."""
        for _ in range(int(seconds)):
            self.at += 1
            self.waiting += self._poisson(rate)
            able = min(self.scale.wanted, self.processors) / self.page
            done = min(self.waiting, self._poisson(able))
            busy = sum(self.dice.random() < done / able for _ in range(self.scale.wanted))
            self.waiting -= done
            self.settled += done
            free = self.processors - min(busy, self.processors)
            look = Look(
                at=self.at,
                waiting=self.waiting,
                busy=busy,
                settled=int(self.settled),
                oldest_age=self.waiting / able,
                free_processors=float(free),
                free_memory=64e9,
                redis_load=0.1,
            )
            self.scale = decide(self.scale, msgspec.structs.replace(look, **told), self.law)
            self.sizes.append(self.scale.wanted)
        return self

    def _poisson(self, mean):
        return max(0, round(self.dice.gauss(mean, math.sqrt(mean))))


def turns(sizes):
    """How often a growth follows a shrink, or a shrink a growth."""
    steps = [b - a for a, b in pairwise(sizes) if a != b]
    return sum((a > 0) != (b > 0) for a, b in pairwise(steps))


def after(scale, looked, law=LAW, **fields):
    """The scale after so many looks, a second apart, that all see the same."""
    for _ in range(looked):
        look = Look(**{"waiting": 0, "busy": 0, "settled": 0, **fields, "at": float(next(seconds))})
        scale = decide(scale, look, law)
    return scale


BACKLOG = {"waiting": 100_000, "busy": 99, "free_processors": 4.0, "free_memory": 64e9, "redis_load": 0.1}


@given(st.lists(looks, max_size=200), st.integers(1, 8), st.integers(0, 8), st.floats(0.01, 30))
def test_the_number_never_leaves_its_bounds(seen, least, more, step):
    """Whatever is seen, in whatever order, MIN <= wanted <= MAX."""
    law = Law(least=least, most=least + more)
    scale = first_scale(law)
    for i, look in enumerate(seen):
        scale = decide(scale, msgspec.structs.replace(look, at=i * step), law)
        assert law.least <= scale.wanted <= law.most


@given(st.lists(looks, max_size=100))
def test_a_change_needs_evidence_of_its_own(seen):
    """Between two changes lie at least GROW_SECONDS, and no growth is more than double, no shrink more than half."""
    scale, changed = first_scale(LAW), 0.0
    for i, look in enumerate(seen):
        before, scale = scale, decide(scale, msgspec.structs.replace(look, at=float(i)), LAW)
        if scale.wanted != before.wanted:
            assert i - changed >= GROW_SECONDS
            assert before.wanted // 2 <= scale.wanted <= 2 * before.wanted
            changed = i


@given(st.integers(2, 64))
def test_a_backlog_grows_the_pool_to_its_bound(most):
    """With a backlog of hours, free processors and memory, the pool reaches MAX, in doublings."""
    law = Law(least=1, most=most)
    scale = after(first_scale(law), 6 * 7, law, **BACKLOG | {"free_processors": 64.0})
    assert scale.wanted == most


@given(st.integers(2, 64))
def test_an_idle_pool_shrinks_to_the_least(most):
    """With nothing to do the pool comes down to MIN, however large it was."""
    law = Law(least=1, most=most)
    scale = msgspec.structs.replace(first_scale(law), wanted=most)
    assert after(scale, 8 * int(law.idle_seconds + 2), law).wanted == 1


@pytest.mark.parametrize(
    "exhausted",
    [
        {"free_processors": 0.2},
        {"free_memory": WORKER_BYTES - 1},
        {"redis_load": REDIS_BUSY},
        {"output_full": True},
        {"busy": 0},
        {"waiting": 0},
    ],
    ids=lambda told: next(iter(told)),
)
def test_there_is_no_growth_that_would_not_help(exhausted):
    """No free processor or memory, Redis or its readers behind, idle workers, or no page to take: nothing is added."""
    assert after(first_scale(LAW), 100, **BACKLOG | exhausted).wanted == 1


def test_what_cannot_be_known_holds_nothing_back():
    """Where the machine's load cannot be read, and Redis may not be asked, depth and age decide alone."""
    unknown = {"free_processors": None, "free_memory": None, "redis_load": None}
    assert after(first_scale(LAW), 100, **BACKLOG | unknown).wanted == LAW.most


def test_growth_takes_no_more_processors_than_are_free():
    """The step is what the free processors hold, although the backlog asks for double."""
    scale = msgspec.structs.replace(first_scale(LAW), wanted=4)
    assert after(scale, 6, **BACKLOG | {"free_processors": 1.2}).wanted == 5


def test_a_backlog_that_drains_in_time_needs_nobody():
    """Pages that wait for a moment, and would be settled within `drain_seconds`, start no worker."""
    scale = first_scale(LAW)
    for i in range(60):
        scale = decide(scale, Look(at=float(i), waiting=50, busy=1, settled=20 * i, oldest_age=3.0), LAW)
    assert scale.wanted == 1


def test_old_pages_grow_the_pool_though_they_are_few():
    """Age counts beside depth."""
    scale = first_scale(LAW)
    for i in range(7):
        scale = decide(scale, Look(at=float(i), waiting=5, busy=1, settled=20 * i, oldest_age=60.0), LAW)
    assert scale.wanted == 2


def test_used_up_memory_shrinks_the_pool_by_one_and_keeps_it_there():
    """A machine about to run out of memory loses a worker, and gets it back only after a pause."""
    scale = msgspec.structs.replace(first_scale(LAW), wanted=4)
    scale = after(scale, 6, **BACKLOG | {"free_memory": -1.0})
    assert scale.wanted == 3
    assert after(scale, int(MEMORY_PAUSE) - 10, **BACKLOG).wanted == 3
    assert after(scale, int(MEMORY_PAUSE) + 10, **BACKLOG).wanted > 3


@pytest.mark.parametrize("page", [0.005, 0.05, 0.5])
@pytest.mark.parametrize("load", [0.3, 0.69, 0.71, 0.95, 1.4, 2.8, 3.5, 5.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_noisy_steady_load_does_not_flap(page, load, seed):
    """An hour of Poisson arrivals at one rate turn the size round a few times at most, whatever a page costs."""
    machine = Machine(page=page, seed=seed).run(3_600, load / page)
    assert turns(machine.sizes[600:]) <= 4
    assert sum(machine.sizes[-600:]) / 600 <= max(math.ceil(load / 0.7) + 2, 2)


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.floats(0.05, 6))
def test_turns_are_bounded_by_patience(seed, load):
    """Patience doubles with each shrink that was taken back, so an hour of slow pages sees a handful of turns."""
    machine = Machine(page=2.0, seed=seed).run(3_600, load)
    assert turns(machine.sizes) <= 2 * (math.log2(LONGEST_PATIENCE / LAW.idle_seconds) + 3)


def test_a_burst_is_drained_and_the_pool_comes_back():
    """Grows on the burst, and is at MIN within minutes after it is gone."""
    machine = Machine().run(120, 4.0)
    machine.waiting += 20_000
    machine.run(300, 4.0)
    assert max(machine.sizes) >= 4
    machine.run(900, 4.0)
    assert (machine.waiting < 50, machine.scale.wanted) == (True, 1)


def shot(**fields):
    """As much of a snapshot as the question reads."""
    worker = SimpleNamespace(dead=False, pages_per_second=10.0)
    told = {"depth": 1_000, "pushed": 5.0, "settled": 20.0, "workers": [worker, worker], **fields}
    rate = {name: SimpleNamespace(minute=told.pop(name)) for name in ("pushed", "settled")}
    return SimpleNamespace(pushed_rate=rate["pushed"], settled_rate=rate["settled"], **told)


def test_workers_needed_for_a_target():
    """1,000 pages within 100 s, 5 more each second, at 10 a second and worker: two; half the time takes three."""
    assert workers_needed(shot(), 100) == 2
    assert workers_needed(shot(), 50) == 3


def test_workers_needed_without_a_worker_is_unknown():
    """How fast a worker would be nobody can tell, unless there is nothing to do."""
    assert workers_needed(shot(workers=[]), 60) is None
    assert workers_needed(shot(workers=[SimpleNamespace(dead=True, pages_per_second=10.0)]), 60) is None
    assert workers_needed(shot(workers=[], depth=0, pushed=0.0), 60) == 0
