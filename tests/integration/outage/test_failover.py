"""A primary behind Sentinel that dies, hangs or is demoted: producers, workers and consumers follow to the next."""

import signal
import threading

import pytest

from pagemill import Consumer, Producer, RawPage
from pagemill.producer import Durability


@pytest.fixture
def reader(site):
    """A consumer at work in a thread; `reader` maps the ids of the records that it was given to their versions."""
    given = {}
    consumer = Consumer(site.url, group="index", block_seconds=0.1, retry_seconds=30)

    def read():
        for record in consumer:
            given.setdefault(record.id, set()).add(record.version)

    thread = threading.Thread(target=read)
    thread.start()
    yield given
    consumer.stop()
    thread.join()
    consumer.close()


def push(site, works, count, *, replicas=1):
    """Push so many pages, each on so many replicas when this returns; answers their ids."""
    with Producer(site.url, durability=Durability(replicas=replicas, seconds=5), retry_seconds=30) as producer:
        fields = [works.page() for _ in range(count)]
        producer.push_many(RawPage(url=one["url"], id=one["id"], body=one["body"].encode()) for one in fields)
    return {one["id"] for one in fields}


def test_a_failover_is_followed(site, make_works, reader):
    """The primary is killed; the next one demoted by hand: no page whose push two servers confirmed is missing.

    What the first primary had not told its replica yet may come again, as the same version.
    """
    works = make_works(site.url)
    pool = works.start(workers=2, claim_seconds=0.3)
    workers = sorted(pool.workers())
    pushed = push(site, works, 20)
    works.until(lambda: len(reader) > 3, "the first records")
    site.signal(site.primary(), signal.SIGKILL)
    site.until(lambda: site.primary() == 1)
    pushed |= push(site, works, 10, replicas=0)
    works.until(lambda: pushed == set(reader), "the records of all pages pushed")
    site.start(0, "--replicaof", f"127.0.0.1 {site.ports[1]}")
    site.await_replica(1)
    pushed |= push(site, works, 10)
    works.until(lambda: pushed == set(reader), "the records of all pages pushed")
    site.fail_over()
    site.until(lambda: site.primary() == 0)
    pushed |= push(site, works, 10, replicas=0)
    works.until(lambda: pushed == set(reader), "the records of all pages pushed")
    assert set(map(frozenset, reader.values())) == {frozenset({1})}
    assert sorted(pool.workers()) == workers
    assert not pool.events("worker_died")
    assert "sesame" not in pool.log_text()
