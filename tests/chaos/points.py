"""The named points of a page's life, at which a process of the mill kills itself or another when it is told to.

A point is `ROLE.OPERATION:PHASE`. Roles are pool, worker, horse and producer; phases are before, sent (the request
is on its way, and its answer not read) and after. `install` wraps production code in the test's own processes,
before they fork; production code knows nothing of it. A harness arms a point, by the `Board` that all share.
"""

import fcntl
import mmap
import os
import signal
import struct
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec
import redis.connection

import pagemill.push
import workers.drain
import workers.horses.hand
import workers.horses.inquest
import workers.milling
import workers.pool
import workers.store.redis_store
import workers.worker

_STORE = workers.store.redis_store.RedisStore
_HAND = workers.horses.hand.Hand
_INQUEST = workers.horses.inquest.Inquest
_WORKER = workers.worker.MillWorker
_POOL = workers.pool.MillPool

# Name, owner, attribute, and by role the phases that it has: before, sent, after.
_OPERATIONS: list[tuple[str, Any, str, dict[str, str]]] = [
    ("push", pagemill.push.QueueWriter, "_add", {"producer": "bsa"}),
    ("start_worker", _POOL, "start_worker", {"pool": "ba"}),
    ("handle_dead_worker", _POOL, "handle_dead_worker", {"pool": "ba"}),
    ("born", workers.pool, "die_with", {"worker": "ba"}),
    ("bootstrap", _WORKER, "bootstrap", {"worker": "ba"}),
    ("store.open", _STORE, "open", {"pool": "bsa", "worker": "bsa"}),
    ("register_birth", _WORKER, "register_birth", {"worker": "bsa"}),
    ("check_for_suspension", _WORKER, "check_for_suspension", {"worker": "bsa"}),
    ("clean", _INQUEST, "clean", {"worker": "ba"}),
    ("store.forget_consumers", _STORE, "forget_consumers", {"worker": "bsa"}),
    ("set_state", _WORKER, "set_state", {"worker": "bsa"}),
    ("heartbeat", _WORKER, "heartbeat", {"worker": "bsa"}),
    ("store.adopt", _STORE, "adopt", {"worker": "bsa", "horse": "bsa"}),
    ("store.take", _STORE, "take", {"worker": "bsa", "horse": "bsa"}),
    ("execute_job", _WORKER, "execute_job", {"worker": "ba"}),
    ("prepare_execution", _WORKER, "prepare_execution", {"worker": "bsa"}),
    ("fork_work_horse", _WORKER, "fork_work_horse", {"worker": "ba"}),
    ("main_work_horse", _WORKER, "main_work_horse", {"horse": "b"}),
    ("born", workers.worker, "die_with", {"horse": "ba"}),
    ("limit_memory", workers.worker, "limit_memory", {"horse": "ba"}),
    ("prepare_job_execution", _WORKER, "prepare_job_execution", {"horse": "bsa"}),
    ("hand.hold", _HAND, "hold", {"worker": "ba", "horse": "ba"}),
    ("hand.write_head", _HAND, "_write_head", {"horse": "ba"}),
    ("hand.work_on", _HAND, "work_on", {"horse": "ba"}),
    ("unpack", workers.drain, "unpack", {"horse": "ba"}),
    ("store.recall", _STORE, "recall", {"horse": "bsa"}),
    ("same_again", workers.drain, "same_again", {"horse": "ba"}),
    ("mill", workers.drain, "mill", {"horse": "ba"}),
    ("read_page", workers.milling, "read_page", {"horse": "ba"}),
    ("hand.beat", _HAND, "beat", {"horse": "ba"}),
    ("store.commit", _STORE, "commit", {"horse": "bsa", "worker": "bsa"}),
    ("store.commit_and_take", _STORE, "commit_and_take", {"horse": "bsa"}),
    ("hand.settled", _HAND, "settled", {"horse": "ba"}),
    ("handle_job_success", _WORKER, "handle_job_success", {"horse": "bsa"}),
    ("monitor_work_horse", _WORKER, "monitor_work_horse", {"worker": "ba"}),
    ("hand.look", _HAND, "look", {"worker": "ba"}),
    ("store.renew", _STORE, "renew", {"worker": "bsa"}),
    ("maintain_heartbeats", _WORKER, "maintain_heartbeats", {"worker": "bsa"}),
    ("forget", _WORKER, "_forget", {"worker": "bsa"}),
    ("inquest", _INQUEST, "hold", {"worker": "ba"}),
    ("store.mark", _STORE, "mark", {"worker": "bsa"}),
    ("store.peek", _STORE, "peek", {"worker": "bsa"}),
    ("store.hand_back", _STORE, "hand_back", {"worker": "bsa"}),
    ("teardown", _WORKER, "teardown", {"worker": "ba"}),
    ("register_death", _WORKER, "register_death", {"worker": "bsa"}),
]
_PHASES = {"b": "before", "s": "sent", "a": "after"}

POINTS = tuple(
    f"{role}.{name}:{_PHASES[phase]}"
    for name, _, _, roles in _OPERATIONS
    for role, phases in roles.items()
    for phase in phases
)
"""All points, by and large in the order of a page's life."""

_NUMBERS = {point: number for number, point in enumerate(POINTS)}

ACTIONS = {
    "pool": ("kill", "stop"),
    "producer": ("kill", "stop"),
    "worker": ("kill", "kill-horse", "kill-parent", "stop", "stop-both"),
    "horse": ("kill", "kill-parent", "kill-both", "stop", "stop-both"),
}
"""By role, what is done at a point: to oneself, to one's horse, to one's parent, to two of them."""

_KINDS = sorted({action for actions in ACTIONS.values() for action in actions})

_SLOT = struct.Struct("<ii")  # action's number from 1 on, passes to go


class Hit(msgspec.Struct, frozen=True):
    """A point that was passed while it was armed, and what was done there by which process."""

    point: str
    action: str
    pid: int
    parent: int


class Board:
    """Where points are armed and hits are written down: two files, shared by harness and mill."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "points"
        self._hits = folder / "hits"
        self._births = folder / "births"
        if not self._path.exists():
            self._path.write_bytes(bytes(_SLOT.size * len(POINTS)))
        with self._path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def arm(self, point: str, action: str, passes: int) -> bool:
        """At the pass of that number, counted over all processes, from now on. False: try again."""
        return self._put(point, _KINDS.index(action) + 1, passes)

    def disarm(self, point: str) -> bool:
        """Nothing will happen there. False: try again."""
        return self._put(point, 0, 0)

    def _put(self, point: str, action: int, passes: int) -> bool:
        """Never waits: who has the lock may be stopped, and only the harness sets it going again."""
        with suppress(BlockingIOError), self._locked(fcntl.LOCK_NB):
            _SLOT.pack_into(self._map, self._at(point), action, passes)
            return True
        return False

    def passed(self, point: str) -> str | None:
        """A process is at this point: the action it has to take, for one process only."""
        at = self._at(point)
        if not _SLOT.unpack_from(self._map, at)[1]:
            return None
        with self._locked():
            action, left = _SLOT.unpack_from(self._map, at)
            if left <= 0:
                return None
            _SLOT.pack_into(self._map, at, action, left - 1)
            if left > 1:
                return None
            name = _KINDS[action - 1]
            _append(self._hits, Hit(point, name, os.getpid(), os.getppid()))
            return name

    def hits(self) -> list[Hit]:
        """All hits so far."""
        return _lines(self._hits, Hit)

    def born(self, role: str) -> None:
        """This process is one of the mill's from now on."""
        _append(self._births, (os.getpid(), started_at(os.getpid()), role))

    def survivors(self) -> list[tuple[int, str]]:
        """Processes of the mill that live: (process id, role)."""
        born = {(pid, since): role for pid, since, role in _lines(self._births, tuple[int, int, str])}
        return [(pid, role) for (pid, since), role in born.items() if started_at(pid) == since]

    def _at(self, point: str) -> int:
        return _NUMBERS[point] * _SLOT.size

    @contextmanager
    def _locked(self, more: int = 0) -> Any:
        with self._path.open("r+b") as file:  # a lock of this very process: a fork would share an open file's
            fcntl.lockf(file, fcntl.LOCK_EX | more)
            yield


def started_at(pid: int) -> int:
    """When a living process was started, in the kernel's ticks; -1 for one that is dead."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return -1
    return -1 if told[0] in "ZX" else int(told[19])


def _append(path: Path, line: Any) -> None:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, msgspec.json.encode(line) + b"\n")
    os.close(file)


def _lines(path: Path, kind: Any) -> list[Any]:
    whole = path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""  # the last may be half written
    return [msgspec.json.decode(line, type=kind) for line in whole.splitlines()]


class _Process:
    """What the hook knows of the process that it runs in."""

    board: Board
    role = ""
    parent = 0
    worker: Any = None
    doing = threading.local()  # RQ's worker listens for commands on a thread of its own


def install(folder: Path, role: str) -> None:
    """Have this process, and those that it forks, pass the points. It has a role of its own from now on."""
    _Process.board = Board(folder)
    _become(role)
    for name, owner, attribute, _ in _OPERATIONS:
        setattr(owner, attribute, _wrapped(name, getattr(owner, attribute)))
    workers.pool.die_with = _entered("worker", workers.pool.die_with)
    _WORKER.main_work_horse = _entered("horse", _WORKER.main_work_horse)
    connection = redis.connection.AbstractConnection
    connection.send_packed_command = _sending(connection.send_packed_command)
    _WORKER.bootstrap = _remembered(_WORKER.bootstrap)


def _become(role: str) -> None:
    _Process.role, _Process.parent = role, os.getppid()
    _Process.doing.stack = []
    _Process.board.born(role)


def _entered(role: str, call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def entered(*args: Any, **kwargs: Any) -> Any:
        _become(role)
        return call(*args, **kwargs)

    return entered


def _remembered(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def remembered(worker: Any, *args: Any, **kwargs: Any) -> Any:
        _Process.worker = worker
        return call(worker, *args, **kwargs)

    return remembered


def _wrapped(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        _pass(name, "before")
        stack = getattr(_Process.doing, "stack", [])
        stack.append(name)
        try:
            return call(*args, **kwargs)
        finally:
            stack.pop()
            _pass(name, "after")

    return wrapped


def _sending(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def send(*args: Any, **kwargs: Any) -> Any:
        sent = call(*args, **kwargs)
        if stack := getattr(_Process.doing, "stack", None):
            _pass(stack[-1], "sent")
        return sent

    return send


def _pass(name: str, phase: str) -> None:
    point = f"{_Process.role}.{name}:{phase}"
    if point in _NUMBERS and (action := _Process.board.passed(point)):
        _act(action)


def _act(action: str) -> None:
    """Do it; where there is no horse or no parent to do it to, to oneself."""
    number = signal.SIGSTOP if action.startswith("stop") else signal.SIGKILL
    horse = _Process.worker.horse_pid if _Process.role == "worker" and _Process.worker else 0
    parent = _Process.parent if os.getppid() == _Process.parent else 0  # or it is gone, and we are somebody else's
    whom = action.partition("-")[2]
    other = {"": 0, "parent": parent, "both": horse or parent, "horse": horse}[whom]
    if other:
        os.kill(other, number)
    if not other or whom == "both":
        os.kill(os.getpid(), number)
