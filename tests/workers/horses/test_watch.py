"""Waiting for a horse, with the kernel's help and without."""

import os
import sys
from pathlib import Path

import pytest

from workers.horses.watch import wait_for


@pytest.fixture(params=["pidfd", "polling"])
def way(request, monkeypatch):
    """Each way to wait: polling is what is left on macOS, and where pidfd_open is forbidden."""
    if request.param == "polling":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    elif not hasattr(os, "pidfd_open"):
        pytest.skip("no pidfd on this system")
    return request.param


def descriptors():
    """How many this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


def spawn(code):
    return os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)


def test_the_status_of_a_child_that_ended(way):
    """The wait status is the child's, whether it ends before or while it is waited for; no zombie is left."""
    for code in ("raise SystemExit(3)", "import time; time.sleep(0.05); raise SystemExit(3)"):
        pid = spawn(code)
        status = wait_for(pid, lambda: None)
        assert os.waitstatus_to_exitcode(status) == 3
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def test_a_tick_comes_again_and_again(way):
    """While the child lives the worker gets its turns, and may end the child in one of them."""
    pid = spawn("import time; time.sleep(600)")
    ticks = []

    def tick():
        ticks.append(None)
        if len(ticks) == 3:
            os.kill(pid, 15)

    assert os.waitstatus_to_exitcode(wait_for(pid, tick, every=0.02)) == -15
    assert len(ticks) >= 3


def test_a_child_that_somebody_else_reaped(way):
    """There is no status to tell, and no wait without end."""
    pid = spawn("")
    os.waitpid(pid, 0)
    assert wait_for(pid, lambda: None) is None


def test_no_descriptor_is_left_open(way):
    """Waiting opens and closes: a worker may wait a million times."""
    before = descriptors()
    for _ in range(3):
        wait_for(spawn(""), lambda: None)
    assert descriptors() == before


def test_what_a_tick_raises_closes_the_descriptor(way):
    """An error in a tick passes through, and leaks nothing."""
    before = descriptors()
    pid = spawn("import time; time.sleep(600)")

    def tick():
        raise RuntimeError

    with pytest.raises(RuntimeError):
        wait_for(pid, tick, every=0.01)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    assert descriptors() == before
