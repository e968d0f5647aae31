"""What is counted against a horse that makes no step, on processes that do nothing, work, or were stopped."""

import os
import signal
import sys
import time

import pytest

import workers.horses.vigil
from workers.horses.hand import Held
from workers.horses.last_words import TIME_IS_UP
from workers.horses.vigil import Vigil

PAGE = ("default", "1-1")
linux = pytest.mark.skipif(sys.platform != "linux", reason="proc(5) is Linux's")


class Horse:
    """A process, and a vigil over it."""

    def __init__(self, code, *, page=PAGE, page_seconds=0.2):
        ready, told = os.pipe()
        program = f"import os, time; os.write({told}, b'.')\n{code}"
        os.set_inheritable(told, True)  # noqa: FBT003
        self.pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ)
        os.read(ready, 1)
        os.close(ready)
        os.close(told)
        self.signals = []
        self.held = Held(pages=(PAGE,), page=page, beat=1.0)
        self.vigil = Vigil(self.pid, page_seconds=page_seconds, kill=self.signals.append)

    def look(self, seconds=30.0):
        """Look again and again, until it is ended or the time is over; answers the signals."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.signals:
            self.vigil.look(self.held)
            time.sleep(0.01)
        return self.signals

    def death(self):
        return self.vigil.death(self.held)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@pytest.fixture
def horse():
    """Makes processes, and ends them."""
    made = []

    def make(code, **options):
        made.append(Horse(code, **options))
        return made[-1]

    yield make
    for one in made:
        one.end()


SLEEP = "time.sleep(3600)"
WORK = "while True: pass"


def test_a_page_that_does_nothing_is_ended_for_it(horse):
    """Asleep for as long as a page may take: a strike, and a signal that leaves time for the stack; then SIGKILL."""
    sleeper = horse(SLEEP)
    assert sleeper.look() == [TIME_IS_UP]
    assert (sleeper.death().mark, sleeper.death().reason) == ("strike", "timeout")
    sleeper.vigil.look(sleeper.held)
    assert sleeper.signals == [TIME_IS_UP, signal.SIGKILL]


@linux
@pytest.mark.parametrize("is_stopped", [False, True])
def test_time_in_which_it_works_or_is_stopped_does_not_count(horse, is_stopped):
    """The one is the kernel's to bound, the other is not the page's doing."""
    busy = horse(WORK if not is_stopped else SLEEP)
    if is_stopped:
        os.kill(busy.pid, signal.SIGSTOP)
        os.waitpid(busy.pid, os.WUNTRACED)
    assert busy.look(seconds=0.6) == []
    assert busy.death() is None


@pytest.fixture
def pass_by(monkeypatch):
    """Lets time pass, by so many seconds a call."""
    began, passed = time.monotonic(), [0.0]

    def pass_by(seconds):
        passed[0] += seconds
        monkeypatch.setattr(workers.horses.vigil.time, "monotonic", lambda: began + passed[0])

    yield pass_by
    monkeypatch.undo()


def test_each_page_has_time_of_its_own(horse, pass_by):
    """A beat between two pages begins the count anew: ten pages of a second each, with a limit of two."""
    steady = horse(SLEEP, page_seconds=2)
    for beat in range(10):
        pass_by(1)
        steady.held = Held(pages=(PAGE,), page=PAGE, beat=float(beat))
        steady.vigil.look(steady.held)
    assert steady.signals == []


def test_what_the_worker_did_not_see_does_not_count(horse, pass_by):
    """A frozen container or a machine that slept: an hour between two looks is two seconds at most."""
    sleeper = horse(SLEEP, page_seconds=30)
    for _ in range(5):
        pass_by(3600)
        sleeper.vigil.look(sleeper.held)
    assert sleeper.signals == []


@pytest.mark.parametrize(("page", "is_stopped"), [(None, False), pytest.param(PAGE, True, marks=linux)])
def test_a_horse_that_hangs_for_long_is_ended_without_blame(horse, monkeypatch, page, is_stopped):
    """With no page in hand, or stopped by somebody: its pages are wanted back, and none is held to it."""
    monkeypatch.setattr(workers.horses.vigil, "LONGEST_STEP", 0.3)
    stuck = horse(SLEEP, page=page, page_seconds=0.1)
    if is_stopped:
        os.kill(stuck.pid, signal.SIGSTOP)
        os.waitpid(stuck.pid, os.WUNTRACED)
    assert stuck.look() == [signal.SIGKILL]
    assert stuck.death().mark == "innocent"


def test_a_page_is_not_blamed_for_the_one_before_it(horse):
    """Which came to its end just when it was given up: what died with the horse was the next one."""
    sleeper = horse(SLEEP)
    sleeper.look()
    after = Held(pages=(PAGE,), page=PAGE, beat=2.0)
    assert sleeper.vigil.death(after).mark == "innocent"


def test_a_horse_that_is_gone_is_no_error(horse):
    """It ended between two looks: its wait status tells the rest."""
    gone = horse("")
    os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)
    assert gone.look(seconds=0.05) == []
