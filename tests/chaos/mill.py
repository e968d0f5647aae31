"""The mill under test: a server behind a proxy, pools, producers, and what its operators do for it."""

import multiprocessing
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from feed import QUEUES, Planned, plan
from points import POINTS, Board, Hit
from proxy import Proxy
from reckoning import Account, problems, read_account
from remains import after_a_while, key_problems
from roles import pushes, run_pool, run_producer
from server import Server

from workers.connection import connect
from workers.settings import Settings
from workers.store.redis_store import RedisStore

LEASE = 1.0
PAUSE = 4 * LEASE
"""Seconds: beyond every lease, and the second after which others look for what it held."""

PATIENCE = 120.0


class Mill:
    """`pools` pools of two workers each and two producers, on a server in a folder. Counts what was done to it.

    One strike is enough to die of, so that each one that falls on an innocent page is seen.
    """

    def __init__(self, folder: Path, seed: int, *, pools: int = 2) -> None:
        self.seed, self._folder = seed, folder
        self.board = Board(folder)
        self.server = Server(folder)
        self.proxy = Proxy(self.server.url)
        self.proxy.__enter__()
        self.client = connect(self.server.url, tries=10)
        # A storm kills a thousand times as often as a bad day: with 5 lonely deaths one page of 8,880 met them all.
        self._settings = Settings(
            redis_url=self.proxy.url, workers=2, queues=QUEUES, lease_seconds=LEASE, claim_seconds=1, batch_pages=8,
            page_seconds=3, lonely_deaths=10, horse_limit_mb=200, strikes=1, settled_limit=10_000_000,
            records_limit=10_000_000, log_format="json",
        )  # fmt: skip
        self._fork = multiprocessing.get_context("forkserver")
        self._fork.set_forkserver_preload(["roles"])
        self._pools: list[Any] = [None] * pools
        self._producers: list[Any] = [None] * 2
        self._born = 0
        self._later: list[tuple[float, Callable[[], object]]] = []
        self.down = False
        self.began = time.monotonic()
        self.hits: list[Hit] = []
        self.kills: Counter[str] = Counter()
        self.others: Counter[str] = Counter()

    # At work

    def tend(self, *, producing: bool = True) -> None:
        """Do what is due, and start again what ended."""
        now = time.monotonic()
        due = [call for at, call in self._later if at <= now]
        self._later = [one for one in self._later if one[0] > now]
        for call in due:
            call()
        self._see_hits()
        if self.down:
            return
        for i, pool in enumerate(self._pools):
            if pool is None or not pool.is_alive():
                queues = QUEUES if i % 2 == 0 else QUEUES[::-1]
                settings = msgspec.structs.replace(self._settings, queues=queues)
                self._pools[i] = self._start(run_pool, settings, self._folder)
        for i, producer in enumerate(self._producers if producing else ()):
            if producer is None or not producer.is_alive():
                self._born += 1
                given = (self.proxy.url, self._folder, self._born, self.seed)
                self._producers[i] = self._start(run_producer, *given)

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """`tend` calls it when so many seconds have passed."""
        self._later.append((time.monotonic() + seconds, call))

    def pools(self) -> list[int]:
        """The pools' process ids."""
        return [pool.pid for pool in self._pools if pool and pool.is_alive()]

    def producers(self) -> list[int]:
        """The producers' process ids."""
        return [one.pid for one in self._producers if one and one.is_alive()]

    def workers(self) -> list[int]:
        """The workers' process ids."""
        return [pid for pool in self.pools() for pid in children(pool)]

    def horses(self) -> list[int]:
        """The horses' process ids."""
        return [pid for worker in self.workers() for pid in children(worker)]

    def settled(self) -> int:
        """Pages with an outcome; 0 while the server is down."""
        return 0 if self.down else int(self.client.xlen(self._settings.keys.settled))

    def late_results(self) -> int:
        """Pages that somebody milled whose lease another had taken over, and had settled: they were dropped."""
        log = self._folder / "pools.log"
        return sum(int(found[1]) for found in re.finditer(r'"gone": (\d+)', log.read_text("utf-8", "replace")))

    def _start(self, target: Callable[..., object], *args: object) -> Any:
        process = self._fork.Process(target=target, args=args)
        process.start()
        return process

    def _see_hits(self) -> None:
        hits = self.board.hits()
        for hit in hits[len(self.hits) :]:
            if hit.action.startswith("stop"):
                self.others["pause at a point"] += 1
                self.later(PAUSE, lambda hit=hit: send(signal.SIGCONT, hit.pid, hit.parent, *children(hit.pid)))
            else:
                self.kills[f"{hit.point.partition('.')[0]} at a point: {hit.action}"] += 1
        self.hits = hits

    # The end

    def close(self) -> tuple[Account, dict[str, Planned], list[str]]:
        """Leave all in peace until everything is settled, stop, and read the books: (account, pages, problems)."""
        found = self._calm()
        for pool in self._pools:
            send(signal.SIGTERM, pool.pid)
            pool.join(PATIENCE)
            if pool.exitcode != 0:
                found.append(f"a pool ended with {pool.exitcode}")
        after_a_while(self.client)
        found += self._tidy_up()
        account = read_account(self.client, self._settings, pushes(self._folder))
        ids = account.tried.keys() | account.settled.keys() | account.dead.keys()
        planned = {id_: plan(self.seed, *map(int, id_.split("-"))) for id_ in ids}
        found += problems(account, planned) + key_problems(self.client, self._settings)
        found += [f"a {role} outlived the mill: process {pid}" for pid, role in self.board.survivors()]
        return account, planned, found

    def _calm(self) -> list[str]:
        """Everybody goes on, nobody pushes, until nothing waits."""
        for point in POINTS:
            while not self.board.disarm(point):
                self.tend(producing=False)
        self.tend(producing=False)
        while self._later:
            self.tend(producing=False)
            time.sleep(0.02)
        self.proxy.disarm()
        self.proxy.go_on()
        for producer in self._producers:
            if producer:
                producer.kill()
                producer.join()
        store = RedisStore(self.client, self._settings)
        deadline = time.monotonic() + PATIENCE
        while any(queue.waiting or queue.running for queue in store.ledger().queues):
            self.tend(producing=False)
            time.sleep(0.1)
            if time.monotonic() > deadline:
                return [f"not all is settled after {PATIENCE:.0f} s in peace: {store.ledger().queues}"]
        return []

    def _tidy_up(self) -> list[str]:
        """A pool that comes later takes out of the books what the dead left there."""
        dead = set(self.client.smembers("rq:workers"))
        self._pools = self._pools[:1]
        self.tend(producing=False)
        deadline = time.monotonic() + PATIENCE
        while [self.client.hget(key, "state") for key in self.client.smembers("rq:workers") - dead] != [b"idle"] * 2:
            time.sleep(0.05)
            if time.monotonic() > deadline:
                return ["a new pool does not come to work"]
        send(signal.SIGTERM, self._pools[0].pid)
        self._pools[0].join(PATIENCE)
        return []

    def end(self) -> None:
        """Whatever happened, leave nothing behind."""
        for process in (*self._pools, *self._producers):
            if process:
                process.kill()
                process.join()
        self.client.close()
        self.proxy.__exit__()
        self.server.kill()


def children(pid: int) -> list[int]:
    """The children of a process."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def send(number: signal.Signals, *pids: int) -> None:
    """A signal to processes that may be gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
