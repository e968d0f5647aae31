"""The RQ job that is built on the spot and never read."""

import pickle

import pytest
from rq.exceptions import NoSuchJobError
from rq.serializers import JSONSerializer
from rq.utils import now

from workers.claim import CLAIM_KEPT, ID_PREFIX, Claim
from workers.store.contract import Taken

PAGES = [Taken(queue="default", entry=f"{i}-0", fields={}) for i in range(3)]


@pytest.fixture
def claim(redis_client):
    """A claim on three pages."""
    return Claim.of(PAGES, queue="default", connection=redis_client)


def test_a_claim_is_not_saved(claim, redis_client):
    """Building one writes nothing."""
    assert claim.origin == "default"
    assert claim.id.startswith(ID_PREFIX)
    assert claim.result_ttl == 0
    assert redis_client.dbsize() == 0


def test_a_late_heartbeat_leaves_no_note_for_ever(claim, redis_client):
    """A worker that is killed right after its heartbeat on a claim that is over: what it wrote goes by itself."""
    claim.heartbeat(now(), 90)
    assert 0 < redis_client.ttl(claim.key) <= CLAIM_KEPT
    with redis_client.pipeline() as pipe:
        claim.heartbeat(now(), 90, pipe, xx=True)
        redis_client.delete(claim.key)
        pipe.execute()
    assert 0 < redis_client.ttl(claim.key) <= CLAIM_KEPT


def test_each_claim_has_a_name_of_its_own(redis_client):
    """Nobody can lie in wait under the next one's key."""
    names = {Claim.of(PAGES, queue="default", connection=redis_client).id for _ in range(50)}
    assert len(names) == 50


def test_a_claim_is_worked_by_its_drain(claim):
    """What it does is what its horse gave it to do, whatever its function's name says."""
    done = []
    claim.drain = done.append
    claim._execute()
    assert done == [claim]
    assert list(claim.pages) == PAGES


def test_a_claim_in_another_worker_says_which_one_to_use(claim):
    """RQ's own horse has no drain for it."""
    with pytest.raises(RuntimeError, match=r"--worker-class workers\.worker\.MillWorker"):
        claim._execute()


def test_a_claim_has_no_callback_to_call(claim):
    """No success, failure or stopped callback, no webhook, no dependency, no repetition, no rate limit."""
    assert (claim.success_callback, claim.failure_callback, claim.stopped_callback) == (None, None, None)
    assert list(claim.webhooks) == []
    assert (claim.dependency_ids, claim.repeats_left, claim.has_rate_limit) == ([], None, False)


@pytest.mark.parametrize("key", ["rq:job:claim-1", "rq:job:anything"])
def test_what_lies_under_a_jobs_key_is_never_read(redis_client, key):
    """A forged hash is neither deserialised nor looked at."""
    redis_client.hset(key, mapping={"data": pickle.dumps(("os.system", None, ("true",), {})), "status": "queued"})
    name = key.removeprefix("rq:job:")
    with pytest.raises(NoSuchJobError):
        Claim.fetch(name, redis_client)
    with pytest.raises(NoSuchJobError):
        Claim(name, redis_client).refresh()
    with pytest.raises(NoSuchJobError):
        Claim(name, redis_client).restore(redis_client.hgetall(key))
    assert Claim.fetch_many([name, "other"], redis_client) == [None, None]


def test_a_claim_knows_json_alone(redis_client):
    """Whatever serializer RQ is told, nothing of a claim is pickled or unpickled."""
    assert Claim("claim-2", redis_client, "rq.serializers.PickleSerializer").serializer is JSONSerializer
