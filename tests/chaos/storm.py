"""The storm: a whole mill at work, and everything that can go wrong with it going wrong.

    python tests/chaos/storm.py --kills 1000 [--seed N]

Pages are pushed by producers into three queues and milled by pools of workers on a real server, behind a proxy.
Processes are killed at named points and at random, paused and stopped, connections cut, the server killed and
restarted. At the end all is left alone, and `close` reads what came of it.
"""

import multiprocessing
import os
import random
import signal
import sys
import time
from argparse import ArgumentParser
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from feed import QUEUES, Planned, plan
from points import ACTIONS, POINTS, Board
from proxy import Proxy
from reckoning import Account, Figures, figures, problems, read_account
from remains import after_a_while, key_problems
from roles import pushes, run_pool, run_producer
from server import Server

from workers.connection import connect
from workers.redis_store import RedisStore
from workers.settings import Settings

LEASE = 1.0
PAUSE = 2.5 * LEASE
"""Seconds: beyond every lease."""

ARMED = 6
"""Points that wait to be passed at a time."""

PATIENCE = 120.0

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


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a storm came to."""

    seed: int
    seconds: float
    kills: Mapping[str, int]
    """SIGKILLs, by whom they met; those at points too."""

    others: Mapping[str, int]
    """Other faults."""

    hits: Mapping[str, int]
    figures: Figures
    problems: list[str]

    @property
    def missed(self) -> list[str]:
        """Points at which nothing happened."""
        return [point for point in POINTS if not self.hits.get(point)]


class Storm:
    """A mill of `pools` pools of two workers each, and two producers, in a folder of its own."""

    def __init__(self, folder: Path, seed: int, *, pools: int = 2) -> None:
        self.seed, self._folder = seed, folder
        self._rng = random.Random(seed)
        self._board = Board(folder)
        self.server = Server(folder)
        self._proxy = Proxy(self.server.url)
        self._proxy.__enter__()
        self._client = connect(self.server.url, tries=10)
        self._settings = Settings(
            redis_url=self._proxy.url, workers=2, queues=QUEUES, lease_seconds=LEASE, claim_seconds=1, batch_pages=8,
            page_seconds=1, horse_limit_mb=200, settled_limit=10_000_000, records_limit=10_000_000, log_format="json",
        )  # fmt: skip
        self._fork = multiprocessing.get_context("forkserver")
        self._fork.set_forkserver_preload(["roles"])
        self._pools: list[Any] = [None] * pools
        self._producers: list[Any] = [None] * 2
        self._born = 0
        self._later: list[tuple[float, Callable[[], object]]] = []
        self._down = False
        self._seen = 0
        self.kills: Counter[str] = Counter()
        self.others: Counter[str] = Counter()
        self._began = time.monotonic()

    # The mill

    def tend(self, *, producing: bool = True) -> None:
        """What its operators do: start again what ended; and what is due."""
        now = time.monotonic()
        due = [call for at, call in self._later if at <= now]
        self._later = [one for one in self._later if one[0] > now]
        for call in due:
            call()
        self._see_hits()
        if self._down:
            return
        for i, pool in enumerate(self._pools):
            if pool is None or not pool.is_alive():
                queues = QUEUES if i % 2 == 0 else QUEUES[::-1]
                settings = msgspec.structs.replace(self._settings, queues=queues)
                self._pools[i] = self._start(run_pool, settings, self._folder)
        for i, producer in enumerate(self._producers if producing else ()):
            if producer is None or not producer.is_alive():
                self._born += 1
                self._producers[i] = self._start(
                    run_producer, self._proxy.url, self._folder, self._born, self.seed
                )

    def await_work(self) -> None:
        """Until pages are settled."""
        while not self.settled():
            self.tend()
            time.sleep(0.02)
        print(f"{time.monotonic()-self._began:.0f}s working", file=sys.stderr, flush=True)

    def _start(self, target: Callable[..., object], *args: object) -> Any:
        process = self._fork.Process(target=target, args=args)
        process.start()
        return process

    def workers(self) -> list[int]:
        """The workers' process ids."""
        return [pid for pool in self._pools if pool for pid in _children(pool.pid)]

    def horses(self) -> list[int]:
        """The horses' process ids."""
        return [pid for worker in self.workers() for pid in _children(worker)]

    def settled(self) -> int:
        """Pages with an outcome."""
        return self._client.xlen(self._settings.keys.settled) if not self._down else 0

    def _see_hits(self) -> None:
        hits = self._board.hits()
        for hit in hits[self._seen :]:
            role = hit.point.partition(".")[0]
            if hit.action.startswith("stop"):
                self.others["pause at a point"] += 1
                self._at(PAUSE, lambda hit=hit: _continue([hit.pid, hit.parent, *_children(hit.pid)]))
            else:
                self.kills[f"{role} at a point: {hit.action}"] += 1
        self._seen = len(hits)

    def _at(self, seconds: float, call: Callable[[], object]) -> None:
        self._later.append((time.monotonic() + seconds, call))

    # Faults at named points

    def arm_from(self, deck: "deque[tuple[str, str]]", seconds: float) -> Iterator[None]:
        """Keep some points armed until the deck is dealt and all were passed; yields at each step.

        One that nobody passed goes back under the deck after so many seconds.
        """
        armed: dict[str, tuple[str, float, bool]] = {}
        while deck or armed:
            hit = {one.point for one in self._board.hits()[self._seen_at_arm :]} if armed else set()
            for point, (action, since, caused) in list(armed.items()):
                age = time.monotonic() - since
                if point in hit:
                    del armed[point]
                elif age > seconds:
                    del armed[point]
                    if self._board.disarm(point):
                        deck.append((point, action))
                elif age > 0.5 and not caused:
                    self._cause(point)
                    armed[point] = (action, since, True)
            if deck and len(armed) < ARMED and deck[0][0] not in armed:
                point, action = deck.popleft()
                if not armed:
                    self._seen_at_arm = len(self._board.hits())
                self._board.arm(point, action, 1 if _cause_of(point) else self._rng.choice([1, 1, 2, 5]))
                armed[point] = (action, time.monotonic(), False)
            if time.monotonic() - self._told > 5:
                self._told = time.monotonic()
                print(f"{time.monotonic()-self._began:.0f}s left {len(deck)} settled {self.settled()} armed {[(p, round(time.monotonic()-v[1],1)) for p, v in armed.items()]} kills {self.kills.total()} others {self.others.total()}", file=sys.stderr, flush=True)
            yield

    _seen_at_arm = 0
    _told = 0.0

    def _cause(self, point: str) -> None:
        if cause := _cause_of(point):
            getattr(self, cause)()

    # Faults at any moment

    def strike(self) -> None:
        """One fault, chosen by chance."""
        (name,) = self._rng.choices(list(_AT_RANDOM), list(_AT_RANDOM.values()))
        getattr(self, name)()

    def kill_horse(self) -> None:
        self._kill("horse", self.horses())

    def kill_worker(self) -> None:
        self._kill("worker", self.workers())

    def kill_pool(self) -> None:
        self._kill("pool", [pool.pid for pool in self._pools if pool and pool.is_alive()])

    def kill_producer(self) -> None:
        self._kill("producer", [one.pid for one in self._producers if one and one.is_alive()])

    def kill_worker_and_horse(self) -> None:
        """As when the kernel makes room, or a container goes."""
        if worker := self._any(self.workers()):
            self._kill("horse", _children(worker))
            self._kill("worker", [worker])

    def kill_server(self) -> None:
        if not self._down:
            self.server.kill()
            self.kills["server"] += 1
            self._restart_later()

    def shut_down_server(self) -> None:
        if not self._down:
            self.server.shut_down()
            self.others["server shut down"] += 1
            self._restart_later()

    def _restart_later(self) -> None:
        self._down = True
        self._at(self._rng.uniform(0.1, 1), self._restart)

    def _restart(self) -> None:
        self.server.start()
        self._down = False

    def cut_at_a_byte(self) -> None:
        """Anywhere in a request; or in its reply, so that nobody learns what was done."""
        self.others["connection cut at a byte"] += 1
        direction = self._rng.choice(["requests", "replies"])
        self._proxy.cut_after(self._rng.choice([0, 1, self._rng.randrange(100), self._rng.randrange(20_000)]), direction)

    def cut_all(self) -> None:
        self.others["all connections cut"] += 1
        self._proxy.cut_all()

    def refuse(self) -> None:
        self.others["server out of reach"] += 1
        self._proxy.refuse()
        self._at(self._rng.uniform(0.1, PAUSE), self._proxy.accept)

    def hang(self) -> None:
        self.others["server hangs"] += 1
        self._proxy.hang(self._rng.uniform(0.1, PAUSE))

    def pause_worker_and_horse(self) -> None:
        if worker := self._any(self.workers()):
            self._pause("worker and horse paused", [worker, *_children(worker)])

    def pause_worker(self) -> None:
        """Its horse goes on without renewed leases."""
        self._pause("worker paused", self._any_of(self.workers()))

    def pause_horse(self) -> None:
        self._pause("horse paused", self._any_of(self.horses()))

    def pause_producers(self) -> None:
        """So that the queues run dry."""
        self._pause("producers paused", [one.pid for one in self._producers if one and one.is_alive()])

    def _pause(self, name: str, pids: list[int]) -> None:
        if pids:
            self.others[name] += 1
            _signal(pids, signal.SIGSTOP)
            self._at(PAUSE, lambda: _continue(pids))

    def stop_worker(self) -> None:
        """SIGTERM, and now and then once more behind it."""
        if pids := self._any_of(self.workers()):
            self.others["SIGTERM to a worker"] += 1
            _signal(pids, signal.SIGTERM)
            if self._rng.random() < 0.3:
                self._at(1.2, lambda: _signal(pids, signal.SIGTERM))

    def stop_pool(self) -> None:
        self.others["SIGTERM to a pool"] += 1
        _signal(self._any_of([pool.pid for pool in self._pools if pool and pool.is_alive()]), signal.SIGTERM)

    def flush_scripts(self) -> None:
        if not self._down:
            self.others["scripts flushed"] += 1
            self._client.script_flush()

    def _kill(self, role: str, pids: list[int]) -> None:
        if pid := self._any(pids):
            self.kills[role] += 1
            _signal([pid], signal.SIGKILL)

    def _any(self, pids: list[int]) -> int:
        return self._rng.choice(pids) if pids else 0

    def _any_of(self, pids: list[int]) -> list[int]:
        return [self._rng.choice(pids)] if pids else []

    # The end

    def close(self) -> Report:
        """Leave all in peace until everything is settled; stop, and reckon."""
        found = self._calm()
        for pool in self._pools:
            _signal([pool.pid], signal.SIGTERM)
            pool.join(PATIENCE)
            if pool.exitcode != 0:
                found.append(f"a pool ended with {pool.exitcode}")
        after_a_while(self._client)
        found += self._tidy_up()
        account = read_account(self._client, self._settings, pushes(self._folder))
        planned = self._planned(account)
        found += problems(account, planned) + key_problems(self._client, self._settings)
        found += [f"a {role} outlived the mill: process {pid}" for pid, role in self._board.survivors()]
        return Report(
            seed=self.seed,
            seconds=round(time.monotonic() - self._began, 1),
            kills=self.kills,
            others=self.others,
            hits=Counter(hit.point for hit in self._board.hits()),
            figures=figures(account, planned),
            problems=found,
        )

    def _calm(self) -> list[str]:
        """Everybody goes on, nobody pushes, until nothing waits."""
        for point in POINTS:
            self._board.disarm(point)
        while self._later:
            self.tend(producing=False)
            time.sleep(0.02)
        self._proxy.disarm()
        self._proxy.go_on()
        for producer in self._producers:
            if producer:
                producer.kill()
                producer.join()
        store = RedisStore(self._client, self._settings)
        deadline = time.monotonic() + PATIENCE
        while any(queue.waiting or queue.running for queue in store.ledger().queues):
            self.tend(producing=False)
            time.sleep(0.1)
            if time.monotonic() > deadline:
                return [f"not all is settled after {PATIENCE:.0f} s in peace: {store.ledger().queues}"]
        return []

    def _tidy_up(self) -> list[str]:
        """A pool that comes later takes out of the books what the dead left there."""
        known = set(self._client.smembers("rq:workers"))
        self._pools = self._pools[:1]
        self.tend(producing=False)
        deadline = time.monotonic() + PATIENCE
        while len(set(self._client.smembers("rq:workers")) - known) < self._settings.workers:
            time.sleep(0.05)
            if time.monotonic() > deadline:
                return ["a new pool does not start"]
        time.sleep(1)
        _signal([self._pools[0].pid], signal.SIGTERM)
        self._pools[0].join(PATIENCE)
        return []

    def _planned(self, account: Account) -> dict[str, Planned]:
        ids = account.tried.keys() | account.settled.keys() | account.dead.keys()
        return {id_: plan(self.seed, *map(int, id_.split("-"))) for id_ in ids}

    def end(self) -> None:
        """Whatever happened, leave nothing behind."""
        for process in (*self._pools, *self._producers):
            if process:
                process.kill()
                process.join()
        self._client.close()
        self._proxy.__exit__()
        self.server.kill()


@contextmanager
def storm(seed: int, *, pools: int = 2) -> Iterator[Storm]:
    """A mill in a temporary folder; what its processes said is shown when it fails."""
    with TemporaryDirectory(prefix="mill-") as folder:  # a socket's path must be short
        one = Storm(Path(folder), seed, pools=pools)
        try:
            yield one
        except BaseException:
            for log in Path(folder).glob("*.log"):
                sys.stderr.write(f"--- the end of {log.name}\n{log.read_text('utf-8', 'replace')[-20_000:]}\n")
            raise
        finally:
            one.end()


def deal(rng: random.Random) -> "deque[tuple[str, str]]":
    """All points in any order, each with something to do there: to die, mostly."""
    deck = [(point, rng.choice(("kill", *ACTIONS[point.partition(".")[0]]))) for point in POINTS]
    rng.shuffle(deck)
    return deque(deck)


def _cause_of(point: str) -> str | None:
    return next((cause for cause, starts in _CAUSES if point.startswith(starts)), None)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _continue(pids: list[int]) -> None:
    _signal(pids, signal.SIGCONT)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def cover(seed: int) -> Report:
    """One fault at each named point, and others at random meanwhile."""
    with storm(seed) as one:
        one.await_work()
        rng = random.Random(f"{seed}/cover")
        next_at = time.monotonic() + 3
        for _ in one.arm_from(deal(rng), 5):
            one.tend()
            if time.monotonic() >= next_at:
                one.strike()
                next_at = time.monotonic() + rng.expovariate(1 / 3)
            time.sleep(0.02)
        return one.close()


def rage(seed: int, kills: int) -> Report:
    """So many kills, at points and at random, as long as it takes."""
    with storm(seed) as one:
        one.await_work()
        rng = random.Random(f"{seed}/rage")
        next_at = time.monotonic() + 3
        dealing = iter(())
        while one.kills.total() < kills:
            one.tend()
            if next(dealing, "done") == "done":
                dealing = one.arm_from(deal(rng), 10)
            if time.monotonic() >= next_at:
                one.strike()
                next_at = time.monotonic() + rng.expovariate(3)
            time.sleep(0.02)
        return one.close()


def main() -> None:
    """The long form; exits with 1 when a promise was broken."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--cover", action="store_true", help="the short form: one fault at each named point")
    given = parser.parse_args()
    report = cover(given.seed) if given.cover else rage(given.seed, given.kills)
    sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(report)).decode()}\n")
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
