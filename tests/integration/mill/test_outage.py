"""Redis away, read-only, full, and behind a password: workers live on, and lose nothing."""

import os
import signal
import time

from workers.rq_keys import WORKERS

PASSWORD = "Mühle/geheim:1+1"  # all that has to be quoted in a URL
QUOTED = "M%C3%BChle%2Fgeheim%3A1%2B1"


def test_a_restart_of_redis_ends_no_worker(make_server, make_works):
    """SIGKILL of Redis under busy workers, a lingering horse and an idle worker: each goes on, each page comes once."""
    server = make_server()
    works = make_works(server.url)
    busy = works.start(workers=2, claim_seconds=1, lease_seconds=5, batch_pages=8)
    workers = sorted(busy.workers())
    for _ in range(3):
        works.push(30, wish="nap")
        works.until(works.settled, "the first pages")
        server.kill()
        time.sleep(0.3)  # the time that Redis is away: any will do
        server.start()
        works.until(works.answers, "Redis")
    works.await_settled(90)
    works.check_books()
    assert len(works.records()) == 90
    works.until(lambda: not busy.horses(), "idle workers")
    server.kill()
    time.sleep(0.3)
    server.start()
    works.until(works.answers, "Redis")
    works.push(5)
    works.await_settled(95)
    assert sorted(busy.workers()) == workers
    assert not busy.events("worker_died")
    assert works.dead() == {}
    works.check_books()


def test_a_pool_stops_while_redis_is_away(make_server, make_works):
    """SIGTERM with Redis gone: the pool ends, with an idle worker and with a horse that waits for its commit."""
    server = make_server()
    works = make_works(server.url)
    pool = works.start(claim_seconds=3600)
    (waiting,) = works.push(wish="wait")
    works.await_in_hand(waiting)
    server.kill()
    works.let_go()
    works.until(lambda: pool.events("redis_away"), "the horse to wait")
    pool.signal()
    assert pool.ended() == 0
    server.start()
    works.until(works.answers, "Redis")
    works.start()
    works.await_settled(1)
    works.check_books()


def test_an_idle_pool_stops_while_redis_is_away(make_server, make_works):
    """SIGTERM with Redis gone and nothing in hand: RQ asks again and again for pages, and yet the pool ends."""
    server = make_server()
    works = make_works(server.url)
    pool = works.start()
    server.kill()
    works.until(lambda: "Connection refused" in pool.log_text(), "the worker to have noticed")
    pool.signal()
    assert pool.ended() == 0


def test_a_read_only_redis_is_waited_out(make_server, make_works):
    """A server that turns replica (a failover) refuses every write for a while: idle and busy workers wait for it."""
    server = make_server()
    works = make_works(server.url)
    pool = works.start(workers=2, claim_seconds=0.2)
    workers = sorted(pool.workers())
    (waiting,) = works.push(wish="wait")
    works.await_in_hand(waiting)
    works.client.execute_command("REPLICAOF", "127.0.0.1", "1")
    works.let_go()
    works.until(lambda: len(pool.log_text().split("read only replica")) > 3, "refusals")
    works.client.execute_command("REPLICAOF", "NO", "ONE")
    works.push(5)
    works.await_settled(6)
    assert sorted(pool.workers()) == workers
    assert not pool.events("worker_died")
    works.check_books()


def test_a_full_redis_is_drained(make_server, make_works):
    """At maxmemory pages on the queue are milled all the same, by the same worker, and RQ's bookkeeping may fail."""
    server = make_server("--maxmemory-policy", "noeviction")
    works = make_works(server.url)
    pool = works.start(claim_seconds=0.2)
    worker = pool.worker()
    (waiting,) = works.push(wish="wait")
    works.await_in_hand(waiting)
    works.push(20)
    works.client.config_set("maxmemory", "1mb")
    works.let_go()
    works.await_settled(21)
    assert pool.worker() == worker
    assert not pool.events("worker_died")
    works.client.config_set("maxmemory", "0")
    works.push(5)
    works.await_settled(26)
    works.check_books()


def test_no_line_of_a_log_holds_the_password(make_server, make_works, tmp_path):
    """Pool, worker, horse and RQ's lines, with Redis away and back: the password is in none, plain or quoted."""
    server = make_server("--requirepass", PASSWORD)
    works = make_works(server.url.replace("unix://", f"unix://:{QUOTED}@"))
    pool = works.start(claim_seconds=0.5)
    works.push(5)
    works.await_settled(5)
    server.kill()
    works.until(lambda: "redis_away" in pool.log_text() or "could not connect" in pool.log_text(), "the outage noted")
    server.start()
    works.until(works.answers, "Redis")
    works.push(5)
    works.await_settled(10)
    server.kill()
    server.start("--requirepass", "another")
    works.until(lambda: "invalid username-password" in pool.log_text(), "the refusal noted")
    pool.stop()
    log = pool.log_text()
    assert PASSWORD not in log
    assert QUOTED not in log
    assert PASSWORD.split("/")[1] not in log


def test_a_killed_worker_is_gone_from_rqs_books_in_the_end(works):
    """A worker killed by SIGKILL leaves RQ's set of workers when its key has expired, by another's maintenance."""
    pool = works.start()
    (dead,) = works.client.smembers(WORKERS)
    os.kill(pool.worker(), signal.SIGKILL)
    works.until(lambda: works.client.scard(WORKERS) == 2, "another worker")
    works.client.delete(dead)  # as Redis does when it expires
    works.start()
    works.until(lambda: not works.client.sismember(WORKERS, dead), "the dead one forgotten")
