"""What a pool sees of a mill: on a real server."""

import pytest
from redis.exceptions import RedisError

from pagemill.keys import GROUP
from workers.pool_looks import Looks
from workers.pool_machine import Machine
from workers.settings import Settings
from workers.store.redis_store import RedisStore


@pytest.fixture
def mill(redis_client):
    """A store with three pages that wait."""
    store = RedisStore(redis_client, Settings(lease_seconds=1))
    store.open(["default"])
    for number in range(3):
        redis_client.xadd("pagemill:pages:default", {"url": f"https://a.example/{number}", "body": "x"})
    return store


@pytest.fixture
def look(redis_client, tmp_path):
    """Looks with settings, and answers what was seen."""

    def take(*workers, **settings):
        return Looks(redis_client, Settings(**settings), Machine(tmp_path)).look(workers)

    return take


def test_a_look_tells_what_waits_and_who_is_busy(mill, look):
    """Pages in no hand, and those of the pool's workers that hold some; a name that begins alike is another's."""
    mill.take("w1.abc", ["default"], 1)
    mill.take("w10.abc", ["default"], 1)
    seen, busy = look("w1", "w2")
    assert (seen.waiting, seen.busy, busy) == (1, 1, frozenset({"w1"}))
    assert seen.oldest_age >= 0


def test_pages_that_were_handed_back_wait(mill, look):
    """They lie in the group's pending list, but in nobody's hands."""
    mill.take("w1.abc", ["default"], 3)
    mill.hand_back("w1.abc", ["default"])
    seen, busy = look("w1")
    assert (seen.waiting, seen.busy, busy) == (3, 0, frozenset())


def test_settled_pages_are_counted_over_the_pools_queues(redis_client, mill, look):
    """Of all outcomes, and of no queue but its own."""
    redis_client.hset("pagemill:ledger", mapping={"default|published": 5, "default|rejected": 2, "news|dead": 9})
    redis_client.hset("pagemill:ledger", "default|rejected|empty", 2)
    assert look()[0].settled == 7


def test_a_group_that_has_not_read_makes_the_output_full(redis_client, mill, look):
    """Where commits would wait for it; not where the setting is to trim, and not once it has acknowledged."""
    redis_client.xgroup_create("pagemill:records", "slow", id="0", mkstream=True)
    for _ in range(40):
        redis_client.xadd("pagemill:records", {"body": "{}"})
    assert look(records_limit=100)[0].output_full
    assert not look(records_limit=1_000)[0].output_full
    assert not look(records_limit=100, records_at_limit="trim")[0].output_full
    (_, entries), *_ = redis_client.xreadgroup("slow", "c", {"pagemill:records": ">"})
    assert look(records_limit=100)[0].output_full
    redis_client.xack("pagemill:records", "slow", *(entry for entry, _ in entries))
    assert not look(records_limit=100)[0].output_full


def test_redis_own_load_is_told_from_the_second_look_on(redis_client, mill, tmp_path):
    """The share of a processor that its main thread took since the first."""
    looks = Looks(redis_client, Settings(), Machine(tmp_path))
    assert looks.look(())[0].redis_load is None
    for _ in range(1_000):
        redis_client.ping()
    assert 0 < looks.look(())[0].redis_load < 2


def test_a_queue_that_has_lost_its_group_is_an_error(redis_client, mill, look):
    """As every fault of Redis: the pool then keeps its size."""
    redis_client.xgroup_destroy("pagemill:pages:default", GROUP)
    with pytest.raises(RedisError):
        look()
