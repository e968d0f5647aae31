"""What only a real server shows: a Redis at its limit of memory, and one that lost all that it held."""

from datetime import UTC, datetime

import pytest
from redis.exceptions import OutOfMemoryError

QUEUES = ["urgent", "default"]

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
    fill()
    bench.sleep(days=20)
    (page, other) = bench.take()
    assert bench.commit(bench.settlement(page, "same", bytes_key=bench.key("bytes")))[0].outcome == "duplicate"
    bench.sleep(days=20)
    assert bench.commit(bench.draft(other, "mirror", "text"))[0].outcome == "duplicate"


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
        [bench.draft(page, "article", "text")], now=datetime.now(UTC), consumer="w1", queues=QUEUES, most=10
    )
    assert (settled[0].outcome, taken) == ("gone", [])
    assert [page.entry for page in bench.take()] == [entry]
