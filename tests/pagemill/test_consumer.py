"""The consumer on a real server: order, acknowledgement, takeover, and what is no record."""

import logging
import threading
import time
from datetime import UTC, datetime

import msgspec
import pytest
import redis

from pagemill import Consumer, Extraction, Record, RedisFailed, SettingsError
from workers.embedded import embedded_server

STREAM = "pagemill:records"


def record(number):
    return Record(
        id=f"page-{number}",
        url=f"https://example.org/{number}",
        canonical_url=f"https://example.org/{number}",
        text="A text.",
        content_hash="00",
        extraction=Extraction(method="none"),
        kind="new",
        version=1,
        article=f"article-{number}",
        processed_at=datetime(2024, 5, 6, tzinfo=UTC),
    )


def publish(client, *numbers):
    for number in numbers:
        client.xadd(STREAM, {"body": msgspec.json.encode(record(number)), "id": f"page-{number}"})


def ids(records):
    return [each.id for each in records]


def pending(client, group="index"):
    return client.xpending(STREAM, group)["pending"]


def consumer(url, **options):
    return Consumer(url, group="index", **{"follow": False, "takeover_seconds": 600, **options})


def test_records_come_oldest_first_and_are_acknowledged(redis_client, redis_url):
    """Over several batches each record comes once, in order, equal to what was published; then none is pending."""
    publish(redis_client, *range(25))
    with consumer(redis_url, batch=10) as reader:
        assert list(reader) == [record(number) for number in range(25)]
        assert pending(redis_client) == 0
        assert list(reader) == []


def test_a_record_is_acknowledged_when_the_loop_comes_back(redis_client, redis_url):
    """While the body runs its record is pending; behind it, it is not."""
    publish(redis_client, 1, 2)
    with consumer(redis_url) as reader:
        assert [pending(redis_client) for _ in reader] == [2, 1]


def test_a_record_whose_body_raised_comes_again(redis_client, redis_url):
    """What was not finished is the next iteration's first, and nothing is left out."""
    publish(redis_client, 1, 2, 3)

    def index(each):
        if each.id == "page-2":
            raise LookupError

    with consumer(redis_url) as reader:
        with pytest.raises(LookupError):
            list(map(index, reader))
        assert ids(reader) == ["page-2", "page-3"]


def test_each_group_gets_every_record_and_each_consumer_of_a_group_its_share(redis_client, redis_url):
    """Two consumers of one group share the records; another group has them all."""
    publish(redis_client, *range(10))
    one, two = consumer(redis_url, batch=3), consumer(redis_url, batch=3)
    shares = [[], []]
    for first, second in zip(one, two, strict=False):
        shares[0].append(first.id)
        shares[1].append(second.id)
    assert not set(shares[0]) & set(shares[1])
    with Consumer(redis_url, group="other", follow=False) as other:
        assert len(list(other)) == 10


def test_a_new_group_begins_at_the_oldest(redis_client, redis_url):
    """Records from before the group was made are read, and the stream need not exist."""
    with consumer(redis_url) as reader:
        assert list(reader) == []
    publish(redis_client, 1)
    with Consumer(redis_url, group="late", follow=False) as late:
        assert ids(late) == ["page-1"]


def test_what_a_dead_consumer_left_is_taken_over(redis_client, redis_url):
    """Another's records come first, once they lay for the time of a takeover, and then the new ones."""
    publish(redis_client, 1, 2)
    dead = consumer(redis_url, name="dead")
    next(iter(dead))
    publish(redis_client, 3)
    assert ids(consumer(redis_url)) == ["page-3"]
    time.sleep(0.05)
    assert ids(consumer(redis_url, takeover_seconds=0.05)) == ["page-1", "page-2"]
    assert pending(redis_client) == 0


def test_a_busy_consumer_takes_over_too(redis_client, redis_url):
    """Orphans are looked for between batches, not only when there is nothing new."""
    publish(redis_client, 1)
    next(iter(consumer(redis_url, name="dead")))
    publish(redis_client, *range(2, 100))
    time.sleep(0.05)
    seen = []
    for each in consumer(redis_url, batch=1, takeover_seconds=0.05):
        seen.append(each.id)
        time.sleep(0.002)
    assert "page-1" in seen[:50]


def test_a_slow_consumer_keeps_what_it_has_fetched(redis_client, redis_url):
    """A batch that takes longer than a takeover is renewed between records: no other consumer gets any of it."""
    publish(redis_client, *range(6))
    slow, other = consumer(redis_url, takeover_seconds=1), consumer(redis_url, takeover_seconds=1)
    seen, stolen = [], []
    for each in slow:
        seen.append(each.id)
        time.sleep(0.25)
        stolen += ids(other)
    assert len(seen) == 6
    assert stolen == []


def test_a_consumer_lets_go_of_what_was_taken_from_it(redis_client, redis_url):
    """One that slept beyond the takeover neither steals back nor repeats what another took."""
    publish(redis_client, *range(4))
    sleeper = iter(consumer(redis_url, takeover_seconds=0.05))
    first = next(sleeper).id
    time.sleep(0.1)
    taken = ids(consumer(redis_url, takeover_seconds=0.05))
    assert taken == [f"page-{number}" for number in range(4)]
    assert ids(sleeper) == []
    assert first == "page-0"


def test_a_name_used_again_begins_with_its_own(redis_client, redis_url):
    """A process that comes back under its old name gets what it held, without waiting for a takeover."""
    publish(redis_client, 1, 2, 3)
    next(iter(consumer(redis_url, name="a", batch=2)))
    assert ids(consumer(redis_url, name="a")) == ["page-1", "page-2", "page-3"]


def test_names_are_new_at_each_start(redis_url):
    """Two consumers never share a name by accident."""
    assert consumer(redis_url).name != consumer(redis_url).name


def test_closing_gives_back_what_was_fetched_and_not_finished(redis_client, redis_url):
    """After close another consumer has the rest at once, however long its takeover time."""
    publish(redis_client, 1, 2, 3)
    with consumer(redis_url) as reader:
        next(iter(reader))
    assert ids(consumer(redis_url)) == ["page-1", "page-2", "page-3"]


def test_a_consumer_that_holds_nothing_leaves_the_group(redis_client, redis_url):
    """Closing removes the consumer, but never one that still holds a record."""
    publish(redis_client, 1)
    with consumer(redis_url, name="done") as done:
        list(done)
    assert redis_client.xinfo_consumers(STREAM, "index") == []
    publish(redis_client, 2)
    with consumer(redis_url, name="holds") as holds:
        next(iter(holds))
    assert [each["name"] for each in redis_client.xinfo_consumers(STREAM, "index")] == [b"holds"]
    assert pending(redis_client) == 1


def test_consumers_long_gone_are_swept_unless_they_hold_something(redis_client, redis_url):
    """A new consumer removes the silent and empty ones of its group."""
    publish(redis_client, 1)
    redis_client.xgroup_create(STREAM, "index", id="0")
    redis_client.xgroup_createconsumer(STREAM, "index", "empty")
    redis_client.xreadgroup("index", "holds", {STREAM: ">"})
    time.sleep(0.03)
    list(consumer(redis_url, name="me", takeover_seconds=0.002, follow=False))
    names = {each["name"] for each in redis_client.xinfo_consumers(STREAM, "index")}
    assert b"empty" not in names


@pytest.mark.parametrize(
    "fields",
    [{"id": "x"}, {"body": ""}, {"body": "{}"}, {"body": b"\xff\x1b[31m"}, {"body": "[" * 10_000}],
    ids=["no body", "empty", "not a record", "not text", "deep"],
)
def test_an_entry_that_is_no_record_is_reported_and_does_not_block(redis_client, redis_url, caplog, fields):
    """It is logged in one printable line, told to on_error, acknowledged, and the next record comes."""
    entry_id = redis_client.xadd(STREAM, fields)
    publish(redis_client, 1)
    told = []
    with caplog.at_level(logging.WARNING), consumer(redis_url, on_error=lambda *args: told.append(args)) as reader:
        assert ids(reader) == ["page-1"]
    assert pending(redis_client) == 0
    [(told_id, told_fields, error)] = told
    assert (told_id, list(told_fields)) == (entry_id.decode(), [name.encode() for name in fields])
    assert isinstance(error, Exception)
    [line] = caplog.messages
    assert entry_id.decode() in line
    assert line.isprintable()


def test_a_record_trimmed_before_it_was_finished_is_reported(redis_client, redis_url, caplog):
    """A held record that vanished is said and acknowledged, whoever finds it."""
    publish(redis_client, 1, 2)
    next(iter(consumer(redis_url, name="a")))
    redis_client.xtrim(STREAM, maxlen=0)
    publish(redis_client, 3)
    with caplog.at_level(logging.WARNING):
        assert ids(consumer(redis_url, name="a")) == ["page-3"]
    assert [line for line in caplog.messages if "trimmed before it was read" in line]
    assert pending(redis_client) == 0


def test_a_field_that_a_newer_release_added_is_left_alone(redis_client, redis_url):
    """Records of a later schema are read by today's consumer."""
    body = msgspec.json.decode(msgspec.json.encode(record(1))) | {"mood": "blue", "schema_version": 2}
    redis_client.xadd(STREAM, {"body": msgspec.json.encode(body)})
    with consumer(redis_url) as reader:
        assert ids(reader) == ["page-1"]


def test_following_waits_for_more_until_it_is_stopped(redis_client, redis_url):
    """Records that come later are handed out; stop ends the loop behind the record in hand."""
    publish(redis_client, 1)
    with consumer(redis_url, follow=True, block_seconds=0.1) as reader:
        seen = []
        for each in reader:
            seen.append(each.id)
            if each.id == "page-1":
                threading.Timer(0.05, publish, (redis_client, 2)).start()
            else:
                reader.stop()
    assert seen == ["page-1", "page-2"]
    assert pending(redis_client) == 0


def test_stop_from_another_thread_ends_a_wait(redis_client, redis_url):
    """A consumer that waits for records ends within its block time."""
    with consumer(redis_url, follow=True, block_seconds=0.05) as reader:
        threading.Timer(0.1, reader.stop).start()
        assert list(reader) == []


@pytest.mark.parametrize("protocol", [{"protocol": 2}, {"protocol": 3}, {"decode_responses": True}])
def test_any_client_serves(redis_client, redis_url, protocol):
    """RESP 2, RESP 3 and a client that answers text give the same records."""
    publish(redis_client, 1, 2)
    with redis.Redis.from_url(redis_url, **protocol) as client:
        next(iter(consumer(client, name="dead")))
        time.sleep(0.02)
        assert ids(consumer(client, takeover_seconds=0.02)) == ["page-1", "page-2"]


def test_it_survives_connections_that_are_cut(redis_client, redis_url, caplog):
    """Killed connections are made anew, and no record is left out."""
    publish(redis_client, *range(20))
    seen = set()
    with consumer(redis_url, batch=5) as reader:
        for each in reader:
            seen.add(each.id)
            redis_client.client_kill_filter(_type="normal", skipme=True)
    assert len(seen) == 20
    assert pending(redis_client) == 0


def test_it_waits_while_redis_is_away(caplog):
    """It says so once, tries on, and can be stopped meanwhile."""
    with embedded_server() as server:
        url = server.url
        with redis.Redis.from_url(url) as client:
            publish(client, 1)
        reader = consumer(url, follow=True, block_seconds=0.1)
        records = iter(reader)
        assert next(records).id == "page-1"
    threading.Timer(0.3, reader.stop).start()
    with caplog.at_level(logging.WARNING):
        assert list(records) == []
    assert len([line for line in caplog.messages if "cannot be reached" in line]) == 1


def test_a_group_that_was_destroyed_begins_again(redis_client, redis_url, caplog):
    """When someone flushes Redis under a consumer, it makes its group again, says so, and goes on."""
    publish(redis_client, 1)
    with consumer(redis_url, follow=True, block_seconds=0.05) as reader:
        seen = []
        for each in reader:
            seen.append(each.id)
            if each.id == "page-1":
                redis_client.flushdb()
                publish(redis_client, 2)
            else:
                reader.stop()
    assert seen == ["page-1", "page-2"]
    assert "begins again" in caplog.text


def test_a_key_of_the_wrong_type_is_said(redis_client, redis_url):
    """Something else under the stream's key is one clear error."""
    redis_client.set(STREAM, "mine")
    with pytest.raises(RedisFailed, match="WRONGTYPE"):
        list(consumer(redis_url))


def test_an_unreachable_redis_is_said_at_the_start():
    """The first connection is given up after retry_seconds, in one line without the password."""
    with pytest.raises(RedisFailed, match=r"127\.0\.0\.1:1/0 cannot be reached") as caught:
        list(consumer("redis://:sesame@127.0.0.1:1/0", retry_seconds=0.05))
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "name"),
    [({"group": ""}, "group"), ({"batch": 0}, "batch"), ({"takeover_seconds": 0}, "takeover_seconds")],
)
def test_a_setting_out_of_range_is_refused_by_name(options, name):
    """SettingsError names the setting."""
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Consumer(**{"group": "index", **options})


def test_closing_a_consumer_that_never_read_asks_redis_nothing(caplog):
    """Making and closing one costs nothing, even where there is no Redis."""
    with caplog.at_level(logging.WARNING), Consumer("redis://127.0.0.1:1/0", group="index"):
        pass
    assert caplog.messages == []
