"""What a horse does to itself, tried on processes that may die of it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from workers.horses.horse import EXIT_FAILED, EXIT_MEMORY, Growth, resident_bytes

linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's part is Linux's")


def run(code, **options):
    """A process that has imported workers.horses.horse."""
    command = [sys.executable, "-c", f"from workers.horses.horse import *\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_processor_time_is_bounded_in_c_too():
    """A loop in C that no Python signal handler could end is ended by the kernel, with SIGPROF."""
    assert run("limit_cpu(0.3); sum(range(10**15))").returncode == -signal.SIGPROF


def test_the_bound_of_processor_time_moves_with_each_page():
    """What was used before does not count against the next page, and no bound is left after the last one."""
    code = """
import time
def work(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until: pass
for _ in range(3):
    limit_cpu(0.5)
    work(0.3)
limit_cpu(0)
work(0.6)
"""
    assert run(code).returncode == 0


@linux
def test_memory_is_bounded_above_what_was_there():
    """A process of 200 MB may add 100 MB, and gets a MemoryError beyond that; 0 is no bound."""
    code = """
there = bytearray(200_000_000)
limit_memory({limit})
more = bytearray(50_000_000)
try:
    bytearray(150_000_000)
except MemoryError:
    print("bounded")
"""
    assert run(code.format(limit=100)).stdout == "bounded\n"
    assert run(code.format(limit=0)).stdout == ""


@linux
def test_what_is_mapped_and_never_written_is_no_memory():
    """A library's shared or read-only mapping of a gigabyte is not held against the limit."""
    code = """
import mmap, tempfile
limit_memory(50)
with tempfile.TemporaryFile() as file:
    file.truncate(1_000_000_000)
    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
"""
    done = run(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_crash_dumps_no_core(tmp_path):
    """A horse's core would be gigabytes of other people's pages: none is written."""
    code = "limit_memory(0); import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    assert run(code, cwd=tmp_path).stdout == "0\n"


@linux
def test_a_process_dies_with_its_parent():
    """SIGKILL of the parent ends the child, though it is stuck in C."""
    child = (
        "from workers.horses.horse import *; die_with(os.getppid()); print(os.getpid(), flush=True); sum(range(10**15))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"],
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(pid):
    """Whether the process runs; a zombie does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_a_process_whose_parent_is_gone_already_ends_at_once():
    """The parent may die before the kernel was asked: the child looks, and leaves."""
    assert run("die_with(1); print('still here')").stdout == ("still here\n" if os.getpid() == 1 else "")
    assert run("die_with(1)").returncode == 1


def test_growth_is_counted_from_the_beginning():
    """A process that has grown by more than the limit is over it, and by less is not."""
    growth = Growth(50)
    assert not growth.is_over()
    hoard = b"x" * 100_000_000
    assert growth.is_over()
    del hoard
    assert resident_bytes() > 1_000_000


def test_the_exit_codes_are_told_apart():
    """Memory, failure, Python's own 1 and success are four codes."""
    assert len({0, 1, EXIT_MEMORY, EXIT_FAILED}) == 4
