"""The producer's contract, on fakeredis: what goes in, what is refused, and what the error tells."""

import itertools

import pytest
import redis

from pagemill import InvalidPage, Limits, PageTooLarge, Producer, QueueFull, RawPage, RedisFailed, SettingsError
from pagemill.producer import CHUNK_BYTES, CHUNK_PAGES, Durability
from pagemill.wire import decode

STREAM = "pagemill:pages:default"
BODY = b"<p>" + b"text " * 400


def page(number, body=BODY):
    return RawPage(url=f"https://example.org/{number}", body=body)


def pages(count):
    return [page(number) for number in range(count)]


def queued(client, queue="default"):
    """The pages in a queue, by the wire format."""
    return [decode(fields, id_.decode()) for id_, fields in client.xrange(f"pagemill:pages:{queue}")]


def test_push_returns_the_id_of_an_entry_that_holds_the_page(fake_redis):
    """What push answers names the entry, and the entry decodes to the page."""
    sent = RawPage(url="https://example.org/a", body=BODY, content_type="text/html", source="news", meta={"a": 1})
    entry_id = Producer(fake_redis).push(sent)
    [(stored_id, fields)] = fake_redis.xrange(STREAM)
    assert stored_id.decode() == entry_id
    assert fields[b"content_encoding"] == b"zstd"
    came = decode(fields, entry_id)
    assert (came.url, came.body, came.content_type, came.source, came.meta, came.id) == (
        sent.url,
        sent.body,
        sent.content_type,
        sent.source,
        sent.meta,
        sent.id,
    )


def test_push_takes_a_pages_fields_by_name(fake_redis):
    """Keywords make the page, RawPage's own errors included."""
    producer = Producer(fake_redis)
    producer.push(url="https://example.org/a", body=b"x", status=404)
    assert queued(fake_redis)[0].status == 404
    with pytest.raises(InvalidPage, match="url"):
        producer.push(url="a", body=b"x")
    with pytest.raises(TypeError, match="not both: url"):
        producer.push(page(1), url="https://example.org/a")


def test_compression_can_be_switched_off(fake_redis):
    """With compress=False the body lies in the entry as it is."""
    Producer(fake_redis, compress=False).push(page(1))
    assert fake_redis.xrange(STREAM)[0][1][b"body"] == BODY


def test_push_many_keeps_the_order_over_all_chunks(fake_redis):
    """Ids come back in the pages' order, and increase; the queue holds the pages in that order."""
    sent = pages(2 * CHUNK_PAGES + 3)
    ids = Producer(fake_redis).push_many(sent)
    assert [id_.decode() for id_, _ in fake_redis.xrange(STREAM)] == ids
    assert [came.url for came in queued(fake_redis)] == [each.url for each in sent]


def test_push_many_of_nothing_is_nothing(fake_redis):
    """An empty iterable sends nothing and answers no ids."""
    assert Producer(fake_redis).push_many([]) == []
    assert fake_redis.keys() == []


@pytest.mark.parametrize(("size", "most"), [(10, CHUNK_PAGES), (CHUNK_BYTES // 4, 4)], ids=["by count", "by bytes"])
def test_push_many_never_holds_more_than_a_chunk_of_a_generator(fake_redis, size, most):
    """When page n is asked for, all but the last chunk before it are in Redis."""
    producer = Producer(fake_redis, compress=False)

    def generator():
        for number in range(3 * most):
            assert number - fake_redis.xlen(STREAM) < most
            yield page(number, b"x" * size)

    assert len(producer.push_many(generator())) == 3 * most


def test_queues_are_named_and_registered(fake_redis):
    """A producer has a queue, each push may name another, and every name is in the set of queues."""
    producer = Producer(fake_redis, queue="news")
    producer.push(page(1))
    producer.push(page(2), queue="urgent")
    producer.push_many(pages(2), queue="urgent")
    assert (len(queued(fake_redis, "news")), len(queued(fake_redis, "urgent"))) == (1, 3)
    assert fake_redis.smembers("pagemill:queues") == {b"news", b"urgent"}


def test_a_prefix_may_be_a_hash_tag(fake_redis):
    """All keys lie under the prefix."""
    Producer(fake_redis, prefix="{mill}").push(page(1))
    assert set(fake_redis.keys()) == {b"{mill}:pages:default", b"{mill}:queues"}


def test_a_full_queue_refuses_and_says_how_many_went_in(fake_redis):
    """QueueFull holds the ids that went in and the pages that did not; the queue never passes its limit."""
    producer = Producer(fake_redis, limit=10)
    sent = pages(25)
    with pytest.raises(QueueFull, match="'default' holds its limit of 10 pages") as caught:
        producer.push_many(sent)
    assert [id_.decode() for id_, _ in fake_redis.xrange(STREAM)] == caught.value.pushed
    assert len(caught.value.pushed) == 10
    assert caught.value.rest == sent[10:]


def test_what_a_full_queue_refused_can_be_pushed_from_the_same_generator(fake_redis):
    """`rest` and what is left of the iterable are all the pages that are not in."""
    producer = Producer(fake_redis, limit=CHUNK_PAGES + 5)
    left = iter(pages(3 * CHUNK_PAGES))
    with pytest.raises(QueueFull) as caught:
        producer.push_many(left)
    fake_redis.xtrim(STREAM, maxlen=0)
    Producer(fake_redis).push_many(itertools.chain(caught.value.rest, left))
    assert [came.url for came in queued(fake_redis)] == [each.url for each in pages(3 * CHUNK_PAGES)[CHUNK_PAGES + 5 :]]


def test_no_limit_means_none(fake_redis):
    """limit=None never refuses."""
    assert len(Producer(fake_redis, limit=None).push_many(pages(CHUNK_PAGES + 1))) == CHUNK_PAGES + 1


def test_a_page_over_a_limit_is_refused_before_anything_is_sent(fake_redis):
    """PageTooLarge names field and limit, and Redis has heard nothing."""
    with pytest.raises(PageTooLarge, match=r"body: .* limit of 100 bytes"):
        Producer(fake_redis, limits=Limits(max_body=100)).push(page(1))
    assert fake_redis.keys() == []


def test_a_bad_page_in_the_middle_stops_push_many_behind_the_pages_before_it(fake_redis):
    """All pages before the bad one are in, the error holds their ids, and the iterator goes on behind it."""
    producer = Producer(fake_redis, limits=Limits(max_body=5_000))
    left = iter([*pages(70), page("big", b"x" * 5_001), page("last")])
    with pytest.raises(PageTooLarge) as caught:
        producer.push_many(left)
    assert len(caught.value.pushed) == 70 == fake_redis.xlen(STREAM)
    producer.push_many(left)
    assert queued(fake_redis)[-1].url == "https://example.org/last"


def test_what_is_not_a_page_is_refused_like_a_bad_page(fake_redis):
    """A dict among the pages is an InvalidPage, and those before it are in."""
    with pytest.raises(InvalidPage, match="must be a RawPage") as caught:
        Producer(fake_redis).push_many([page(1), {"url": "https://example.org"}])
    assert len(caught.value.pushed) == 1 == fake_redis.xlen(STREAM)


def test_an_error_of_the_generators_own_comes_through_behind_its_pages(fake_redis):
    """When the caller's generator raises, what it gave before is in."""

    def generator():
        yield page(1)
        raise LookupError

    with pytest.raises(LookupError):
        Producer(fake_redis).push_many(generator())
    assert fake_redis.xlen(STREAM) == 1


def test_a_client_that_answers_text_serves_as_well(redis_client, redis_url):
    """decode_responses does not matter to the producer."""
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        assert Producer(client, compress=False).push(page(1)) == client.xrange(STREAM)[0][0]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"queue": "a b"}, "queue"),
        ({"prefix": ""}, "prefix"),
        ({"limit": 0}, "limit"),
        ({"memory_share": 0}, "memory_share"),
        ({"memory_share": 1.5}, "memory_share"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(fake_redis, options, name):
    """SettingsError names the setting."""
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Producer(fake_redis, **options)


def test_an_unknown_setting_is_refused(fake_redis):
    """A misspelt keyword is an error, not a setting that does nothing."""
    with pytest.raises(TypeError, match="limits_"):
        Producer(fake_redis, limits_=1)


@pytest.mark.parametrize(
    "url", ["localhost:6379", "http://:sesame@localhost", "redis://:ses/ame@host:port/0", "redis://:sesame@host:x"]
)
def test_a_url_that_is_none_is_refused_without_quoting_it(url):
    """The URL may hold a password, so the error does not hold the URL."""
    with pytest.raises(SettingsError, match="redis://") as caught:
        Producer(url)
    assert "ses" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_an_unreachable_redis_is_one_clear_error_without_the_password():
    """The error names the address, chains redis's own, and never holds the password."""
    producer = Producer("redis://someone:sesame@127.0.0.1:1/0", retry_seconds=0.1)
    with pytest.raises(RedisFailed, match=r"Redis at 127\.0\.0\.1:1/0 cannot be reached") as caught:
        producer.push(page(1))
    assert "sesame" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert isinstance(caught.value.__cause__, redis.ConnectionError)


def test_durability_asks_for_the_right_command():
    """Nothing by default, WAIT for replicas, WAITAOF for the disk."""
    assert Durability().command() == []
    assert Durability(replicas=2, seconds=0.5).command() == ["WAIT", 2, 500]
    assert Durability(aof=True).command() == ["WAITAOF", 1, 0, 1000]
