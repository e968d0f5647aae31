"""Settles many millions of pages through the real commit on a server of its own, and looks for drift in the books.

    python benchmarks/drift.py
    python benchmarks/drift.py --pages 100000 --batch 64 --redis-server /usr/bin/redis-server

Pages are a few bytes, and nothing is extracted: what a page is to become (new, changed, the same, a copy,
rejected, dead) is drawn beforehand, and each answer of the commit must be just that. On the way commits are
repeated as after a lost reply, batches are lost to a death and adopted, pages are marked and tried alone, dead letters
are replayed and dropped. After each million, and at the end, the books must be even to the page, and equal to our own
count; the memory in use is printed. Exit 1 at the first difference.
"""

import argparse
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from redis import Redis

from workers.connection import connect
from workers.embedded import embedded_server
from workers.settings import Settings
from workers.store.contract import Settlement, Taken
from workers.store.redis_store import RedisStore

QUEUES = ["urgent", "default"]
PAGE = {"url": "u", "body": "b"}
BYTES = sum(len(name) + len(value) for name, value in PAGE.items())
RECENT = 5_000
"""Articles that may come again: far fewer than are sure to be remembered."""

KINDS = ("published", "updated", "same", "copy", "rejected", "dead")
WEIGHTS = (30, 10, 30, 15, 10, 5)


class Article(msgspec.Struct):
    """What was last published of an article, as we know it."""

    key: bytes
    text: bytes
    body: bytes
    record: str


class Count(msgspec.Struct):
    """Our own books."""

    pushed: int = 0
    replayed: int = 0
    dropped: int = 0
    outcomes: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    faults: Counter[str] = msgspec.field(default_factory=Counter)


class Mill:
    """One worker after another on one store; it knows beforehand what becomes of each page."""

    def __init__(self, client: Redis, seed: int) -> None:
        settings = Settings(
            memory_pages=100_000,
            records_limit=10_000,
            settled_limit=10_000,
            dead_bytes=100_000,
            suspect_deliveries=1_000_000,
        )
        self.client = client
        self.keys = settings.keys
        self.store = RedisStore(client, settings)
        self.store.open(QUEUES)
        self.count = Count()
        self._random = random.Random(seed)
        self._articles: deque[Article] = deque(maxlen=RECENT)
        self._keys = 0

    def push(self, pages: int) -> None:
        """Pages of a few bytes, on either queue."""
        with self.client.pipeline(transaction=False) as pipe:
            for _ in range(pages):
                pipe.xadd(self.keys.pages(self._random.choice(QUEUES)), PAGE)
            pipe.execute()
        self.count.pushed += pages

    def settle(self, taken: Sequence[Taken], batch: int) -> list[Taken]:
        """Settle what was taken, with whatever befalls it; answers the next pages."""
        worker = f"w{self._random.randrange(1_000_000)}"
        taken = self._fault(taken, worker)
        plan = [self._plan(page) for page in taken]
        done, following = self.store.commit_and_take(
            [settlement for settlement, _ in plan], consumer=worker, queues=QUEUES, most=batch
        )
        for (settlement, expected), answer in zip(plan, done, strict=True):
            same("an outcome", answer.outcome, expected)
            self.count.outcomes[settlement.queue, expected] += 1
        if self._random.random() < 0.02:  # the reply was lost
            self.count.faults["commits repeated"] += 1
            again = self.store.commit([settlement for settlement, _ in plan])
            # Stale: bytes whose article was changed by a later page of the batch; who mills that page finds it gone.
            same("a repeated commit", {answer.outcome for answer in again} - {"stale"}, {"gone"})
        if self._random.random() < 0.02:
            self._empty_dead_letters()
        if not following:
            self.store.hand_back(worker, QUEUES, leave=True)
        return following

    def _fault(self, taken: Sequence[Taken], worker: str) -> Sequence[Taken]:
        """Now and then the holder dies, or hands back, and another adopts; one page of these is tried alone."""
        chance = self._random.random()
        if chance > 0.03:
            return taken
        holder = self.client.xpending_range(self.keys.pages(taken[0].queue), "mill", taken[0].entry, taken[0].entry, 1)[
            0
        ]["consumer"].decode()
        if chance < 0.01:
            self.count.faults["trials"] += 1
            self.store.mark(holder, taken[0].queue, taken[0].entry, self._random.choice(["strike", "suspect"]))
        self.count.faults["batches adopted"] += 1
        same("pages handed back", self.store.hand_back(holder, QUEUES, leave=True), len(taken))
        adopted = []
        while found := self.store.adopt(worker, QUEUES, len(taken)):
            adopted += found
        same("pages adopted", {page.entry for page in adopted}, {page.entry for page in taken})
        return adopted

    def _plan(self, page: Taken) -> tuple[Settlement, str]:
        """A settlement, and the outcome that it must have."""
        (kind,) = self._random.choices(KINDS, WEIGHTS) if self._articles else ("published",)
        common: dict[str, Any] = {"queue": page.queue, "entry": page.entry, "id": page.entry, "url": "u"}
        if kind in ("rejected", "dead"):
            reason: Any = "empty" if kind == "rejected" else "crashed"
            return Settlement(verdict=kind, reason=reason, **common), kind  # type: ignore[arg-type]
        if kind == "same":
            known = self._random.choice(self._articles)
            return Settlement(verdict="same", bytes_key=known.body, **common), "duplicate"
        text, body = self._key(), self._key()
        if kind == "copy":
            article, text = self._key(), self._random.choice(self._articles).text
        elif kind == "updated":
            known = self._random.choice(self._articles)
            article, known.text, known.body, known.record = known.key, text, body, page.entry
        else:
            article = self._key()
            self._articles.append(Article(article, text, body, page.entry))
        keys = {"bytes_key": body, "article_key": article, "text_key": text}
        settlement = Settlement(verdict="draft", draft=b'{"text":""}', **keys, **common)
        return settlement, "duplicate" if kind == "copy" else kind

    def _key(self) -> bytes:
        self._keys += 1
        return self._keys.to_bytes(16)

    def _empty_dead_letters(self) -> None:
        for letter in self.store.dead_letters(most=10):
            if self._random.random() < 0.5:
                self.count.replayed += self.store.replay(letter.letter) is not None
                self.count.pushed += 1
            else:
                self.count.dropped += self.store.drop(letter.letter)

    def audit(self, held: int) -> None:
        """The books against our own count. Raises Drift at the first difference."""
        books, count = self.store.ledger(), self.count
        told = {(queue, str(o)): n for queue, outcomes in books.outcomes.items() for o, n in outcomes.items()}
        settled, news = count.outcomes.total(), ("published", "updated")
        dead = sum(n for (_, outcome), n in count.outcomes.items() if outcome == "dead")
        same("outcomes", told, dict(count.outcomes))
        same("pages pushed", sum(one.pushed or 0 for one in books.queues), count.pushed)
        same("pages running", sum(one.running for one in books.queues), held)
        same("pages waiting", sum(one.waiting for one in books.queues), count.pushed - settled - held)
        same("records", self._added(self.keys.records), sum(count.outcomes[q, o] for q in QUEUES for o in news))
        same("settled entries", self._added(self.keys.settled), settled)
        same("replayed, dropped", (books.dead_replayed, books.dead_dropped), (count.replayed, count.dropped))
        same("dead letters", books.dead + books.dead_expired, dead - count.replayed - count.dropped)
        same("bytes of dead letters", books.dead_bytes, BYTES * books.dead)
        same("trials", self.client.exists(self.keys.trials), 0)

    def _added(self, key: str) -> int:
        return int(self.client.xinfo_stream(key)["entries-added"]) if self.client.exists(key) else 0


class Drift(Exception):
    """The books say something else than our own count."""


def same(what: str, told: Any, expected: Any) -> None:
    """Raises Drift when these differ."""
    if told != expected:
        msg = f"{what}: {told}, should be {expected}"
        raise Drift(msg)


def run(client: Redis, pages: int, *, batch: int, seed: int, every: int) -> None:
    """Settle so many pages, and audit after each `every` of them."""
    mill, began, audit_at = Mill(client, seed), time.monotonic(), every
    taken: list[Taken] = []
    while (settled := mill.count.outcomes.total()) < pages:
        waiting = mill.count.pushed - settled - len(taken)
        if waiting < batch:
            mill.push(min(4 * batch, max(pages - mill.count.pushed, 1)))
        taken = mill.settle(taken, batch) if taken else mill.store.take("first", QUEUES, batch)
        if mill.count.outcomes.total() >= min(audit_at, pages):
            audit_at += every
            mill.audit(len(taken))
            _tell(mill, time.monotonic() - began)


def _tell(mill: Mill, seconds: float) -> None:
    settled, used = mill.count.outcomes.total(), mill.client.info("memory")["used_memory"]
    outcomes: Counter[str] = Counter()
    for (_, outcome), number in mill.count.outcomes.items():
        outcomes[outcome] += number
    print(
        f"{settled:,} settled, {settled / seconds:,.0f}/s, used_memory {used / 1e6:.1f} MB;"
        f" {dict(outcomes)}; replayed {mill.count.replayed}, dropped {mill.count.dropped}; {dict(mill.count.faults)}",
        flush=True,
    )


def main() -> None:
    """Run, and end with 1 when the books drifted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10_000_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--every", type=int, default=1_000_000, help="pages between two audits")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--redis-server", type=Path, help="a server's program; by default the embedded one")
    arguments = parser.parse_args()
    with embedded_server(binary=arguments.redis_server) as server, connect(server.url) as client:
        try:
            run(client, arguments.pages, batch=arguments.batch, seed=arguments.seed, every=arguments.every)
        except Drift as drift:
            sys.exit(f"drift: {drift}")
    print("no drift: the books are even to the page")


if __name__ == "__main__":
    main()
