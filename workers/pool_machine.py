"""What a machine has to spare: processors and memory, those of its control group (v2) where a container has bounds."""

import os
import time
from pathlib import Path

import msgspec

RESERVE = 0.1
"""Share of the memory that no worker is started on: for pages that are large, and all else on the machine."""

_KILOBYTE = 1024
_TICKS = 100
"""A second in /proc/stat: USER_HZ, which is 100 on all of Linux's architectures that matter."""


class Spare(msgspec.Struct, frozen=True):
    """Processors that idle, and bytes of memory beyond the reserve; None where it cannot be known."""

    processors: float | None = None
    memory: float | None = None


class _Used(msgspec.Struct, frozen=True):
    at: float
    idle: float | None
    """Seconds that our processors were idle, since the machine's start."""

    spent: float | None
    """Seconds of processor time that our control group has spent."""


class Machine:
    """This machine, as Linux tells it; elsewhere nothing is known. `root` is where its files are."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._proc = root / "proc"
        self._group = _own_group(root)
        self._processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._before = self._used()

    def spare(self) -> Spare:
        """What idled since the last call, and the memory that is left now."""
        before, self._before = self._before, self._used()
        return Spare(self._idle(before, self._before), self._memory())

    def _idle(self, before: _Used, now: _Used) -> float | None:
        passed = now.at - before.at
        if now.idle is None or before.idle is None or passed <= 0:
            return None
        idle = min((now.idle - before.idle) / passed, float(len(self._processors)))
        quota = _quota(self._group)
        if quota is None or now.spent is None or before.spent is None:
            return idle
        return min(idle, quota - (now.spent - before.spent) / passed)

    def _used(self) -> _Used:
        ours = {f"cpu{number}" for number in self._processors}
        rows = [line.split() for line in _lines(self._proc / "stat")]
        idle = [int(row[4]) + int(row[5]) for row in rows if row and row[0] in ours]  # idle, and waiting for a disk
        spent = _named(self._group / "cpu.stat").get("usage_usec")
        return _Used(time.monotonic(), sum(idle) / _TICKS if idle else None, None if spent is None else spent / 1e6)

    def _memory(self) -> float | None:
        told = _named(self._proc / "meminfo")
        lefts = []
        if "MemAvailable:" in told and "MemTotal:" in told:
            lefts.append(told["MemAvailable:"] * _KILOBYTE - RESERVE * told["MemTotal:"] * _KILOBYTE)
        limit, used = _number(self._group / "memory.max"), _number(self._group / "memory.current")
        if limit is not None and used is not None:
            cache = _named(self._group / "memory.stat").get("inactive_file", 0)  # given back when somebody needs it
            lefts.append(limit - (used - cache) - RESERVE * limit)
        return min(lefts, default=None)


def _own_group(root: Path) -> Path:
    """The folder of our control group: in a container it is the top one, under systemd one below."""
    top = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        if line.startswith("0::/"):
            own = top / line.removeprefix("0::/").strip()
            return own if own.is_dir() else top
    return top


def _quota(group: Path) -> float | None:
    """Processors that the control group may use; None without a bound."""
    words = next(iter(_lines(group / "cpu.max")), "").split()
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0].isdigit() else None  # noqa: PLR2004


def _number(file: Path) -> int | None:
    text = next(iter(_lines(file)), "").strip()
    return int(text) if text.isdigit() else None


def _named(file: Path) -> dict[str, int]:
    rows = (line.split() for line in _lines(file))
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("ascii", "replace").splitlines()
    except OSError:
        return []
