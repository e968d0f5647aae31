"""What counting costs the commit: Redis's time a page with the meters and without, side by side in one run.

    python benchmarks/meters.py
    python benchmarks/meters.py --redis-server /usr/bin/redis-server

Batches of 64 rejected pages (the commit's cheapest, so that what is added shows) from so many hosts and sources. Beside
the commit runs one whose meters do nothing, in turns; each figure is the lower quartile of SLOWLOG's times, for a busy
machine makes some longer and none shorter.
"""

import argparse
import random
from hashlib import sha1
from pathlib import Path
from statistics import quantiles
from typing import Any

from redis import Redis

from pagemill.outcomes import RejectReason
from workers.connection import connect
from workers.embedded import embedded_server
from workers.scripts import Script
from workers.settings import Settings
from workers.store.commit import COMMIT, commit_call
from workers.store.contract import Settlement
from workers.store.redis_store import RedisStore

BATCH = 64
BATCHES = 200
MIXES = ((1, 1), (5, 3), (20, 5), (64, 10), (1_000, 20), (1_000_000, 50))
NOTHING = "\nlocal function meter() end\nlocal function write_meters() end\n"
"""In the meters' place."""


def main() -> None:
    """Commit, and print what the meters took."""
    parser = argparse.ArgumentParser(description="What counting costs the commit.")
    parser.add_argument("--redis-server", type=Path, help="the server to measure; Valkey as `pagemill run` finds it")
    with embedded_server(binary=parser.parse_args().redis_server) as server, connect(server.url) as client:
        client.config_set("slowlog-log-slower-than", 0)
        told = client.info("server")
        print(f"{told.get('valkey_version') or told['redis_version']}: microseconds a page, batches of {BATCH}")
        for hosts, sources in MIXES:
            bare, metered = _measure(client, hosts, sources)
            added = metered - bare
            print(
                f"{hosts:>9,} hosts, {sources:>2} sources: {bare:5.2f} without, {metered:5.2f} with, {added:5.2f} added"
            )


def _measure(client: Redis, hosts: int, sources: int) -> tuple[float, float]:
    """Without and with meters."""
    client.flushdb()
    store = RedisStore(client, Settings())
    store.open(["default"])
    chance = random.Random(1)
    scripts = (_without_meters(), COMMIT)
    times: tuple[list[float], list[float]] = ([], [])
    for which in (0, 1) * BATCHES:
        batch = _batch(client, store, chance, (hosts, sources))
        client.slowlog_reset()
        scripts[which](client, *commit_call(store.settings, batch))
        spent = max(row["duration"] for row in client.slowlog_get(9) if row["command"].upper().startswith(b"EVAL"))
        times[which].append(spent / BATCH)
    bare, metered = (quantiles(found[BATCHES // 4 :], n=4)[0] for found in times)
    return bare, metered


def _batch(client: Redis, store: RedisStore, chance: random.Random, mix: tuple[int, int]) -> list[Settlement]:
    hosts, sources = mix
    with client.pipeline(transaction=False) as pipe:
        for _ in range(BATCH):
            pipe.xadd(store.keys.pages("default"), {"url": "https://example.org/", "body": "x"})
        pipe.execute()
    return [
        Settlement(
            verdict="rejected", queue=page.queue, entry=page.entry, id="x" * 32, url="https://example.org/",
            host=f"www.host-{chance.randrange(hosts)}.example.org", source=f"source-{chance.randrange(sources)}",
            reason=chance.choice((RejectReason.EMPTY, RejectReason.TOO_SHORT)),
        )
        for page in store.take("benchmark", ["default"], BATCH)
    ]  # fmt: skip


def _without_meters() -> Any:
    script = Script()
    meters = Script("commit/meters").text
    script.text = COMMIT.text.replace(meters, NOTHING)
    if script.text == COMMIT.text:
        msg = "the commit holds no meters"
        raise RuntimeError(msg)
    script.sha = sha1(script.text.encode(), usedforsecurity=False).hexdigest()
    return script


if __name__ == "__main__":
    main()
