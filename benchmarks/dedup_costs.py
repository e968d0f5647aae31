"""What a filter costs, for dedup.py: bytes a page, the server's time as the memory fills, pages a second end to end."""

import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from mirror_pages import make_mirrors
from mirrors import mill
from near_memory import measure
from pages import WORDS
from redis import Redis

from workers.connection import connect
from workers.embedded import embedded_server

WEIGHED = 10_000
BATCH = 32
FLOW, ROUNDS = 3_000, 3


def weigh(make: Callable[[], Any], client: Redis) -> tuple[float, float]:
    """Bytes that a filter keeps of each of WEIGHED pages that are all news: in its process, and in Redis.

    In a process of its own, forked before this one has freed much: its resident memory grows by what the filter keeps.
    """
    client.execute_command("FLUSHALL", "SYNC")
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=_fill, args=(make, theirs))
    before = _used(client)
    child.start()
    grown = ours.recv()
    child.join()
    return grown / WEIGHED, (_used(client) - before) / WEIGHED


def _fill(make: Callable[[], Any], answer: Any) -> None:
    made = make()
    numbers = range(WEIGHED)
    made.decide([made.prepare(number, _text(number)) for number in numbers[:BATCH]])
    before = _resident()
    for first in range(BATCH, WEIGHED, BATCH):
        made.decide([made.prepare(number, _text(number)) for number in numbers[first : first + BATCH]])
    answer.send(_resident() - before)


def _text(number: int) -> str:
    dice = random.Random(number)
    return " ".join(dice.choice(WORDS) for _ in range(200))


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _used(client: Redis) -> int:
    return int(client.info("memory")["used_memory"])


def flow(workers: list[int]) -> Iterator[str]:
    """Pages a second through the whole mill, by the number of its workers: in turns, for a machine's speed drifts."""
    pages = make_mirrors(FLOW)
    with embedded_server() as server, connect(server.url) as client:
        rates = [[mill(client, server.url, pages, count)[1] for count in workers] for _ in range(ROUNDS)]
    for count, told in zip(workers, zip(*rates, strict=True), strict=True):
        yield (
            f"end to end, {count} worker{'s' * (count > 1)}: {median(told):,.0f} pages/s ({min(told):,.0f} to"
            f" {max(told):,.0f} in {ROUNDS} rounds of {FLOW:,} of mirror_pages.py)"
        )


def server_cost(sizes: list[int]) -> Iterator[str]:
    """Bytes and the server's time a page, by how many are remembered."""
    with embedded_server() as server, connect(server.url) as client:
        yield from measure(client, sizes)
