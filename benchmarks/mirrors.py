"""Whether four processes decide as one: pages with mirrors, shuffled, through both, and the difference counted.

    python benchmarks/mirrors.py                          # 10,000 pages: some minutes
    python benchmarks/mirrors.py --pages 2000 --workers 8

The pages are those of mirror_pages.py. What must hold: of one text never two records, with however many processes; and
no page is called a copy of another story's. What may differ is which of two copies is met first, and so what later ones
are compared with: stories that give another number of articles are counted.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from mirror_pages import MirrorPage, make_mirrors
from redis import Redis

from pagemill.keys import Keys
from pagemill.record import Record
from workers.connection import connect
from workers.embedded import embedded_server
from workers.settings import Settings

KEYS = Settings().keys


class Decided(NamedTuple):
    """What became of the pages: outcome and `of` by the page's id, and the records."""

    outcomes: dict[str, tuple[str, str]]
    records: list[Record]


class Difference(NamedTuple):
    """How one process's decisions and those of several differ, in pages and in stories."""

    texts_twice: int
    """Texts that gave two records, in either."""

    wrong: int
    """Pages that were called a copy of another story's, in either."""

    stories: int
    articles: int
    """Stories that gave another number of articles."""

    records: int
    """Stories that gave another number of records."""

    pages: int
    """Pages with another outcome: which of two copies came first."""


def read_decided(client: Redis, keys: Keys = KEYS) -> Decided:
    """What a mill has settled."""
    settled = client.xrange(keys.settled)
    outcomes = {one[b"id"].decode(): (one[b"outcome"].decode(), one[b"of"].decode()) for _, one in settled}
    return Decided(outcomes, [msgspec.json.decode(one[b"body"], type=Record) for _, one in client.xrange(keys.records)])


def compare(pages: Sequence[MirrorPage], one: Decided, several: Decided) -> Difference:
    """Hold the two against each other, and both against the stories."""
    story = {page.fields["id"]: page.story for page in pages}
    articles, records = [_by_story(decided, story) for decided in (one, several)], (one.records, several.records)
    counts = [Counter(story[record.id] for record in told) for told in records]
    return Difference(
        texts_twice=sum(_twice(decided) for decided in (one, several)),
        wrong=sum(_wrong(decided, story) for decided in (one, several)),
        stories=len(set(story.values())),
        articles=sum(len(articles[0][number]) != len(articles[1][number]) for number in set(story.values())),
        records=sum(counts[0][number] != counts[1][number] for number in set(story.values())),
        pages=sum(one.outcomes[name][0] != several.outcomes[name][0] for name in story),
    )


def _by_story(decided: Decided, story: dict[str, int]) -> dict[int, set[str]]:
    articles: dict[int, set[str]] = defaultdict(set)
    for record in decided.records:
        articles[story[record.id]].add(record.article)
    return articles


def _twice(decided: Decided) -> int:
    return sum(count > 1 for count in Counter(record.content_hash for record in decided.records).values())


def _wrong(decided: Decided, story: dict[str, int]) -> int:
    return sum(bool(of) and story[of] != story[name] for name, (_, of) in decided.outcomes.items())


def mill(client: Redis, url: str, pages: Sequence[MirrorPage], workers: int) -> tuple[Decided, float]:
    """All pages through a pool of so many worker processes on an empty server; and pages a second.

    The rate is of the middle eight tenths of the pages, by the times of their settlement.
    """
    client.flushall()
    for first in range(0, len(pages), 500):
        with client.pipeline(transaction=False) as pipe:
            for page in pages[first : first + 500]:
                pipe.xadd(KEYS.pages("default"), page.fields)
            pipe.execute()
    command = [sys.executable, "-m", "workers.cli", "worker", "--workers", str(workers), "--redis", url]
    pool = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while client.xlen(KEYS.settled) < len(pages):
            if pool.poll() is not None:
                sys.exit("the pool ended early")
            time.sleep(0.2)
    finally:
        pool.send_signal(signal.SIGTERM)
        pool.wait()
    times = [int(entry.partition(b"-")[0]) for entry, _ in client.xrange(KEYS.settled)]
    first, last = len(times) // 10, len(times) * 9 // 10
    return read_decided(client), (last - first) / max(1, times[last] - times[first]) * 1000


def main() -> None:
    """One process, then several, and the difference."""
    arguments = _arguments()
    pages = make_mirrors(arguments.pages)
    texts, stories = len({page.text for page in pages}), len({page.story for page in pages})
    print(f"{len(pages):,} pages of {texts:,} texts and {stories:,} stories")
    told = []
    with embedded_server() as server, connect(server.url) as client:
        for workers in (1, arguments.workers):
            decided, rate = mill(client, server.url, pages, workers)
            told.append(decided)
            outcomes = Counter(outcome for outcome, _ in decided.outcomes.values())
            print(f"{workers} processes: {rate:.0f} pages/s, {dict(sorted(outcomes.items()))}", flush=True)
    for name, count in compare(pages, *told)._asdict().items():
        print(f"{name:12} {count:,}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    return parser.parse_args()


if __name__ == "__main__":
    main()
