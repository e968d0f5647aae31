"""Orphans: how long until the pages of a worker that was killed are settled, with the default settings.

    python benchmarks/orphans.py [--kills 50] [--pools 10] [--victim worker|horse]

Many mills at once, each with a prefix of its own on one server and a pool of two workers. Each page takes 50 ms
(asleep, so that the machine is not what is measured). At a random moment one worker, or its horse, gets SIGKILL;
the clock stops when no page that it held then is left on the queue.
"""

import argparse
import os
import random
import signal
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from forked_pool import start_pool

from pagemill import RawPage
from pagemill.keys import GROUP
from pipeline import process, warm_up
from workers.connection import connect
from workers.embedded import embedded_server
from workers.settings import Settings

NAP = 0.05
"""Seconds that a page takes."""

PUSHED = 20
"""Pages that wait on each queue, and are pushed again as they go: a batch's worth in hand, and no deep backlog."""

_milled = process


def nap(page: RawPage, options: object) -> object:
    """A page's work."""
    time.sleep(NAP)
    return _milled(page, options)  # type: ignore[arg-type]


class Mill:
    """One mill, and what is done to it."""

    def __init__(self, url: str, number: int) -> None:
        self.settings = Settings(redis_url=url, prefix=f"mill{number}", log_level="error")
        self.client = connect(url)
        self.key = self.settings.keys.pages("default")
        self.pid = start_pool(self.settings, nap)
        self._pushed = 0

    def kills(self, count: int, victim: str) -> list[float]:
        """Kill so often; answers the seconds until what was held then was settled."""
        return [self._kill(victim) for _ in range(count)]

    def _kill(self, victim: str) -> float:
        until = time.monotonic() + random.uniform(3, 13)  # all phases of a claim and of a lease
        while time.monotonic() < until:
            self._refill()
            time.sleep(0.1)
        while not (found := self._holder(victim)):
            self._refill()
            time.sleep(0.1)
        pid, held = found
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        while any(self.client.xrange(self.key, entry, entry) for entry in held):
            self._refill()
            time.sleep(0.05)
        return time.monotonic() - began

    def _refill(self) -> None:
        for _ in range(PUSHED - self.client.xlen(self.key)):  # type: ignore[operator]
            self._pushed += 1
            body = f"<h1>Story {self._pushed}</h1><p>" + f"Wheel {self._pushed} turned and stone fell. " * 5
            url = f"https://{self.settings.prefix}.example/{self._pushed}"
            self.client.xadd(self.key, {"url": url, "body": body})

    def _holder(self, victim: str) -> tuple[int, list[bytes]] | None:
        """A worker (or its horse) that holds pages, and what it holds."""
        for worker in children(self.pid):
            name = self._name_of(worker)
            for one in self.client.xinfo_consumers(self.key, GROUP):
                consumer = one["name"].decode()
                if not name or not consumer.startswith(f"{name}.") or not one["pending"]:
                    continue
                pending = self.client.xpending_range(self.key, GROUP, "-", "+", 1_000, consumer)
                pids = [worker] if victim == "worker" else children(worker)
                if pids and pending:
                    return pids[0], [entry["message_id"] for entry in pending]
        return None

    def _name_of(self, pid: int) -> str:
        for key in self.client.smembers("rq:workers"):  # type: ignore[union-attr]
            if self.client.hget(key, "pid") == str(pid).encode():
                return key.decode().removeprefix("rq:worker:")
        return ""


def children(pid: int) -> list[int]:
    """Processes below one; /proc tells."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in told.read_text().split()] if told.exists() else []


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--pools", type=int, default=10)
    parser.add_argument("--victim", choices=["worker", "horse"], default="worker")
    given = parser.parse_args()
    warm_up()
    with embedded_server() as server:
        mills = [Mill(server.url, number) for number in range(given.pools)]
        try:
            with ThreadPoolExecutor(given.pools) as threads:
                each = [given.kills // given.pools + (i < given.kills % given.pools) for i in range(given.pools)]
                runs = [threads.submit(mill.kills, n, given.victim) for mill, n in zip(mills, each, strict=True)]
                took = sorted(seconds for run in runs for seconds in run.result())
        finally:
            for mill in mills:
                os.kill(mill.pid, signal.SIGTERM)
            for mill in mills:
                os.waitpid(mill.pid, 0)
        print(
            f"{len(took)} times SIGKILL on a {given.victim}, its pages settled after: "
            f"p50 {statistics.median(took):.1f} s, p90 {took[int(len(took) * 0.9)]:.1f} s, worst {took[-1]:.1f} s"
        )


if __name__ == "__main__":
    main()
