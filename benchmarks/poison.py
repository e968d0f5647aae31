"""Poison: what pages that kill their process cost, beside the same pages without them.

    python benchmarks/poison.py [--pages 1000] [--rounds 3] [--page-seconds 2]

Two workers and the real pipeline; page_seconds as given, else the default settings. First a batch of 64 with one
poison page, a kind at a time; then so many pages with ten of mixed kinds among them. The time runs from the push,
to a pool that is at work, until every page has its outcome; for each run all poison must be dead, and nothing else.
Pages that hang cost page_seconds for each strike, whatever the mill does: told apart.
"""

import argparse
import ctypes
import os
import signal
import statistics
import sys
import time

from forked_pool import start_pool
from pages import make_page
from redis import Redis

from pagemill import RawPage
from pagemill.wire import encode
from pipeline import process, warm_up
from workers.connection import connect
from workers.embedded import embedded_server
from workers.settings import Settings
from workers.store.redis_store import RedisStore

KINDS = {
    "segfault": lambda: ctypes.string_at(0),
    "abort": os.abort,
    "exit": lambda: os._exit(0),
    "raise": lambda: 1 / 0,
    "memory": lambda: bytearray(1 << 46),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "spin": lambda: sum(range(10**15)),
    "block": lambda: os.read(os.pipe()[0], 1),
}
HANGS = ("spin", "block")
TEN = [*(kind for kind in KINDS if kind not in HANGS), "segfault", "abort", "raise", "exit"]

_milled = process


def poisonous(page: RawPage, options: object) -> object:
    """The pipeline, or what the page does to it."""
    if kill := KINDS.get(page.source or ""):
        kill()
    return _milled(page, options)  # type: ignore[arg-type]


class Bench:
    """One server with one pool, and pages that are pushed to it run after run."""

    def __init__(self, client: Redis, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._store = RedisStore(client, settings)
        self._number = 0

    def seconds(self, count: int, poison: list[str]) -> float:
        """Push so many pages, the poisonous ones spread among them; answers the seconds until all are settled."""
        places = {(i + 1) * count // (len(poison) + 1): kind for i, kind in enumerate(poison)}
        pages = []
        for i in range(count):
            self._number += 1
            pages.append(encode(make_page(self._number)) | ({"source": places[i]} if i in places else {}))
        settled, dead = self._settled(), self._store.ledger().dead
        began = time.monotonic()
        with self._client.pipeline(transaction=False) as pipe:
            for page in pages:
                pipe.xadd(self._settings.keys.pages("default"), page)  # type: ignore[arg-type]
            pipe.execute()
        while self._settled() < settled + count:
            time.sleep(0.05)
        took = time.monotonic() - began
        if self._store.ledger().dead - dead != len(poison):
            sys.exit(f"{poison}: {self._store.ledger().dead - dead} are dead")
        return took

    def _settled(self) -> int:
        return sum(self._store.ledger().outcomes.get("default", {}).values())


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page-seconds", type=float, default=2)
    given = parser.parse_args()
    warm_up()
    with embedded_server() as server:
        settings = Settings(redis_url=server.url, page_seconds=given.page_seconds, log_level="error")
        pool = start_pool(settings, poisonous)
        try:
            bench = Bench(connect(server.url), settings)
            bench.seconds(64, [])  # what is loaded only once
            tell("64 pages", [bench.seconds(64, []) for _ in range(given.rounds)])
            for kind in KINDS:
                hangs = f" (page_seconds {given.page_seconds:g})" if kind in HANGS else ""
                tell(f"with one that is {kind}{hangs}", [bench.seconds(64, [kind]) for _ in range(given.rounds)])
            runs = [(bench.seconds(given.pages, []), bench.seconds(given.pages, TEN)) for _ in range(given.rounds)]
            tell(f"{given.pages:,} pages", [without for without, _ in runs])
            tell(f"with ten ({', '.join(TEN)})", [with_ten for _, with_ten in runs])
            more = [*HANGS, *TEN[:8]]
            tell("with ten, two of which hang", [bench.seconds(given.pages, more) for _ in range(given.rounds)])
        finally:
            os.kill(pool, signal.SIGTERM)
            os.waitpid(pool, 0)


def tell(what: str, took: list[float]) -> None:
    """One line."""
    shown = ", ".join(f"{seconds:.1f}" for seconds in took)
    print(f"{what:60} {statistics.median(took):6.1f} s   ({shown})", flush=True)


if __name__ == "__main__":
    main()
