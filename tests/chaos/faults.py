"""The faults: at named points, and at any moment."""

import random
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator

import msgspec
from mill import PAUSE, Mill, children, send
from points import ACTIONS, POINTS

ARMED = 6
"""Points that wait to be passed at a time."""

_CAUSES: list[tuple[str, tuple[str, ...]]] = [
    ("stop_worker", ("worker.teardown", "worker.register_death")),
    ("kill_pool", ("pool.store.open",)),
    ("kill_horse", ("worker.store.mark", "worker.forget")),
    ("pause_producers", ("horse.store.adopt", "horse.store.take", "worker.store.take")),
    (
        "kill_worker",
        ("pool.", "worker.born", "worker.bootstrap", "worker.store.open", "worker.register_birth", "worker.clean",
         "worker.store.forget_consumers"),
    ),
]  # fmt: skip
"""What brings a mill to points that it seldom passes."""

_AT_RANDOM = {
    "kill_horse": 10, "kill_worker": 6, "kill_pool": 2, "kill_producer": 4, "kill_worker_and_horse": 4,
    "kill_server": 1, "shut_down_server": 1, "cut_at_a_byte": 8, "cut_all": 2, "refuse": 1, "hang": 1,
    "pause_worker_and_horse": 2, "pause_worker": 1, "pause_horse": 1, "stop_worker": 2, "stop_pool": 1,
    "flush_scripts": 1,
}  # fmt: skip


_LATE = "horse.store.commit_and_take:before"


class Armed(msgspec.Struct):
    """A point that waits to be passed, since when, and behind how many hits."""

    action: str
    since: float
    hits: int
    caused: bool = False


class Faults:
    """What goes wrong with a mill, by chance. Where the mill makes no headway, nothing more is done to it."""

    def __init__(self, mill: Mill, rng: random.Random) -> None:
        self._mill = mill
        self._rng = rng
        self._late_at = 0.0
        self.resting = False
        """No more faults at random."""
        self._moved: dict[Callable[[], bool], int] = {}
        self.untried = self._rng.sample(list(_AT_RANDOM), k=len(_AT_RANDOM))
        """Kinds of faults at random that were not done yet: they come first."""

    # At named points

    def at_points(self, deck: "deque[tuple[str, str]]", *, patience: float) -> Iterator[int]:
        """Keep some points of the deck armed until all were passed; yields how many are left, at each step.

        One that nobody passed for so many seconds goes back under the deck.
        """
        armed: dict[str, Armed] = {}
        while deck or armed:
            self._settle_up(armed, deck, patience)
            if deck and len(armed) < ARMED and deck[0][0] not in armed:
                point, action = deck[0]
                if self._mill.board.arm(point, action, 1 if _cause_of(point) else self._rng.choice([1, 1, 2, 5])):
                    armed[point] = Armed(action, time.monotonic(), len(self._mill.hits))
                    deck.popleft()
            yield len(deck) + len(armed)

    def _settle_up(self, armed: dict[str, Armed], deck: "deque[tuple[str, str]]", patience: float) -> None:
        for point, one in list(armed.items()):
            age = time.monotonic() - one.since
            if any(hit.point == point for hit in self._mill.hits[one.hits :]):
                del armed[point]
            elif age > patience and self._mill.board.disarm(point):
                del armed[point]
                deck.append((point, one.action))
            elif age > 0.5 and not one.caused and (cause := _cause_of(point)):
                one.caused = self._if_moving(getattr(self, cause))

    def be_late(self) -> None:
        """Now and then: worker and horse stop just before a commit, for others to take over what they hold."""
        if time.monotonic() >= self._late_at and self._mill.board.arm(_LATE, "stop-both", 1):
            self._late_at = time.monotonic() + 1.5 * PAUSE

    # At any moment

    def strike(self) -> bool:
        """One fault, chosen by chance; False where the mill has not settled a page since the last one."""
        return not self.resting and self._if_moving(self._strike)

    def _strike(self) -> bool:
        if self.untried:
            done = bool(getattr(self, self.untried[0])())
            self.untried = self.untried[1:] if done else self.untried[1:] + self.untried[:1]
            return done
        (name,) = self._rng.choices(list(_AT_RANDOM), list(_AT_RANDOM.values()))
        return bool(getattr(self, name)())

    def _if_moving(self, fault: Callable[[], bool]) -> bool:
        settled = self._mill.settled()
        if settled <= self._moved.get(fault, 0) or not fault():
            return False
        self._moved[fault] = settled
        return True

    # Each answers whether it could be done.

    def kill_horse(self) -> bool:
        return self._kill("horse", self._mill.horses())

    def kill_worker(self) -> bool:
        return self._kill("worker", self._mill.workers())

    def kill_pool(self) -> bool:
        return self._kill("pool", self._mill.pools())

    def kill_producer(self) -> bool:
        return self._kill("producer", self._mill.producers())

    def kill_worker_and_horse(self) -> bool:
        """As when a container goes."""
        (worker,) = self._one_of([worker for worker in self._mill.workers() if children(worker)]) or (0,)
        return bool(worker) and self._kill("horse", children(worker)) and self._kill("worker", [worker])

    def kill_server(self) -> bool:
        self._mill.kills["server"] += 1
        self._mill.server.kill()
        return self._start_server_later()

    def shut_down_server(self) -> bool:
        self._mill.others["server shut down"] += 1
        self._mill.server.shut_down()
        return self._start_server_later()

    def _start_server_later(self) -> bool:
        def start() -> None:
            self._mill.server.start()
            self._mill.down = False

        self._mill.down = True
        self._mill.later(self._rng.uniform(0.1, 1), start)
        return True

    def cut_at_a_byte(self) -> bool:
        """Anywhere in a request; or in its reply, so that nobody learns what was done."""
        self._mill.others["connection cut at a byte"] += 1
        count = self._rng.choice([0, 1, self._rng.randrange(100), self._rng.randrange(20_000)])
        self._mill.proxy.cut_after(count, self._rng.choice(["requests", "replies"]))
        return True

    def cut_all(self) -> bool:
        self._mill.others["all connections cut"] += 1
        return self._mill.proxy.cut_all() > 0

    def refuse(self) -> bool:
        self._mill.others["server out of reach"] += 1
        self._mill.proxy.refuse()
        self._mill.later(self._rng.uniform(0.1, PAUSE), self._mill.proxy.accept)
        return True

    def hang(self) -> bool:
        self._mill.others["server hangs"] += 1
        self._mill.proxy.hang(self._rng.uniform(0.1, PAUSE))
        return True

    def pause_worker_and_horse(self) -> bool:
        (worker,) = self._one_of([worker for worker in self._mill.workers() if children(worker)]) or (0,)
        return bool(worker) and self._pause("worker and horse", [worker, *children(worker)])

    def pause_worker(self) -> bool:
        """Its horse goes on, and nobody renews its leases."""
        return self._pause("worker", self._one_of(self._mill.workers()))

    def pause_horse(self) -> bool:
        """Its worker renews its leases."""
        return self._pause("horse", self._one_of(self._mill.horses()))

    def pause_producers(self) -> bool:
        """So that the queues run dry."""
        return self._pause("producers", self._mill.producers())

    def stop_worker(self) -> bool:
        """SIGTERM, and now and then once more behind it."""
        pids = self._one_of(self._mill.workers())
        self._mill.others["SIGTERM to a worker"] += len(pids)
        send(signal.SIGTERM, *pids)
        if self._rng.random() < 0.3:
            self._mill.later(1.2, lambda: send(signal.SIGTERM, *pids))
        return bool(pids)

    def stop_pool(self) -> bool:
        pids = self._one_of(self._mill.pools())
        self._mill.others["SIGTERM to a pool"] += len(pids)
        send(signal.SIGTERM, *pids)
        return bool(pids)

    def flush_scripts(self) -> bool:
        self._mill.others["scripts flushed"] += 1
        return bool(self._mill.client.script_flush())

    def _pause(self, whom: str, pids: list[int]) -> bool:
        if pids:
            self._mill.others[f"{whom} paused"] += 1
            send(signal.SIGSTOP, *pids)
            self._mill.later(PAUSE, lambda: send(signal.SIGCONT, *pids))
        return bool(pids)

    def _kill(self, role: str, pids: list[int]) -> bool:
        pids = self._one_of(pids)
        self._mill.kills[role] += len(pids)
        send(signal.SIGKILL, *pids)
        return bool(pids)

    def _one_of(self, pids: list[int]) -> list[int]:
        return [self._rng.choice(pids)] if pids else []


def deal(rng: random.Random) -> "deque[tuple[str, str]]":
    """All points in any order, each with something to do there: to die, mostly."""
    deck = [(point, rng.choice(("kill", "kill", *ACTIONS[point.partition(".")[0]]))) for point in POINTS]
    rng.shuffle(deck)
    return deque(deck)


def _cause_of(point: str) -> str | None:
    return next((cause for cause, starts in _CAUSES if point.startswith(starts)), None)
