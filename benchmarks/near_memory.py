"""What the memory costs in Redis: bytes a remembered page, and the server's time a page as it fills.

    python benchmarks/near_memory.py
    python benchmarks/near_memory.py --pages 10000,100000,1000000 --redis-server /usr/bin/redis-server

Offers pages of random keys and sketches in batches of 32; two in five share all index keys with an earlier page, which
is then compared and found to be another. Bytes are `used_memory` against the empty server. A batch's time is the
server's own (`cmdstat_evalsha`); of 100 batches the least, a tenth and the median are told, for on a busy machine only
the first two are the script's.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from redis import Redis

from workers.connection import connect
from workers.embedded import embedded_server
from workers.store.near_memory import Met, NearMemory

BATCH = 32
TIMED = 100
SHARED = 0.4


def main() -> None:
    """Fill a memory up to each of the sizes, and tell its cost there."""
    arguments = _arguments()
    sizes = [int(size) for size in arguments.pages.split(",")]
    with embedded_server(binary=arguments.redis_server) as server, connect(server.url) as client:
        for line in measure(client, sizes):
            print(line, flush=True)


def measure(client: Redis, sizes: Sequence[int]) -> Iterator[str]:
    """A line for each size, ascending: the memory is made for the last, and filled up to it."""
    memory = NearMemory(client, "benchmark:memory", pages=max(sizes), age=10**12)
    empty, offered = _used(client), 0
    for size in sizes:
        while offered < size:
            memory.seed([_page(number) for number in range(offered, offered + BATCH)])
            offered += BATCH
        times = []
        for _ in range(TIMED):
            client.config_resetstat()
            memory.seed([_visitor(number) for number in range(offered, offered + BATCH)])
            offered += BATCH
            times.append(client.info("commandstats")["cmdstat_evalsha"]["usec"] / BATCH)
        times.sort()
        each = (_used(client) - empty) / min(offered, max(sizes))
        yield (
            f"{offered:>10,} pages of {max(sizes):,}: {each:.0f} bytes a page; the server's time a page:"
            f" {times[0]:.0f} us at least, {times[TIMED // 10]:.0f} a tenth, {times[TIMED // 2]:.0f} the median"
        )


def _page(number: int) -> Met:
    chance = random.Random(number)
    keys = tuple(sorted(bytes(1) + chance.randbytes(7) for _ in range(8)))
    sketch = (500).to_bytes(2, "big") + (20).to_bytes(2, "big") + b"\x0a" + chance.randbytes(128)
    return Met(chance.randbytes(16).hex(), *(chance.randbytes(16) for _ in range(3)), keys, sketch)


def _visitor(number: int) -> Met:
    """A page; two in five have the index keys of an earlier one."""
    page, chance = _page(number), random.Random(-number)
    return page._replace(keys=_page(chance.randrange(number)).keys) if chance.random() < SHARED else page


def _used(client: Redis) -> int:
    return int(client.info("memory")["used_memory"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pages", default="10000,100000", help="sizes, one comma apart; the memory is made for the last"
    )
    parser.add_argument("--redis-server", type=Path, help="a server's program; by default the embedded one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
