"""What a mill tells of its memory of pages."""

from datetime import UTC, datetime

import pytest

from workers.store.fill import Fill, read_fill


def fill_of(bench):
    """The reading of a mill's memory."""
    return read_fill(bench.mill.client, bench.mill.keys)


on_both = pytest.mark.parametrize("make_bench", ["fakeredis", "valkey"], indirect=True)


@on_both
def test_a_mill_that_never_worked_remembers_nothing(make_bench):
    """Before the first page there is no memory."""
    assert fill_of(make_bench()) == Fill(pages=0, capacity=0, since=None, has_forgotten=False, bytes=0)


@on_both
def test_it_tells_how_many_pages_and_since_when(make_bench):
    """It fills with each text, and knows when the oldest page came."""
    bench = make_bench(memory_pages=3000, near_duplicates="off")
    before = datetime.now(UTC).replace(microsecond=0)
    bench.publish_many(100)
    found = fill_of(bench)
    assert (found.pages, found.capacity, found.has_forgotten) == (pytest.approx(100, abs=20), 3000, False)
    assert before <= found.since <= datetime.now(UTC)
    bench.sleep(days=3)
    assert (found.since - fill_of(bench).since).days == 3


@on_both
def test_a_full_memory_forgets_its_oldest_first(make_bench):
    """When it has gone round it is full, and reaches less far back than its first page."""
    bench = make_bench(memory_pages=1000, near_duplicates="off")
    bench.publish_many(1000)
    bench.sleep(days=3)
    first = fill_of(bench)
    for _ in range(4):
        bench.publish_many(1000)
    found = fill_of(bench)
    assert (found.pages, found.has_forgotten) == (1000, True)
    assert found.since > first.since


@pytest.mark.parametrize("make_bench", ["valkey"], indirect=True)
def test_its_size_is_estimated(make_bench):
    """What it says of its size is within an eighth of what the server says, when the tables are filled."""
    bench = make_bench(memory_pages=3000, near_duplicates="off")
    for _ in range(3):
        bench.publish_many(1000)
    client = bench.mill.client
    strings = [key for kind in ("ring", "exact", "near") for key in client.scan_iter(f"*:memory:{kind}:*")]
    told = sum(client.memory_usage(key, samples=0) for key in strings)
    assert fill_of(bench).bytes == pytest.approx(told, rel=0.125)


@on_both
def test_a_memory_that_somebody_broke_is_told_without_a_time(make_bench):
    """A string that is gone or no string stops no reading."""
    bench = make_bench()
    bench.publish("article", "text")
    ring = bench.mill.keys.memory[1]
    bench.mill.client.delete(f"{ring}:0")
    assert fill_of(bench).since is None
    bench.mill.client.rpush(f"{ring}:0", "x")
    assert fill_of(bench).since is None
