"""What a worker tells of itself, and the notes that rates come from."""

import os

import pytest

from pagemill.keys import METERS
from workers.horses.hand import Held
from workers.settings import Settings
from workers.store.redis_store import RedisStore
from workers.vitals import Vitals, resident_bytes, take_sample

WORKER = "rq:worker:w"


@pytest.fixture
def store(redis_client):
    store = RedisStore(redis_client, Settings())
    store.open(["default"])
    return store


def told(client):
    return {name.decode(): value.decode() for name, value in client.hgetall(WORKER).items()}


def test_a_worker_tells_its_pages_over_all_claims_its_memory_and_its_claim(store):
    """Those of the claim under way among them, by what its horse has in hand."""
    vitals = Vitals(store.client, store.settings, WORKER)
    vitals.begin_claim()
    vitals.end_claim(Held(settled=40))
    vitals.begin_claim()
    vitals.tell(Held(settled=2), horse=os.getpid())
    found = told(store.client)
    assert found["mill_pages"] == "42"
    assert float(found["mill_rate"]) > 0
    assert float(found["mill_claim"]) > 1_700_000_000
    assert int(found["mill_memory"]) == pytest.approx(2 * resident_bytes(os.getpid()), rel=0.2)


def test_an_idle_worker_has_no_claim(store):
    """And what it settled stays told."""
    vitals = Vitals(store.client, store.settings, WORKER)
    vitals.begin_claim()
    vitals.end_claim(Held(settled=3))
    vitals.tell()
    assert (told(store.client)["mill_claim"], told(store.client)["mill_pages"]) == ("", "3")


def test_it_tells_every_ten_seconds_however_often_it_is_asked(store):
    """A heartbeat costs nothing in between."""
    vitals = Vitals(store.client, store.settings, WORKER)
    vitals.tell()
    assert 0 < store.client.ttl(WORKER) <= 90
    store.client.delete(WORKER)
    vitals.tell()
    assert told(store.client) == {}


def test_notes_are_taken_once_in_fifteen_seconds_by_whomever(store):
    """Two hundred workers note as often as one."""
    keys = store.keys
    taken = [take_sample(store.client, keys) for _ in range(20)]
    assert 1 <= sum(taken) <= 2
    lengths = {part: store.client.xlen(keys.meters(part)) for part, kind in METERS.items() if kind == "stream"}
    assert lengths == {"counts": sum(taken), "minutes": sum(taken), "day": lengths["day"]}
    assert 1 <= lengths["day"] <= sum(taken)


def test_notes_are_bounded(store):
    """An hour and a quarter, whatever lies there."""
    key = store.keys.meters("minutes")
    for number in range(1, 400):
        store.client.xadd(key, {"pushed": 0, "settled": 0, "depth": 0}, id=f"{number}-1")
    assert take_sample(store.client, store.keys)
    assert store.client.xlen(key) == 260


def test_a_clock_that_jumped_back_stops_no_notes(store):
    """What was noted under later times is dropped, for a stream takes no entry under an earlier one."""
    keys = store.keys
    later = int(store.client.time()[0] + 86_400) * 1_000
    for part, kind in METERS.items():
        if kind == "stream":
            store.client.xadd(keys.meters(part), {"pushed": 0, "settled": 0, "depth": 0, "body": "{}"}, id=f"{later}-1")
    assert take_sample(store.client, keys)
    assert [store.client.xlen(keys.meters(part)) for part in ("counts", "minutes", "day")] == [1, 1, 1]
    ((entry, _),) = store.client.xrange(keys.meters("minutes"))
    assert int(entry.partition(b"-")[0]) < later


def test_a_process_that_has_ended_holds_no_memory():
    """Its horse may end while the worker looks."""
    assert resident_bytes(2**22 + 1) == 0
