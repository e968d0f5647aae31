"""PageQueue: RQ's queue, whose jobs are claims on pages."""

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from rq.exceptions import DequeueTimeout
from rq.registry import clean_registries
from rq.serializers import JSONSerializer

from pagemill.keys import GROUP
from workers.claim import Claim
from workers.queue import PageQueue


@pytest.fixture
def queues(redis_client):
    """Two queues as a worker has them."""
    queues = [PageQueue(name, redis_client) for name in ("high", "low")]
    for queue in queues:
        queue.consumer = "me"
        queue.store = queues[0].store
    queues[0].store.open(["high", "low"])
    return queues


def push(client, queue, count=1):
    return [client.xadd(f"pagemill:pages:{queue}", {"url": "u", "body": "b"}).decode() for _ in range(count)]


def dequeue(queues, client, timeout=None):
    return PageQueue.dequeue_any(queues, timeout, client)


def test_dequeue_answers_with_a_claim(queues, redis_client):
    """Pages of the first queue that has any, as many as a batch; and the queue they came from."""
    low, high = push(redis_client, "low", 3), push(redis_client, "high", 2)
    for queue, entries in zip(queues, (high, low), strict=True):
        claim, origin = dequeue(queues, redis_client)
        assert isinstance(claim, Claim)
        assert [page.entry for page in claim.pages] == entries
        assert (claim.origin, origin) == (queue.name, queue)
        redis_client.xack(f"pagemill:pages:{queue.name}", GROUP, *entries)


def test_what_a_lost_reply_gave_us_comes_with_the_next_claim(queues, redis_client):
    """Pages that lie under our name when we ask for work are in nobody's hand: they wait for no lease."""
    entries = push(redis_client, "low", 2)
    queues[0].store.take("me", ["low"], 1)
    claim, _ = dequeue(queues, redis_client)
    assert [page.entry for page in claim.pages] == entries[:1]
    claim, _ = dequeue(queues, redis_client)
    assert [page.entry for page in claim.pages] == entries[:1]


def test_nothing_to_do_ends_a_burst(queues, redis_client):
    """Without a timeout, as in RQ's burst mode, an empty queue answers None, and a claim does not linger."""
    assert dequeue(queues, redis_client) is None
    push(redis_client, "low")
    claim, _ = dequeue(queues, redis_client)
    assert not claim.lingers


def test_with_a_timeout_it_waits(queues, redis_client):
    """RQ is told by its own exception that the time is up, and gets its turn for a heartbeat."""
    with pytest.raises(DequeueTimeout):
        dequeue(queues, redis_client, timeout=1)
    push(redis_client, "low")
    claim, _ = dequeue(queues, redis_client, timeout=1)
    assert claim.lingers


def test_while_the_mill_is_suspended_nothing_is_taken(queues, redis_client):
    """Also by a worker that was idle when `rq suspend` was called, which RQ lets begin one more job."""
    entries = push(redis_client, "low", 2)
    redis_client.set("rq:suspended", 1)
    with pytest.raises(DequeueTimeout):
        dequeue(queues, redis_client, timeout=1)
    assert dequeue(queues, redis_client) is None
    redis_client.delete("rq:suspended")
    claim, _ = dequeue(queues, redis_client, timeout=1)
    assert [page.entry for page in claim.pages] == entries


def test_orphans_come_first(queues, redis_client):
    """What was handed back has waited longest."""
    entries = push(redis_client, "low", 2)
    dequeue(queues, redis_client)
    queues[0].store.hand_back("me", ["high", "low"])
    push(redis_client, "high")
    claim, _ = dequeue(queues, redis_client)
    assert [page.entry for page in claim.pages] == entries


def test_a_flushed_server_is_set_up_again(queues, redis_client):
    """A queue whose group is gone gets it back when somebody asks for pages."""
    redis_client.flushdb()
    assert dequeue(queues, redis_client) is None
    push(redis_client, "high")
    claim, _ = dequeue(queues, redis_client)
    assert len(claim.pages) == 1


def test_redis_away_is_told_as_rq_expects_it(tmp_path):
    """As a connection error, which RQ's loop waits out."""
    nowhere = Redis(unix_socket_path=str(tmp_path / "none"), retry=Retry(NoBackoff(), 0))
    queue = PageQueue("default", nowhere)
    with pytest.raises(RedisConnectionError):
        dequeue([queue], nowhere)


def test_its_count_is_of_pages(queues, redis_client):
    """Waiting and in hand, none of them settled; ordinary jobs in RQ's list are not counted."""
    push(redis_client, "low", 5)
    redis_client.rpush("rq:queue:low", "a-job")
    dequeue(queues, redis_client)
    assert [queue.count for queue in queues] == [0, 5]


def test_a_queue_of_rqs_own_has_no_pages(redis_client):
    """`rq info` shows all queues that RQ knows: a name that no queue of pages may have is no error."""
    assert PageQueue("somebody's: jobs", redis_client).count == 0


def test_ordinary_jobs_are_refused(queues, redis_client):
    """Enqueuing raises, says what to do, and nothing comes into the list."""
    with pytest.raises(TypeError, match=r"pagemill\.Producer"):
        queues[0].enqueue("os.getpid")
    assert redis_client.llen("rq:queue:high") == 0


def test_its_classes_cannot_be_changed(redis_client):
    """Whatever job class and serializer RQ is told, they are ours."""
    queue = PageQueue("default", redis_client, job_class="rq.job.Job", serializer="rq.serializers.PickleSerializer")
    assert (queue.job_class, queue.serializer) == (Claim, JSONSerializer)


@pytest.mark.parametrize("kind", ["finished", "failed", "deferred", "ready", "scheduled", "canceled"])
def test_its_registries_are_empty(queues, redis_client, kind):
    """A forged entry is not counted, named or fetched, and RQ's clean-up does not trip over it."""
    redis_client.zadd(f"rq:{kind}:low", {"forged": 1})
    registry = getattr(queues[1], f"{kind}_job_registry")
    assert (registry.count, registry.get_job_ids(), len(registry)) == (0, [], 0)
    assert registry.key == f"rq:{kind}:low"
    clean_registries(queues[1])


def test_lost_claims_are_forgotten(queues, redis_client):
    """The registry of claims under way counts those whose time is not up, and fetches none."""
    redis_client.zadd("rq:wip:low", {"forged:execution": 1, "claim-1:execution": 9e12})
    registry = queues[1].started_job_registry
    assert registry.count == 1
    assert registry.get_job_ids() == ["claim-1"]
    assert redis_client.zcard("rq:wip:low") == 1
