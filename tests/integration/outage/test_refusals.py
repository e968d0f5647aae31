"""A Redis that is there and refuses: a full disk, a script that holds it up, too few replicas; or has lost all."""

import resource
import signal
import threading
from contextlib import suppress

import pytest
from redis.exceptions import ResponseError

from pagemill import Consumer, Producer, RedisFailed
from pagemill.keys import GROUP
from workers.rq_keys import QUEUES, WORKERS


@pytest.fixture
def at_work(make_server, make_works):
    """`at_work(*options)`: a server with these options, and a pool of two workers that has a page in hand."""

    def start(*options):
        server = make_server(*options)
        works = make_works(server.url)
        works.until(works.answers, "Redis")
        pool = works.start(workers=2, claim_seconds=0.3)
        works.await_in_hand(works.push(wish="wait")[0])
        return server, works, pool

    return start


def refused(works, word):
    """Whether Redis refuses a write with this word."""
    try:
        works.client.set("one", "more")
    except ResponseError as error:
        return str(error).startswith(word)
    return False


def check(works, pool, settled):
    """All went on: the same workers, a page for each outcome."""
    works.await_settled(settled)
    assert not pool.events("worker_died")
    assert works.dead() == {}
    works.check_books()


def raises_then_pushes(works, words, mend):
    """A producer without patience is told what is wrong; one with patience waits until it is mended."""
    with Producer(works.url, retry_seconds=0) as producer, pytest.raises(RedisFailed, match=words):
        producer.push(url="https://mill.example/refused", body=b"<p>x</p>")
    timer = threading.Timer(0.5, mend)
    timer.start()
    with Producer(works.url, retry_seconds=60) as producer:
        producer.push(url="https://mill.example/waited", body=works.page()["body"].encode())
    timer.join()


def test_a_full_disk_under_the_aof_is_waited_out(at_work):
    """Redis refuses writes (MISCONF) while it cannot write its AOF, which a limit on its files stands for here."""
    server, works, pool = at_work("--appendfsync", "everysec")
    works.push(20)
    full, none = (0, resource.RLIM_INFINITY), (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, full)
    works.until(lambda: refused(works, "MISCONF"), "a refusal")
    works.let_go()
    works.until(lambda: "MISCONF" in pool.log_text(), "a worker that was refused")
    raises_then_pushes(works, "MISCONF", lambda: resource.prlimit(server.pid, resource.RLIMIT_FSIZE, none))
    check(works, pool, 22)
    server.kill()
    server.start("--appendfsync", "everysec")
    works.until(works.answers, "Redis")
    works.check_books()


def test_a_script_that_holds_redis_up_is_waited_out(at_work):
    """BUSY, until somebody kills the script."""
    _, works, pool = at_work("--busy-reply-threshold", "50")

    def hold_up():
        with suppress(ResponseError):
            works.client.eval("while true do end", 0)

    thread = threading.Thread(target=hold_up)
    thread.start()
    works.until(lambda: refused(works, "BUSY"), "a refusal")
    works.let_go()
    works.until(lambda: "BUSY" in pool.log_text(), "a worker that was refused")
    raises_then_pushes(works, "BUSY", works.client.script_kill)
    thread.join()
    check(works, pool, 2)


def test_too_few_replicas_are_waited_for(at_work):
    """NOREPLICAS, while fewer follow than min-replicas-to-write asks for."""
    _, works, pool = at_work()
    works.client.config_set("min-replicas-to-write", 1)
    works.let_go()
    works.until(lambda: "NOREPLICAS" in pool.log_text(), "a worker that was refused")
    raises_then_pushes(works, "NOREPLICAS", lambda: works.client.config_set("min-replicas-to-write", 0))
    check(works, pool, 2)


def test_a_read_only_redis_is_waited_for_by_a_consumer(make_server, make_works):
    """A primary that turned replica: a consumer that has begun waits for ever, and gets what comes afterwards."""
    works = make_works(make_server().url)
    works.until(works.answers, "Redis")
    works.start()
    works.push(3)
    works.await_settled(3)
    with Consumer(works.url, group="index", block_seconds=0.1) as consumer:
        records = iter(consumer)
        next(records)
        works.client.execute_command("REPLICAOF", "127.0.0.1", "1")
        threading.Timer(0.5, works.client.execute_command, ("REPLICAOF", "NO", "ONE")).start()
        got = [next(records).id for _ in range(2)]
        works.push(1)
        got.append(next(records).id)
    assert len(set(got)) == 3


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SHUTDOWN"])
def test_a_restart_under_load_is_waited_out(at_work, end):
    """Killed or shut down while pages are milled: no page that was pushed is missing, none comes twice."""
    server, works, pool = at_work()
    works.push(100)
    works.let_go()
    works.until(lambda: works.settled() > 5, "the first pages")
    server.signal(end)
    server.ended()
    works.until(lambda: pool.events("redis_away") or "could not connect" in pool.log_text(), "the outage noted")
    server.start()
    works.until(works.answers, "Redis")
    check(works, pool, 101)


@pytest.mark.parametrize("how", ["flushed", "restarted without its data"])
def test_a_redis_that_lost_all_is_filled_again(at_work, how):
    """Queues, group and RQ's books are made again by workers that are at work; what was in it is gone."""
    server, works, pool = at_work()
    workers = works.client.smembers(WORKERS)
    if how == "flushed":
        works.client.flushall()
    else:
        server.kill()
        server.start("--appenddirname", "another")
    works.until(works.answers, "Redis")
    works.let_go()
    works.until(lambda: works.client.exists(works.settings.keys.pages("default")), "the queue")
    works.until(lambda: works.client.xinfo_groups(works.settings.keys.pages("default")), "the group")
    assert works.client.xinfo_groups(works.settings.keys.pages("default"))[0]["name"] == GROUP.encode()
    works.push(5)
    check(works, pool, 5)
    works.until(lambda: works.client.smembers(WORKERS) == workers, "the workers in RQ's books")
    works.until(lambda: works.client.smembers(QUEUES) == {b"rq:queue:default"}, "the queue in RQ's books")
    works.until(lambda: works.client.smembers(works.settings.keys.queues) == {b"default"}, "the queue's name")
