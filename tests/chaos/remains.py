"""What a mill leaves behind in Redis: nothing that grows with the processes that died."""

import re
import time
from collections.abc import Iterator
from typing import Any, cast

from feed import QUEUES
from redis import Redis

from pagemill.keys import GROUP, METERS
from workers.settings import Settings

LONGEST_NOTE = 25 * 3600
"""Seconds that anything of RQ's may lie after the death of who wrote it."""

_MEMORY = r"memory:(articles:(new|old)|since|head|(ring|exact|near):\d+)"
_METERS = "|".join(map(re.escape, METERS))
_REST = r"pages:\w+|queues|records|settled|ledger|dead|leases"
_OURS = re.compile(rf"pagemill:({_REST}|{_MEMORY}|meters:({_METERS})|sites|site:\S+)")
_RQS = {"rq:queues"}


def after_a_while(client: Redis) -> None:
    """As if a day had passed: what was to expire is gone, and whoever was silent has been so for long."""
    time.sleep(3.5)
    for key in client.scan_iter("rq:*"):
        if client.ttl(key) > 0:
            client.delete(key)
    for queue in QUEUES:
        for claim, until in client.zrange(f"rq:wip:{queue}", 0, -1, withscores=True):
            client.zadd(f"rq:wip:{queue}", {claim: until - 24 * 3600})


def key_problems(client: Redis, settings: Settings) -> list[str]:
    """What is there and should not be."""
    return list(_problems(client, settings))


def _problems(client: Redis, settings: Settings) -> Iterator[str]:
    for key in sorted(one.decode() for one in client.scan_iter()):
        if not _OURS.fullmatch(key) and key not in _RQS and not 0 < cast("int", client.ttl(key)) <= LONGEST_NOTE:
            yield f"the key {key} is left: {_told(client, key)}"
    for queue in QUEUES:
        for consumer in cast("Any", client).xinfo_consumers(settings.keys.pages(queue), GROUP):
            if consumer["pending"] or consumer["idle"] > LONGEST_NOTE * 1000:
                yield f"queue {queue}: consumer {consumer['name']!r} is left with {consumer['pending']} pages"


def _told(client: Redis, key: str) -> str:
    kind = cast("bytes", client.type(key)).decode()
    read: dict[str, Any] = {"set": client.smembers, "hash": client.hgetall, "string": client.get}
    if kind == "zset":
        return str(client.zrange(key, 0, 4, withscores=True))
    return f"{kind} {str(read[kind](key))[:300] if kind in read else ''}"
