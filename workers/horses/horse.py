"""What a horse does to itself before it works: it dies with its worker, and stays within bounds."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

EXIT_MEMORY = 70
"""A horse's way to say that a page wanted more memory than it may have."""

EXIT_FAILED = 71
"""A horse's way to say that its claim failed, and no page is to blame."""

MEGABYTE = 1_000_000
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_PAGE = os.sysconf("SC_PAGE_SIZE")


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` is gone (Linux), or exit if it is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit_memory(megabytes: int) -> None:
    """Bound what this process may add to its data, from its size now on; 0 is no bound.

    Not the address space: what libraries map and never touch does no harm.
    """
    _set_limit(resource.RLIMIT_CORE, 0)
    if megabytes and sys.platform == "linux":
        _set_limit(resource.RLIMIT_DATA, _data_bytes() + megabytes * MEGABYTE)


def limit_cpu(seconds: float) -> None:
    """Bound the processor time from now on; 0 is no bound.

    The kernel ends what takes longer with SIGPROF, stuck in C or not, within a tick of its clock.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


class Growth:
    """How much this process has grown since this was made."""

    def __init__(self, megabytes: int) -> None:
        self._limit = resident_bytes() + megabytes * MEGABYTE

    def is_over(self) -> bool:
        """Whether a fresh horse should go on."""
        return resident_bytes() > self._limit


def resident_bytes() -> int:
    """The resident size now on Linux; elsewhere its peak, the nearest that there is."""
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - a page's cost: no Path
            return int(statm.read().split()[1]) * _PAGE
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _set_limit(what: int, soft: int) -> None:
    known, hard = resource.getrlimit(what)
    wanted = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    if wanted != known:
        resource.setrlimit(what, (wanted, hard))


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
