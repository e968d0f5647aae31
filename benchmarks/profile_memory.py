"""What the profiles of sites cost: bytes a site, and the server's time a page to learn and to read them.

    python benchmarks/profile_memory.py
    python benchmarks/profile_memory.py --sites 2000 --redis-server /usr/bin/redis-server

Commits unique pages of 190 blocks through RedisStore on an empty server of its own, in batches of 64 sites each, until
every profile is full; once with what the pages leave and once without. The times are the server's own
(`INFO commandstats`).
"""

import argparse
import random
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np
from redis import Redis

from pagemill.limits import Limits
from pipeline.options import Options
from pipeline.site_profile import NAME
from workers.connection import connect
from workers.embedded import embedded_server
from workers.milling import Opened, mill, unpack
from workers.settings import Settings
from workers.store.contract import Settlement, Taken
from workers.store.redis_store import RedisStore

BATCH = 64
BLOCKS, SHARED = 190, 110  # of a page; of them on every page of its site
QUEUE = "default"
TIMED = 20  # batches, the last ones
PAGE = (
    b"<title>The mill</title><p>" + b"Whoever comes to the river finds the miller at work, whatever the weather. " * 3
)


def main() -> None:
    """Fill a server with what pages leave and another without, and print what differs."""
    asked = _arguments()
    told = []
    for learns in (False, True):
        with embedded_server(binary=asked.redis_server) as server, connect(server.url) as client:
            told.append(_measure(client, asked.sites, learns=learns))
    (without, commit, _), (whole, learning, read) = told
    print(f"{(whole - without) / asked.sites:,.0f} bytes a site of {Settings().profile_articles} articles")
    for name, at in (("least", 0), ("median", len(commit) // 2)):
        print(
            f"commit, the server's time a page, {name}: {commit[at]:.0f} us; {learning[at]:.0f} us with what it leaves"
        )
    print(f"read, the server's time for {BATCH} sites: {read:.0f} us")


def _measure(client: Redis, sites: int, *, learns: bool) -> tuple[int, list[float], float]:
    """Bytes that the server holds; its time a page in the commit, and for a read of a batch, when all is full."""
    settings = Settings(records_limit=1, settled_limit=0)
    store = RedisStore(client, settings)
    store.open([QUEUE])
    (template,) = _settle(store, {"url": "https://mill.example/", "body": PAGE})
    spent = []
    for article in range(settings.profile_articles + 1):
        for batch in _batches(range(sites)):
            taken = _take(store, len(batch))
            client.config_resetstat()
            pages = zip(taken, batch, strict=True)
            store.commit([_page(template, page, site, article, learns=learns) for page, site in pages])
            spent.append(client.info("commandstats")["cmdstat_evalsha"]["usec"] / len(batch))
    client.config_resetstat()
    for _ in range(TIMED):
        store.profiles([f"site{site}.example" for site in random.sample(range(sites), min(BATCH, sites))])
    read = client.info("commandstats")["cmdstat_mget"]["usec_per_call"]
    client.execute_command("MEMORY", "PURGE")
    return int(client.info("memory")["used_memory"]), sorted(spent[-TIMED:]), float(read)


def _batches(sites: range) -> Iterator[range]:
    for first in range(0, len(sites), BATCH):
        yield sites[first : first + BATCH]


def _take(store: RedisStore, count: int) -> list[Taken]:
    with store.client.pipeline(transaction=False) as pipe:
        for _ in range(count):
            pipe.xadd(store.keys.pages(QUEUE), {"url": "https://mill.example/", "body": ""})
        pipe.execute()
    return store.take("benchmark", [QUEUE], count)


def _settle(store: RedisStore, fields: dict) -> list[Settlement]:
    """What the pipeline makes of a page: the others differ from it by their keys."""
    store.client.xadd(store.keys.pages(QUEUE), fields)
    opened = [unpack(page, Limits()) for page in store.take("benchmark", [QUEUE], 1)]
    return [mill(page, Options()) for page in opened if isinstance(page, Opened)]


def _page(template: Settlement, page: Taken, site: int, article: int, *, learns: bool) -> Settlement:
    keys = blake2b(f"{site} {article}".encode()).digest()  # as many as a text has: no two pages are near
    key = keys[:16]
    return msgspec.structs.replace(
        template,
        entry=page.entry,
        id=key.hex(),
        host=f"site{site}.example",
        bytes_key=key,
        article_key=key,
        text_key=key,
        keys=keys,
        imprint=_imprint(key, site) if learns else b"",
    )


def _imprint(key: bytes, site: int) -> bytes:
    shared = np.random.default_rng(site).integers(2**32, size=SHARED, dtype="<u4")
    own = np.random.default_rng(int.from_bytes(key, "big")).integers(2**32, size=BLOCKS - SHARED, dtype="<u4")
    codes = np.sort(np.concatenate([shared, own]))
    return key[:NAME] + len(codes).to_bytes(2, "little") + codes.tobytes()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=2_000)
    parser.add_argument("--redis-server", type=Path, help="a server's program; by default the embedded one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
