"""Listing dead letters, on a real server."""

from datetime import UTC, datetime, timedelta

import pytest

import workers.store.dead
from workers.store.dead import Wanted, list_letters

DEAD = "pagemill:dead"
REASONS, HOSTS, QUEUES = ("crashed", "timeout"), ("a.example", "b.example", "c.example"), ("default", "other")


@pytest.fixture
def letters(redis_client, monkeypatch):
    """Sixty letters, a second apart from 1970-01-01T00:00:01 on, read seven at a time."""
    monkeypatch.setattr(workers.store.dead, "PAGE", 7)
    for i in range(60):
        redis_client.xadd(DEAD, letter(i), id=f"{(i + 1) * 1000}-0")
    return redis_client


def letter(i):
    return {
        "body": b"x" * 1_000,
        "dead__mine": "the page's own",
        "dead_reason": REASONS[i % 2],
        "dead_host": HOSTS[i % 3],
        "dead_queue": QUEUES[i % 2],
        "dead_url": f"https://{HOSTS[i % 3]}/{i}",
    }


def listed(client, **wanted):
    return [int(letter.letter.partition("-")[0]) // 1000 for letter in list_letters(client, DEAD, Wanted(**wanted))]


def at(seconds):
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)


def test_all_are_listed_without_their_pages(letters):
    """The oldest first; neither the body nor any field of the raw entry is read out of Redis."""
    found = list(list_letters(letters, DEAD, Wanted()))
    assert [letter.url for letter in found] == [f"https://{HOSTS[i % 3]}/{i}" for i in range(60)]
    assert all(letter.fields == {} for letter in found)


def test_each_filter_takes_its_own_and_all_must_agree(letters):
    """Reason, host, queue, and a time whose bounds are included."""
    assert listed(letters, reason="timeout") == list(range(2, 61, 2))
    assert listed(letters, host="a.example") == list(range(1, 61, 3))
    assert listed(letters, queue="other", host="b.example") == list(range(2, 61, 6))
    assert listed(letters, since=at(58)) == [58, 59, 60]
    assert listed(letters, until=at(3)) == [1, 2, 3]
    assert listed(letters, since=at(10), until=at(20), reason="crashed") == [11, 13, 15, 17, 19]
    assert listed(letters, since=at(20), until=at(10)) == []
    assert listed(letters, since=datetime.min.replace(tzinfo=UTC), until=datetime.max.replace(tzinfo=UTC)) != []


def test_what_comes_and_goes_meanwhile_is_left_out(letters):
    """The list ends at what was the newest when it began, and holds no letter that went before its page was read."""
    found = list_letters(letters, DEAD, Wanted())
    first = next(found)
    letters.xadd(DEAD, letter(0))
    letters.xdel(DEAD, "60000-0", "30000-0")
    assert len([first, *found]) == 58


def test_there_may_be_none(redis_client):
    """Neither the stream, nor a letter in it."""
    assert listed(redis_client) == []
    redis_client.xadd(DEAD, letter(0), id="1-1")
    redis_client.xdel(DEAD, "1-1")
    assert listed(redis_client) == []
