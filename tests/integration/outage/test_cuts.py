"""A connection cut at any byte, requests or replies: no page lost, no record twice."""

from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proxy import Proxy

from pagemill import Consumer, Extraction, Producer, RawPage, Record
from pagemill.keys import GROUP, Keys
from pagemill.push import PUSH
from workers.connection import connect
from workers.drain import Drain
from workers.horses.hand import Hand
from workers.patience import patiently
from workers.settings import Settings
from workers.store.redis_store import ADOPT, COMMIT, HAND_BACK, RedisStore

KEYS = Keys()
QUEUES = ["default"]


def cuts_of(*moments):
    """One to three cuts: anywhere from the first byte of a connection on, or just behind one of these requests."""
    direction = st.sampled_from(["requests", "replies"])
    anywhere = st.tuples(st.integers(0, 9_000), direction, st.just(b""))
    behind = st.tuples(st.integers(0, 300), direction, st.sampled_from(moments))
    return given(cuts=st.lists(anywhere | behind, min_size=1, max_size=3))


in_one_server = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def page(number):
    """A page unlike all others."""
    words = " ".join(f"Wheel {number} turns stone {i} for flour {i * number}." for i in range(8))
    return RawPage(url=f"https://mill.example/{number}", body=f"<h1>Story {number}</h1><p>{words}</p>".encode())


@pytest.fixture
def proxy(redis_client, redis_url):
    """Before the tests' server."""
    with Proxy(redis_url) as proxy:
        yield proxy


@contextmanager
def cut(proxy, cuts):
    """Inside it, connections are cut so; those that are still to come at its end are forgotten."""
    for count, direction, after in cuts:
        proxy.cut_after(count, direction, after=after)
    yield
    proxy.disarm()


def pushed(client):
    """The urls that lie on the queue, in order."""
    return [fields[b"url"].decode() for _, fields in client.xrange(KEYS.pages("default"))]


@in_one_server
@cuts_of(PUSH.sha.encode(), PUSH.text[-60:].encode())
def test_a_push_that_returned_is_in(redis_client, proxy, cuts):
    """One page and many: each that a call returned for is on the queue, and its id is an entry's."""
    redis_client.flushdb()
    redis_client.script_flush()
    pages = [page(number) for number in range(6)]
    with Producer(proxy.url, retry_seconds=60) as producer, cut(proxy, cuts):
        ids = [producer.push(pages[0]), *producer.push_many(pages[1:])]
    entries = dict(redis_client.xrange(KEYS.pages("default")))
    assert [entries[id_.encode()][b"url"].decode() for id_ in ids] == [each.url for each in pages]
    assert set(pushed(redis_client)) == {each.url for each in pages}


def record(id_):
    """A record as the commit writes it."""
    return Record(
        id=id_,
        url="https://mill.example/",
        canonical_url="https://mill.example/",
        text="A text.",
        content_hash="00",
        extraction=Extraction(method="none"),
        kind="new",
        version=1,
        article=id_,
        processed_at=datetime(2024, 5, 6, tzinfo=UTC),
    )


def mill(store, client):
    """A worker's claim, and what it does before and after one; answers whether there was anything to do."""
    hand = Hand(QUEUES)
    pages = patient(lambda: store.adopt("me", QUEUES, 4) or store.take("me", QUEUES, 4))
    Drain(store, store.settings, consumer="me", queues=QUEUES, hand=hand).run(pages, linger=False)
    patient(lambda: store.hand_back("me", QUEUES))
    return client.xlen(KEYS.pages("default"))


def patient(call):
    """As RQ's loop and the inquest: tried until it goes through."""
    return patiently(call, pause=lambda _seconds: None)


@in_one_server
@cuts_of(COMMIT.sha.encode(), ADOPT.sha.encode(), HAND_BACK.sha.encode(), b"XREADGROUP", b"HMGET")
def test_a_claim_loses_no_page_and_publishes_none_twice(redis_client, proxy, cuts):
    """Take, recall, commit, hand back: also when the commit was carried out and its answer was lost."""
    redis_client.flushdb()
    redis_client.script_flush()
    with Producer(redis_client) as producer:
        producer.push_many([page(number) for number in range(9)])
    with connect(proxy.url, tries=0) as client:
        store = RedisStore(client, Settings(page_seconds=3600, claim_seconds=60, batch_pages=4))
        patient(lambda: store.open(QUEUES))
        with cut(proxy, cuts):
            while mill(store, redis_client):
                pass
    published = [fields[b"url"].decode() for _, fields in redis_client.xrange(KEYS.records)]
    assert sorted(published) == sorted(page(number).url for number in range(9))
    assert redis_client.xpending(KEYS.pages("default"), GROUP)["pending"] == 0
    counted = {field: int(count) for field, count in redis_client.hgetall(KEYS.ledger).items()}
    assert counted.pop(b"latency|ms") >= 0
    assert sum(counted.pop(field) for field in list(counted) if field.startswith(b"latency|")) == 9
    assert counted == {b"default|published": 9}
    assert redis_client.xlen(KEYS.settled) == 9


@in_one_server
@cuts_of(b"XREADGROUP", b"XACK", b"XAUTOCLAIM")
def test_a_consumer_is_given_every_record(redis_client, proxy, cuts):
    """Fetch, acknowledge, leave: none is left out, and none comes again, since what was acknowledged is asked again."""
    redis_client.flushdb()
    redis_client.script_flush()
    ids = [f"p{number}" for number in range(12)]
    for id_ in ids:
        redis_client.xadd(KEYS.records, {"body": msgspec.json.encode(record(id_)), "id": id_})
    with cut(proxy, cuts), Consumer(proxy.url, group="all", batch=5, follow=False, retry_seconds=60) as records:
        given_ids = [each.id for each in records]
    assert sorted(given_ids) == sorted(ids)
    assert redis_client.xpending(KEYS.records, "all")["pending"] == 0
