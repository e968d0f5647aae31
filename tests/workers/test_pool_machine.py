"""What a machine has to spare, read from files as Linux writes them."""

import os
import sys

import pytest

from workers.pool_machine import RESERVE, Machine

KILOBYTES = 1_000_000
LEFT = 600_000


@pytest.fixture
def files(tmp_path):
    """Writes files of a machine: a path below its root, and the text."""

    def write(**texts):
        for name, text in texts.items():
            path = tmp_path / {"stat": "proc/stat", "meminfo": "proc/meminfo", "cgroup": "proc/self/cgroup"}.get(
                name, f"sys/fs/cgroup/{name.replace('__', '/').replace('_', '.', 1)}"
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def meminfo():
    return f"MemTotal: {KILOBYTES} kB\nMemFree: 1 kB\nMemAvailable: {LEFT} kB\n"


def stat(idle):
    """/proc/stat, in which each processor of ours was idle for so many seconds."""
    rows = [f"cpu{number} 1 0 1 {int(idle * 100)} 0 0 0 0 0 0" for number in os.sched_getaffinity(0)]
    return "\n".join(["cpu 9 9 9 9 9 9", *rows, "cpu999 1 0 1 99999999 0 0 0 0 0 0", "intr 1"])


def test_a_machine_that_tells_nothing_spares_nothing_known(tmp_path):
    """As on macOS: None, so that depth and age decide."""
    assert Machine(tmp_path).spare() == (spare := Machine(tmp_path).spare())
    assert (spare.processors, spare.memory) == (None, None)


def test_memory_is_what_is_available_less_a_reserve(files):
    """A tenth of the machine is left alone."""
    machine = Machine(files(meminfo=meminfo()))
    assert machine.spare().memory == pytest.approx((LEFT - RESERVE * KILOBYTES) * 1024)


def test_a_containers_bound_counts_where_it_is_lower(files):
    """Its limit less what it uses, of which file pages that can be dropped are no part."""
    files(meminfo=meminfo(), cgroup="0::/\n", memory_max="100000000\n", memory_current="50000000\n")
    machine = Machine(files(memory_stat="anon 1\ninactive_file 20000000\n"))
    assert machine.spare().memory == pytest.approx(70e6 - RESERVE * 100e6)


def test_a_group_without_a_bound_is_the_machines(files):
    """`max` is no number."""
    machine = Machine(files(meminfo=meminfo(), memory_max="max\n", memory_current="5\n", cpu_max="max 100000\n"))
    assert machine.spare().memory == pytest.approx((LEFT - RESERVE * KILOBYTES) * 1024)


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")
def test_idle_processors_are_those_that_this_process_may_use(files):
    """Others, however idle, do not count, and no more than there are."""
    machine = Machine(files(stat=stat(100)))
    files(stat=stat(1_000_000))
    assert machine.spare().processors == len(os.sched_getaffinity(0))
    files(stat=stat(1_000_000))
    assert machine.spare().processors == 0


@pytest.mark.skipif(sys.platform != "linux", reason="affinity is Linux's")
def test_a_containers_quota_bounds_its_processors(files):
    """Half a processor is half a processor, on a machine with many; under systemd the group has a folder of its own."""
    files(stat=stat(100), cgroup="0::/mill.service\n", **{"mill.service__cpu_max": "50000 100000\n"})
    machine = Machine(files(**{"mill.service__cpu_stat": "usage_usec 5\n"}))
    files(stat=stat(1_000_000))
    assert machine.spare().processors == pytest.approx(0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_this_machine_tells_both():
    """On a real one: between none and all of its processors, and some memory."""
    machine = Machine()
    sum(range(2_000_000))
    spare = machine.spare()
    assert 0 <= spare.processors <= len(os.sched_getaffinity(0))
    assert isinstance(spare.memory, float)
