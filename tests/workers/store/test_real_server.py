"""What only a real server shows: a Redis at its limit of memory, and one that lost all that it held."""

import re

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError, OutOfMemoryError

from pagemill.errors import PagemillError
from workers.store.commit import COMMIT
from workers.store.redis_store import RedisStore

QUEUES = ["urgent", "default"]
COMMANDS = sorted(set(re.findall(r'call(?:_in_parts)?\("([A-Z]+)"', COMMIT.text)))

pytestmark = pytest.mark.parametrize("make_bench", ["valkey", "redis-7.0"], indirect=True)


@pytest.fixture
def fill(bench):
    """`fill()`: from now on the server takes nothing in: it is at maxmemory, and may evict nothing."""
    client = bench.mill.client

    def fill():
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 1)
        with pytest.raises(OutOfMemoryError):
            client.set("one", "more")

    yield fill
    client.config_set("maxmemory", 0)


def test_at_maxmemory_the_commit_still_drains(bench, fill):
    """A full Redis takes no page in, and lets all that it holds out: published, settled, remembered, counted."""
    for _ in range(6):
        bench.push()
    fill()
    one, two, three = bench.take(most=3)
    settled = bench.commit(
        bench.draft(one, "article", "text"),
        bench.settlement(two, "dead", reason="crashed"),
        bench.settlement(three, "rejected", reason="empty"),
    )
    assert [each.outcome for each in settled] == ["published", "dead", "rejected"]
    (page, *_) = bench.take(most=3)
    assert bench.commit(bench.draft(page, "article", "changed"))[0].outcome == "updated"
    books = bench.store.ledger()
    assert (books.records, books.dead) == (2, 1)


def test_at_maxmemory_each_way_of_a_page_is_open(bench, fill):
    """A full Redis keeps no worker from starting, adopting, trying alone, renewing, handing back or leaving."""
    bench.push()
    bench.push()
    fill()
    bench.store.open(QUEUES)
    page, other = bench.take("w1")
    assert bench.store.mark("w1", "default", page.entry, "suspect") == (0, 0)
    assert bench.store.renew("w1", [("default", page.entry)]) == 1
    assert bench.store.hand_back("w1", QUEUES, leave=True) == 2
    (again,) = bench.store.adopt("w2", QUEUES, 10)
    assert (again.entry, again.lonely) == (page.entry, 1)
    assert bench.store.mark("w2", "default", page.entry, "strike") == (1, 0)
    assert [page.entry for page in bench.store.adopt("w2", QUEUES, 10)] == [other.entry]


def test_at_maxmemory_a_first_commit_of_repetitions_goes_through(bench, fill):
    """No order of the first writes is refused: the memory turns over at maxmemory too."""
    bench.publish("article", "text", body="bytes")
    for _ in range(2):
        bench.push()
    page, other = bench.take()
    bench.sleep(days=20)
    fill()
    assert bench.commit(bench.settlement(page, "same", bytes_key=bench.key("bytes")))[0].outcome == "duplicate"
    bench.mill.client.config_set("maxmemory", 0)
    bench.sleep(days=20)
    fill()
    assert bench.commit(bench.draft(other, "mirror", "text"))[0].outcome == "duplicate"


def test_at_maxmemory_a_clock_that_jumped_back_stops_no_commit(bench, fill):
    """What is written for it is not refused."""
    bench.publish("article", "text")
    page = bench.take_one()
    bench.sleep(days=-1)
    fill()
    assert bench.commit(bench.draft(page, "mirror", "text"))[0].outcome == "duplicate"


def test_at_maxmemory_a_replay_is_refused_and_loses_nothing(bench, fill):
    """What adds a page waits until there is room: the letter stays; it can be dropped."""
    bench.settle("dead", "crashed")
    fill()
    (letter,) = bench.store.dead_letters()
    with pytest.raises(OutOfMemoryError):
        bench.store.replay(letter.letter)
    assert bench.store.ledger().dead_replayed == 0
    assert bench.store.drop(letter.letter)


def test_a_queue_that_somebody_deleted_is_made_again(bench):
    """Workers go on with what comes after a flush, and nothing of before is settled."""
    page = bench.take_one()
    bench.mill.client.flushdb()
    assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "gone"
    assert bench.take() == []
    entry = bench.push()
    assert [page.entry for page in bench.take()] == [entry]
    bench.mill.client.flushdb()
    entry = bench.push()
    settled, taken = bench.store.commit_and_take(
        [bench.draft(page, "article", "text")], consumer="w1", queues=QUEUES, most=10
    )
    assert (settled[0].outcome, taken) == ("gone", [])
    assert [page.entry for page in bench.take()] == [entry]


@pytest.fixture
def store_as(bench):
    """`store_as(*rules)`: the store as another user sees it, with these rules of Redis's ACL."""
    client = bench.mill.client
    users = []

    def store_as(*rules):
        client.execute_command("ACL", "SETUSER", "worker", "reset", "on", ">secret", *rules)
        kwargs = {**client.connection_pool.connection_kwargs, "username": "worker", "password": "secret"}
        pool = type(client.connection_pool)(connection_class=client.connection_pool.connection_class, **kwargs)
        users.append(Redis(connection_pool=pool))
        return RedisStore(users[-1], bench.store.settings)

    yield store_as
    for user in users:
        user.close()
        user.connection_pool.disconnect()
    client.execute_command("ACL", "DELUSER", "worker")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_user_without_a_right_that_the_commit_needs_is_told_at_the_start(store_as, command):
    """A right that were found missing half-way would cost pages, for no script is rolled back."""
    store = store_as("~pagemill:*", "+@all", f"-{command.lower()}")
    with pytest.raises((PagemillError, NoPermissionError), match=f"(?i){command}"):
        store.open(QUEUES)


@pytest.mark.parametrize("key", ["ledger", "records", "settled", "dead", "memory:text:old", "memory:since"])
def test_a_user_without_a_right_to_a_key_is_told_at_the_start(store_as, key):
    """Redis runs no script for a user who has no right to one of the keys that it names."""
    allowed = ["pages:*", "queues", "ledger", "records", "settled", "dead", "trials", "memory:*"]
    if key.startswith("memory:"):
        allowed.remove("memory:*")
        kinds = [f"memory:{kind}:{age}" for kind in ("bytes", "text", "article") for age in ("new", "old")]
        allowed += [*kinds, "memory:since"]
    allowed.remove(key)
    store = store_as("+@all", *(f"~pagemill:{name}" for name in allowed))
    with pytest.raises(NoPermissionError):
        store.open(QUEUES)


def test_a_user_with_all_keys_of_the_mill_can_work(bench, store_as):
    """The keys under the prefix are all that a worker needs."""
    store = store_as("~pagemill:*", "+@all")
    store.open(QUEUES)
    bench.push()
    (page,) = store.take("w1", QUEUES, 10)
    assert store.commit([bench.draft(page, "article", "text")])[0].outcome == "published"
