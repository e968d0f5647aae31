"""Every kind of store, each with the few things that tests do to a queue or a stream from outside."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec
import pytest
import redis

from pagemill.keys import GROUP
from pagemill.record import Draft, Extraction, Record
from workers.memory.store import MemoryStore
from workers.settings import Settings
from workers.store.contract import Settlement
from workers.store.redis_store import RedisStore

QUEUES = ("urgent", "default")
AN_AGE = 7_200_000  # milliseconds: longer than any lease here


class MemoryMill:
    """A MemoryStore, and what a pusher, a consumer and time do to it."""

    def __init__(self, settings):
        self.slept = timedelta()
        self.store = MemoryStore(settings, lambda: datetime.now(UTC) + self.slept)
        self.store.open(QUEUES)

    def sleep(self, period):
        """Time passes, or the clock jumps back; leases stay as they are, for which there is let_lease_run_out."""
        self.slept += period
        for queue in self.store.queues.values():
            for lease in queue.running.values():
                lease.since += _milliseconds(period)

    def push(self, queue, fields):
        return self.store.push(queue, fields)

    def let_lease_run_out(self, queue, entry):
        self.store.queues[queue].running[entry].since -= AN_AGE

    def is_held(self, queue, entry):
        return entry in self.store.queues[queue].running

    def delete(self, queue, entry):
        self.store.queues[queue].delete(entry)

    def add_group(self, group):
        self.store.output.add_group(group)

    def read(self, group, most):
        return [entry for entry, _ in self.store.output.read(group, most)]

    def acknowledge(self, group, entries):
        self.store.output.acknowledge(group, entries)

    def trials(self):
        return sum(len(queue.trials) for queue in self.store.queues.values())

    def records(self):
        return list(self.store.output.entries.values())

    def settled(self):
        return list(self.store.settled)


class RedisMill:
    """A RedisStore, and the same by plain commands."""

    def __init__(self, settings, client):
        self.client = client
        self.keys = settings.keys
        self.store = RedisStore(client, settings)
        self.store.open(QUEUES)

    def sleep(self, period):
        """Nobody can set Redis's clock, so all that ages is made older; leases stay as they are."""
        period = _milliseconds(period)
        if since := self.client.get(self.keys.memory_since):
            self.client.set(self.keys.memory_since, int(since) - period)
        if oldest := self.client.hget(self.keys.ledger, "dead|oldest"):
            self.client.hset(self.keys.ledger, "dead|oldest", int(oldest) - period)
        letters = self.client.xrange(self.keys.dead)
        self.client.delete(self.keys.dead)
        for letter, fields in letters:
            milliseconds, number = letter.split(b"-")
            self.client.xadd(self.keys.dead, fields, id=f"{int(milliseconds) - period}-{int(number)}")

    def push(self, queue, fields):
        return self.client.xadd(self.keys.pages(queue), fields).decode()

    def let_lease_run_out(self, queue, entry):
        key = self.keys.pages(queue)
        holder = self.client.xpending_range(key, GROUP, entry, entry, 1)[0]["consumer"]
        self.client.xclaim(key, GROUP, holder, 0, [entry], idle=AN_AGE, justid=True)

    def is_held(self, queue, entry):
        return bool(self.client.xpending_range(self.keys.pages(queue), GROUP, entry, entry, 1))

    def delete(self, queue, entry):
        self.client.xdel(self.keys.pages(queue), entry)

    def add_group(self, group):
        self.client.xgroup_create(self.keys.records, group, id="0", mkstream=True)

    def read(self, group, most):
        found = self.client.xreadgroup(group, "reader", {self.keys.records: ">"}, count=most)
        return [entry.decode() for _, entries in found or () for entry, _ in entries]

    def acknowledge(self, group, entries):
        self.client.xack(self.keys.records, group, *entries)

    def trials(self):
        return self.client.hlen(self.keys.trials)

    def records(self):
        return [fields for _, fields in self.client.xrange(self.keys.records)]

    def settled(self):
        return [fields for _, fields in self.client.xrange(self.keys.settled)]


class Bench:
    """A store on the bench: pushes, takes and settles pages with few words."""

    def __init__(self, mill):
        self.mill = mill
        self.store = mill.store
        self._pushed = 0

    def push(self, queue="default", **fields):
        """Push a page that differs from all others; answers its entry."""
        self._pushed += 1
        named = {"url": f"https://example.org/{self._pushed}", "body": f"page {self._pushed}", **fields}
        return self.mill.push(queue, {_bytes(name): _bytes(value) for name, value in named.items()})

    def take(self, consumer="w1", most=100, queues=QUEUES):
        return self.store.take(consumer, queues, most)

    def take_one(self, consumer="w1", **fields):
        self.push(**fields)
        (page,) = self.take(consumer)
        return page

    def commit(self, *settlements):
        return self.store.commit(settlements)

    def key(self, name):
        """A key of 16 bytes, such as the pipeline computes from a text, a URL or bytes."""
        return blake2b(name.encode(), digest_size=16).digest()

    def settlement(self, page, verdict, **more):
        """The settlement of a page that was taken."""
        named = {"id": f"id-{page.entry}", "url": "https://example.org/a", "host": "example.org", **more}
        return Settlement(verdict=verdict, queue=page.queue, entry=page.entry, **named)

    def draft(self, page, article, text, *, body="", name=""):
        """The settlement of a page that was parsed; its keys are those of `article`, `text` and `body`."""
        record = Draft(
            id=name or f"id-{page.entry}",
            url="https://example.org/a",
            canonical_url=f"https://example.org/{article}",
            text=text,
            content_hash=self.key(text).hex(),
            extraction=Extraction(method="test"),
        )
        return self.settlement(
            page,
            "draft",
            id=record.id,
            draft=msgspec.json.encode(record),
            article_key=self.key(article),
            text_key=self.key(text),
            bytes_key=self.key(body or f"{article} {page.entry}"),
        )

    def publish(self, article, text, *, body="", name=""):
        """Push a page, take it and commit its draft; answers the Settled."""
        page = self.take_one()
        return self.commit(self.draft(page, article, text, body=body, name=name))[0]

    def publish_many(self, count):
        """Settle so many new pages in one commit."""
        for _ in range(count):
            self.push()
        pages = self.take(most=count)
        return self.commit(*(self.draft(page, f"a{page.entry}", f"t{page.entry}") for page in pages))

    def see_again(self, body):
        """Push a page whose bytes are remembered, and commit it unread; answers the Settled."""
        return self.commit(self.settlement(self.take_one(), "same", bytes_key=self.key(body)))[0]

    def settle(self, verdict, reason, **fields):
        """Push a page, take it and commit a verdict on it; answers the Settled."""
        return self.commit(self.settlement(self.take_one(**fields), verdict, reason=reason))[0]

    def records(self):
        """The records that lie in the output stream."""
        return [msgspec.json.decode(entry[b"body"], type=Record) for entry in self.mill.records()]

    def outcomes(self, queue="default"):
        return self.store.ledger().outcomes[queue]

    def sleep(self, **period):
        self.mill.sleep(timedelta(**period))


def _milliseconds(period):
    return int(period.total_seconds() * 1000)


def _bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(params=["memory", "fakeredis", "valkey", "redis-7.0"])
def make_bench(request):
    """Makes a bench with an empty store of each kind: `make_bench(records_limit=10)`."""
    client = _CLIENTS[request.param](request)

    def make(**settings):
        own = Settings(**settings)
        if client is None:
            return Bench(MemoryMill(own))
        client.flushdb()
        return Bench(RedisMill(own, client))

    return make


@pytest.fixture
def make_memory_bench():
    """Makes a bench with an empty MemoryStore, to compare others with."""
    return lambda **settings: Bench(MemoryMill(Settings(**settings)))


@pytest.fixture
def bench(make_bench):
    """A bench with the default settings."""
    return make_bench()


def _debian(request):
    client = redis.Redis.from_url(request.getfixturevalue("debian_redis_url"))
    request.addfinalizer(client.close)
    return client


_CLIENTS = {
    "memory": lambda _: None,
    "fakeredis": lambda request: request.getfixturevalue("fake_redis"),
    "valkey": lambda request: request.getfixturevalue("redis_client"),
    "redis-7.0": _debian,
}
