"""What a snapshot costs Redis, with a large mill behind it: 1,000,000 pages waiting, 200 workers, 10,000 hosts met.

    python benchmarks/snapshot.py
    python benchmarks/snapshot.py --pages 100000 --body 10000 --redis-server /usr/bin/redis-server

An embedded server of its own is filled by plain commands; hosts by commits of pages that are rejected. Redis's time is
the sum of INFO commandstats over the commands of a snapshot, without what scripts call, which their own time holds.
"""

import argparse
import random
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, time
from typing import Any, cast

from redis import Redis

from pagemill.keys import Keys
from pagemill.outcomes import RejectReason
from workers import rq_keys
from workers.connection import connect
from workers.embedded import embedded_server
from workers.monitor.snapshot import take_snapshot
from workers.settings import Settings
from workers.store.contract import Settlement
from workers.store.redis_store import RedisStore
from workers.vitals import take_sample

BATCH = 64
LOOKS = 20
IN_SCRIPTS = frozenset({"xinfo|stream", "xinfo|groups", "xpending", "xlen", "llen", "hlen"})
"""Commands of a snapshot that only its scripts call."""


def main() -> None:
    """Fill a mill, look at it, and print what that took."""
    arguments = _arguments()
    with embedded_server(binary=arguments.redis_server) as server, connect(server.url) as client:
        settings = Settings(queues=("default", "urgent"))
        store = RedisStore(client, settings)
        store.open(settings.queues)
        _meet_hosts(client, store, arguments.hosts)
        _push(client, settings.keys, arguments.pages, arguments.body)
        _work(client, arguments.workers)
        _note(client, settings.keys)
        take_snapshot(client, settings)
        spent, seconds = zip(*(_look(client, settings) for _ in range(LOOKS)), strict=True)
        shot = take_snapshot(client, settings)
        print(f"{shot.store.server} {shot.store.version}: {shot.depth:,} pages, {len(shot.workers):,} workers")
        print(f"{arguments.hosts:,} hosts met, {shot.hosts.known:,} known")
        print(f"Redis's time: median {median(spent):.2f} ms, most {max(spent):.2f} ms")
        print(f"all of it, as seen from the client: median {1_000 * median(seconds):.0f} ms")
        _by_command(client, settings)


def _look(client: Redis, settings: Settings) -> tuple[float, float]:
    """Milliseconds in Redis, and seconds in all."""
    client.config_resetstat()
    begun = perf_counter()
    take_snapshot(client, settings)
    seconds = perf_counter() - begun
    return sum(_spent(client).values()), seconds


def _spent(client: Redis) -> dict[str, float]:
    """Milliseconds by command, of those that came from the client."""
    told = client.info("commandstats")
    named = {name.removeprefix("cmdstat_"): row for name, row in told.items()}
    left_out = IN_SCRIPTS | {"config|resetstat"}
    return {name: row["usec"] / 1_000 for name, row in named.items() if name not in left_out}


def _by_command(client: Redis, settings: Settings) -> None:
    client.config_resetstat()
    take_snapshot(client, settings)
    for name, milliseconds in sorted(_spent(client).items(), key=lambda item: -item[1]):
        print(f"{name:>16}: {milliseconds:6.2f} ms")


def _meet_hosts(client: Redis, store: RedisStore, hosts: int) -> None:
    names = [f"www.host-{number}.example.org" for number in range(hosts)]
    random.Random(1).shuffle(names)
    for first in range(0, hosts, BATCH):
        met = names[first : first + BATCH]
        _push(client, store.keys, len(met), 10)
        taken = store.take("benchmark", ["default"], len(met))
        store.commit(
            [
                Settlement(
                    verdict="rejected", queue=page.queue, entry=page.entry, id="x", url=f"https://{host}/", host=host,
                    reason=RejectReason.EMPTY,
                )
                for page, host in zip(taken, met, strict=True)
            ]
        )  # fmt: skip


def _push(client: Redis, keys: Keys, pages: int, body: int) -> None:
    for first in range(0, pages, 1_000):
        with client.pipeline(transaction=False) as pipe:
            for number in range(first, min(pages, first + 1_000)):
                pipe.xadd(keys.pages("default"), {"url": f"https://example.org/{number}", "body": "x" * body})
            pipe.execute()


def _work(client: Redis, workers: int) -> None:
    """Workers as they stand in RQ's books."""
    with client.pipeline(transaction=False) as pipe:
        for number in range(workers):
            key = rq_keys.worker_key(f"{number:032x}")
            pipe.sadd(rq_keys.workers_key("default"), key)
            told: dict[Any, Any] = {
                "state": "busy",
                "queues": "default",
                "hostname": "mill",
                "pid": number,
                "mill_pages": 10_000,
            }
            pipe.hset(key, mapping={**told, "last_heartbeat": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
        pipe.execute()


def _note(client: Redis, keys: Keys) -> None:
    """An hour of notes: the first is taken, the others are its copies."""
    take_sample(client, keys)
    for part, every, count in (("counts", 15, 70), ("minutes", 15, 260), ("day", 900, 100)):
        ((_, fields),) = cast("list[tuple[bytes, dict[Any, Any]]]", client.xrange(keys.meters(part)))
        client.delete(keys.meters(part))
        for back in range(count, 0, -1):
            client.xadd(keys.meters(part), fields, id=int((time() - every * back) * 1_000))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a snapshot costs Redis.")
    parser.add_argument("--pages", type=int, default=1_000_000, help="waiting; 1000000")
    parser.add_argument("--body", type=int, default=300, help="bytes of each; 300")
    parser.add_argument("--workers", type=int, default=200)
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--redis-server", type=Path, help="the server to measure; Valkey as `pagemill run` finds it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
