"""The producer on a real server: concurrency, back-pressure, and all the ways in which Redis fails."""

import multiprocessing
import os
import threading
import time

import pytest
import redis

from pagemill import PartialPush, Producer, QueueFull, RawPage, RedisFailed
from pagemill.producer import CHUNK_PAGES, Durability
from workers.embedded import embedded_server

STREAM = "pagemill:pages:default"


def pages(count, start=0):
    return [RawPage(url=f"https://example.org/{number}", body=b"text " * 400) for number in range(start, start + count)]


@pytest.fixture(scope="module")
def own_url():
    """A server that tests may starve, demote and cut off."""
    with embedded_server() as server:
        yield server.url


@pytest.fixture
def own_client(own_url):
    """A client on it; whatever a test set is taken back."""
    with redis.Redis.from_url(own_url) as client:
        client.flushall()
        yield client
        client.replicaof("NO", "ONE")
        client.config_set("maxmemory", 0)
        client.config_set("appendonly", "no")
        client.acl_deluser("scraper")


def test_threads_share_a_producer_and_never_pass_the_limit(redis_client, redis_url):
    """Eight threads push at once: the queue ends exactly at its limit, and every id that was answered is there."""
    answered, refused = [], []
    with Producer(redis_url, limit=500) as producer:

        def work(number):
            try:
                answered.extend(producer.push_many(pages(100, 100 * number)))
            except QueueFull as full:
                answered.extend(full.pushed)
                refused.extend(full.rest)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert redis_client.xlen(STREAM) == 500 == len(set(answered))
    assert {id_.decode() for id_, _ in redis_client.xrange(STREAM)} == set(answered)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_goes_on_with_the_producer_after_a_fork(redis_client, redis_url):
    """Parent and two forked children push with one producer, and nothing is lost or mixed up."""
    with Producer(redis_url) as producer:
        producer.push_many(pages(10))
        context = multiprocessing.get_context("fork")
        children = [context.Process(target=producer.push_many, args=(pages(200, 1_000 * n),)) for n in (1, 2)]
        for child in children:
            child.start()
        producer.push_many(pages(200, 5_000))
        for child in children:
            child.join()
            assert child.exitcode == 0
    bodies = [fields[b"url"] for _, fields in redis_client.xrange(STREAM)]
    assert len(bodies) == len(set(bodies)) == 610


def test_block_waits_for_room(redis_client, redis_url):
    """With block=True a full queue is waited for, and all pages go in as others are settled."""
    done = threading.Event()

    def settle():
        while not done.is_set():
            if redis_client.xlen(STREAM) >= 5:
                redis_client.xtrim(STREAM, maxlen=2, approximate=False)
            time.sleep(0.001)

    settler = threading.Thread(target=settle)
    settler.start()
    with Producer(redis_url, limit=5) as producer:
        ids = producer.push_many(pages(3 * CHUNK_PAGES), block=True, timeout=60)
    done.set()
    settler.join()
    assert len(ids) == len(set(ids)) == 3 * CHUNK_PAGES
    assert redis_client.xinfo_stream(STREAM)["entries-added"] == 3 * CHUNK_PAGES


def test_block_ends_at_its_timeout(redis_client, redis_url):
    """When no room comes, QueueFull says so, with what went in."""
    with Producer(redis_url, limit=3) as producer:
        with pytest.raises(QueueFull) as caught:
            producer.push_many(pages(5), block=True, timeout=0.1)
        assert len(caught.value.pushed) == 3
        with pytest.raises(QueueFull):
            producer.push(pages(1)[0], block=True, timeout=0.05)


def test_a_server_that_forgot_the_script_is_given_it_again(redis_client, redis_url):
    """SCRIPT FLUSH between two pushes goes unnoticed, also where a WAIT is sent behind the script."""
    with Producer(redis_url) as producer:
        producer.push(pages(1)[0])
        redis_client.script_flush()
        producer.push(pages(1)[0])
    redis_client.script_flush()
    waiting = Producer(redis_url, durability=Durability(replicas=1, seconds=0.05))
    with waiting, pytest.raises(RedisFailed, match="0 of 1 replicas"):
        waiting.push(pages(1)[0])
    assert redis_client.xlen(STREAM) == 3


def test_a_push_can_wait_for_the_disk(own_client, own_url):
    """With the append-only file on, durability=aof answers after it is written; without it that is an error."""
    with Producer(own_url, durability=Durability(aof=True, seconds=5)) as producer:
        with pytest.raises(RedisFailed, match="appendonly"):
            producer.push(pages(1)[0])
        own_client.config_set("appendonly", "yes")
        assert producer.push(pages(1)[0])


def test_a_lost_reply_is_answered_by_sending_again(redis_client, proxy):
    """The connection is cut before the reply: push returns an id, and the page lies there twice, which is harmless."""
    cuts = iter([True])
    with proxy(lambda reply: reply.startswith(b"*") and next(cuts, False)) as url, Producer(url) as producer:
        entry_id = producer.push(pages(1)[0])
    entries = redis_client.xrange(STREAM)
    assert len(entries) == 2
    assert entries[0][1] == entries[1][1]
    assert entries[1][0].decode() == entry_id


def test_redis_lost_in_the_middle_says_what_went_in(redis_client, proxy):
    """PartialPush holds the ids of the pages that are in, and the pages of the chunk that is in doubt."""
    answers = iter([False, False])
    with proxy(lambda reply: reply.startswith(b"*") and next(answers, True)) as url:
        producer = Producer(url, retry_seconds=0.2, compress=False)
        sent = pages(4 * CHUNK_PAGES)
        with pytest.raises(PartialPush, match="cannot be reached") as caught:
            producer.push_many(sent)
        producer.close()
    pushed = caught.value.pushed
    assert len(pushed) == 2 * CHUNK_PAGES
    assert caught.value.rest == sent[len(pushed) : len(pushed) + CHUNK_PAGES]
    assert set(pushed) <= {id_.decode() for id_, _ in redis_client.xrange(STREAM)}


def test_maxmemory_is_back_pressure(own_client, own_url):
    """`OOM command not allowed` becomes QueueFull, and nothing of that chunk is in."""
    own_client.config_set("maxmemory", 1_000_000)
    with Producer(own_url, memory_share=None, compress=False) as producer:
        big = [RawPage(url=f"https://example.org/{n}", body=os.urandom(50_000)) for n in range(60)]
        with pytest.raises(QueueFull, match="no memory left") as caught:
            producer.push_many(big)
    assert isinstance(caught.value.__cause__, redis.exceptions.OutOfMemoryError)
    assert own_client.xlen(STREAM) == len(caught.value.pushed)


def test_a_share_of_maxmemory_is_back_pressure_before_it_is_reached(own_client, own_url):
    """Beyond memory_share nothing is pushed, the error names both figures, and with room again it goes on."""
    used = own_client.info("memory")["used_memory"]
    own_client.config_set("maxmemory", 2 * used)
    with Producer(own_url, memory_share=0.01) as producer:
        with pytest.raises(QueueFull, match=rf"over 1% of its maxmemory of {2 * used:,}"):
            producer.push(pages(1)[0])
        own_client.config_set("maxmemory", 0)
        assert producer.push(pages(1)[0], block=True, timeout=30)
    assert own_client.xlen(STREAM) == 1


def test_a_replica_says_that_it_is_read_only(own_client, own_url):
    """READONLY becomes one line that tells what to do, with redis's error as its cause."""
    own_client.replicaof("127.0.0.1", "1")
    with Producer(own_url) as producer, pytest.raises(RedisFailed, match="read-only replica") as caught:
        producer.push(pages(1)[0])
    assert isinstance(caught.value.__cause__, redis.ReadOnlyError)


@pytest.mark.parametrize("key", ["pagemill:pages:default", "pagemill:queues"])
def test_a_key_of_the_wrong_type_is_said(redis_client, redis_url, key):
    """Something else under one of our keys is one clear error, and it is left as it was."""
    redis_client.set(key, "mine")
    with Producer(redis_url) as producer, pytest.raises(RedisFailed, match="WRONGTYPE"):
        producer.push(pages(1)[0])
    assert redis_client.get(key) == b"mine"
    assert redis_client.dbsize() == 1


def as_scraper(url, *rights):
    """The server's URL for a user with these rights alone."""
    with redis.Redis.from_url(url) as client:
        client.execute_command("ACL", "SETUSER", "scraper", "reset", "on", ">sesame", *rights)
    return url.replace("://", "://scraper:sesame@", 1)


def test_a_scrapers_few_rights_suffice(own_client, own_url):
    """EVALSHA, EVAL, XADD and XLEN on its own queue are all that a producer needs: no INFO, no other key."""
    url = as_scraper(own_url, "~pagemill:pages:mine", "~pagemill:queues", "+evalsha", "+eval", "+xadd", "+xlen")
    with Producer(url, queue="mine") as producer:
        assert len(producer.push_many(pages(3))) == 3
    assert own_client.xlen("pagemill:pages:mine") == 3


def test_a_missing_right_is_said(own_client, own_url):
    """A queue that is not the user's own is refused in one line that names the documentation."""
    url = as_scraper(own_url, "~pagemill:pages:mine", "~pagemill:queues", "+evalsha", "+eval", "+xadd", "+xlen")
    with Producer(url) as producer, pytest.raises(RedisFailed, match=r"does not permit .* docs/producers.md"):
        producer.push(pages(1)[0])


def test_a_wrong_password_is_said_at_once_and_not_repeated(own_client, own_url):
    """A refused login is not retried, and the password is not in the error."""
    url = as_scraper(own_url, "+@all").replace("sesame", "opensesame")
    with Producer(url, retry_seconds=600) as producer, pytest.raises(RedisFailed, match="refused the login") as caught:
        producer.push(pages(1)[0])
    assert "sesame" not in str(caught.value)
