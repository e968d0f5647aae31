"""What a remembered page costs in Redis: bytes, by MEMORY USAGE of the memory's hashes and by used_memory.

    python benchmarks/memory.py
    python benchmarks/memory.py --pages 20000 --redis-server /usr/bin/redis-server

Commits unique pages with ids of 32 characters through RedisStore on an empty server of its own. Records and
settled lines are kept out (limits of 1 and 0), so that what grows is the memory alone.
"""

import argparse
from hashlib import blake2b
from pathlib import Path

import msgspec
from redis import Redis

from pagemill import Draft, Extraction
from workers.connection import connect
from workers.embedded import embedded_server
from workers.settings import Settings
from workers.store.contract import Settlement, Taken
from workers.store.redis_store import RedisStore

BATCH = 64
QUEUE = "default"
KINDS = ("bytes", "text", "article")


def main() -> None:
    """Fill the memory, and print what it holds."""
    arguments = _arguments()
    with embedded_server(binary=arguments.redis_server) as server, connect(server.url) as client:
        settings = Settings(memory_pages=4 * arguments.pages, records_limit=1, settled_limit=0)
        store = RedisStore(client, settings)
        store.open([QUEUE])
        before = _used(client)
        _fill(store, client, arguments.pages)
        told = client.info("server")
        print(f"{told.get('valkey_version') or told['redis_version']} on {told['os']}, {arguments.pages:,} pages")
        total = 0
        for kind in KINDS:
            key = settings.keys.memory(kind, "new")
            held, size = client.hlen(key), client.memory_usage(key, samples=0)
            total += size
            print(f"{kind:>8}: {held:>9,} entries, {size / held:6.1f} bytes each (MEMORY USAGE, all samples)")
        print(f"{'sum':>8}: {total / arguments.pages:6.1f} bytes a page (MEMORY USAGE)")
        print(f"{'server':>8}: {(_used(client) - before) / arguments.pages:6.1f} bytes a page (used_memory)")


def _fill(store: RedisStore, client: Redis, pages: int) -> None:
    for first in range(0, pages, BATCH):
        count = min(BATCH, pages - first)
        with client.pipeline(transaction=False) as pipe:
            for _ in range(count):
                pipe.xadd(store.keys.pages(QUEUE), {"url": "https://example.org/", "body": ""})
            pipe.execute()
        taken = store.take("benchmark", [QUEUE], count)
        store.commit([_draft(page, first + i) for i, page in enumerate(taken)])


def _draft(page: Taken, number: int) -> Settlement:
    url = f"https://example.org/{number}"
    draft = Draft(
        id=_key("id", number).hex(),
        url=url,
        canonical_url=url,
        text="A text.",
        content_hash=_key("text", number).hex(),
        extraction=Extraction(method="none"),
    )
    return Settlement(
        verdict="draft",
        queue=page.queue,
        entry=page.entry,
        id=draft.id,
        url=url,
        host="example.org",
        bytes_key=_key("bytes", number),
        article_key=_key("article", number),
        text_key=_key("text", number),
        draft=msgspec.json.encode(draft),
    )


def _key(kind: str, number: int) -> bytes:
    return blake2b(f"{kind} {number}".encode(), digest_size=16).digest()


def _used(client: Redis) -> int:
    client.execute_command("MEMORY", "PURGE")
    return int(client.info("memory")["used_memory"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--redis-server", type=Path, help="a server's program; by default the embedded one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
