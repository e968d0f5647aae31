"""Finds pages that are not settled yet, near either end of their queues."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import msgspec
from redis import Redis

from pagemill.keys import GROUP, Keys
from workers.monitor.allowed import if_allowed
from workers.monitor.search import entry_time
from workers.scripts import Script
from workers.store.books import queue_names
from workers.store.redis_store import NOBODY

QUEUE_HEADS = Script("queue_heads")

HEADS, HEAD_BYTES = 500, 32_000_000
"""Pages from each end of a queue, and bytes of them, that are looked at."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is not settled yet. `holder`: the worker that has it in hand, "" while nobody has."""

    queue: str
    entry: str
    pushed_at: datetime
    id: str
    url: str
    holder: str = ""
    strikes: int = 0
    lonely: int = 0
    """Deaths alone that nobody can explain."""


def find_unsettled(
    client: Redis, keys: Keys, is_wanted: Callable[[str], bool]
) -> tuple[tuple[Waiting, ...] | None, int, int]:
    """Those whose URL is wanted, the newest first; how many were looked at, and how many there are.

    None where this user may not look into the queues. Raises redis's errors.
    """
    queues, _ = queue_names(client, keys)
    found: list[Waiting] = []
    looked = of = 0
    with if_allowed():
        for queue in queues:
            heads = _heads(client, keys, queue)
            looked, of = looked + len(heads), of + client.xlen(keys.pages(queue))
            found += [_held(client, keys, head) for head in heads if is_wanted(head.url)]
        return tuple(sorted(found, key=_order, reverse=True)), looked, of
    return None, 0, of


def _order(page: Waiting) -> tuple[int, ...]:
    return tuple(map(int, page.entry.split("-")))


def _heads(client: Redis, keys: Keys, queue: str) -> list[Waiting]:
    """The oldest and the newest pages, as they lie there."""
    heads: dict[str, Waiting] = {}
    for first, way in (("-", "oldest"), ("+", "newest")):
        for row in QUEUE_HEADS(client, [keys.pages(queue)], [first, way, HEADS, HEAD_BYTES]):
            entry, url, page_id = (value.decode("utf-8", "replace") for value in row)
            heads[entry] = Waiting(queue=queue, entry=entry, pushed_at=entry_time(entry), id=page_id, url=url)
    return list(heads.values())


def _held(client: Redis, keys: Keys, head: Waiting) -> Waiting:
    """The same, with who holds it and what it was blamed for."""
    stream = keys.pages(head.queue)
    held = cast("list[dict[str, Any]]", client.xpending_range(stream, GROUP, head.entry, head.entry, 1))
    holder = held[0]["consumer"].decode("utf-8", "replace") if held else ""
    (trials,) = cast("list[bytes | None]", client.hmget(keys.trials, [f"{head.queue}|{head.entry}"]))
    strikes, _, lonely = (trials or b"0:0").partition(b":")
    return msgspec.structs.replace(
        head,
        holder="" if holder == NOBODY else holder.rpartition(".")[0] or holder,
        strikes=int(strikes),
        lonely=int(lonely or 0),
    )
