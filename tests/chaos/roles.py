"""The processes of the mill under test: pools and producers, with the points and the pages' wishes put in."""

import ctypes
import mmap
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import points
from feed import QUEUES, page, plan

import pagemill.push
import workers.milling
import workers.pool
import workers.store.redis_store
import workers.worker
from pagemill import Draft, Extraction, Producer, RawPage
from pagemill.errors import PagemillError
from pipeline import warm_up
from pipeline.process import Reading, read_page
from workers.horses.horse import die_with
from workers.settings import Settings

warm_up()  # in the server that pools are forked from, so that they start in a moment

_WISH = re.compile(rb"<!-- wish:(\w+) -->")


class Push(msgspec.Struct, frozen=True):
    """What a producer wrote down of these pages.

    `tried`: they are sent now. `refused`: of those that were tried, these had no room. `done`: all are in.
    """

    ids: list[str]
    what: Literal["tried", "refused", "done"]


def run_pool(settings: Settings, folder: Path) -> None:
    """A pool as `pagemill worker` runs it; its log is `pools.log`."""
    die_with(os.getppid())
    os.setsid()
    _log_to(folder / "pools.log")
    workers.milling.read_page = _on_request
    points.install(folder, "pool")
    # What comes once in a while in a life of weeks comes often in one of minutes.
    for module, name, value in (
        (workers.pool, "SHORT_LIFE", 0),
        (workers.worker, "RENEW_EVERY", 0.5),
        (workers.store.redis_store, "SILENT_FOR", 3_000),
    ):
        if not hasattr(module, name):
            raise AttributeError(module, name)
        setattr(module, name, value)
    sys.exit(workers.pool.run_pool(settings))


def run_producer(url: str, folder: Path, number: int, seed: int, most: int | None = None) -> None:
    """Push page after page of this producer's, in chunks of any size, with pauses, until it is killed (or `most`)."""
    die_with(os.getppid())
    _log_to(folder / "producers.log")
    points.install(folder, "producer")
    book = os.open(folder / f"pushes-{number}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    _write_down_attempts(book)
    rng = random.Random(f"{seed}/{number}")
    sent = 0
    with Producer(url, limit=120, retry_seconds=60) as producer:
        while most is None or sent < most:
            chunk = [plan(seed, number, sent + i) for i in range(rng.randrange(1, 30))][: most and most - sent]
            sent += len(chunk)
            for queue in QUEUES:
                _push(producer, [page(one) for one in chunk if one.queue == queue], queue, book)
            time.sleep(rng.choice([0, 0, 0, 0.5, 1.0]))  # now and then the queues run dry


def pushes(folder: Path) -> list[Push]:
    """All that producers wrote down."""
    books = folder.glob("pushes-*")
    return [msgspec.json.decode(line, type=Push) for book in books for line in book.read_bytes().splitlines()]


def _push(producer: Producer, pages: Sequence[RawPage], queue: str, book: int) -> None:
    while pages:
        try:
            if len(pages) == 1:
                producer.push(pages[0], queue=queue, block=True)
            else:
                producer.push_many(pages, queue=queue, block=True)
        except PagemillError:  # Redis was away for too long: as a scraper would, push again
            time.sleep(0.5)
        else:
            _note(book, [one.id for one in pages], "done")
            return


def _write_down_attempts(book: int) -> None:
    add = pagemill.push.QueueWriter._add

    def noted(writer: Any, queue: str, entries: Sequence[Any]) -> Any:
        ids = [fields["id"] for fields in entries]
        _note(book, ids, "tried")
        taken = add(writer, queue, entries)
        if len(taken) < len(ids):
            _note(book, ids[len(taken) :], "refused")
        return taken

    pagemill.push.QueueWriter._add = noted


def _note(book: int, ids: list[str], what: Literal["tried", "refused", "done"]) -> None:
    os.write(book, msgspec.json.encode(Push(ids, what)) + b"\n")


def _log_to(path: Path) -> None:
    output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)


def _on_request(page: RawPage, options: Any, profile: Any) -> Reading:
    """The pipeline, or what the page asks for."""
    wish = _WISH.search(page.body[:1_000])
    return Reading(_WISHES[wish[1].decode()](page)) if wish else read_page(page, options, profile)


def segfault(_page: RawPage) -> None:
    ctypes.string_at(0)


def abort(_page: RawPage) -> None:
    os.abort()


def bus(_page: RawPage) -> None:
    """Beyond the end of a mapped file."""
    with tempfile.TemporaryFile() as file:
        file.truncate(mmap.PAGESIZE)
        mapped = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        file.truncate(0)
        mapped[0]


def spin(_page: RawPage) -> None:
    """In C, where no signal handler of Python's gets a turn."""
    sum(range(10**15))


def memory(_page: RawPage) -> None:
    hoard = []
    while True:
        hoard.append(b"x" * 10_000_000)


def fail(_page: RawPage) -> None:
    raise ValueError


def leave(_page: RawPage) -> None:
    os._exit(0)


def unserialisable(page: RawPage) -> Draft:
    return Draft(
        id=page.id, url=page.url, canonical_url=page.url, text="", content_hash="00" * 16,
        extraction=Extraction(method="test"), meta={"it": object()},
    )  # fmt: skip


_WISHES: dict[str, Callable[[RawPage], Any]] = {
    wish.__name__: wish for wish in (segfault, abort, bus, spin, memory, fail, leave, unserialisable)
}
