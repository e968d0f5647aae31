"""Search among settled pages: on a real server, with whatever lies in the stream."""

from datetime import UTC, datetime, timedelta

import pytest

from workers.monitor.search import SettledWanted, find_settled, same_page

STREAM = "pagemill:settled"
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def stream(redis_client):
    """A stream of three thousand settled pages, a second apart; a page of each host in ten is rejected."""
    with redis_client.pipeline() as pipe:
        for i in range(3_000):
            told = {"id": f"p{i}", "url": f"https://host{i % 7}.example/{i}", "outcome": "published", "reason": ""}
            if i % 10 == 0:
                told |= {"outcome": "rejected", "reason": "empty" if i % 20 else "too_short"}
            at = int((BEGIN + timedelta(seconds=i)).timestamp() * 1_000)
            pipe.xadd(STREAM, {**told, "of": "", "similarity": ""}, id=f"{at}-0")
        pipe.execute()
    return redis_client


@pytest.fixture
def find(stream):
    """Finds, and answers the ids and all that the search tells."""

    def search(most=100, **wanted):
        found = find_settled(stream, STREAM, SettledWanted(**wanted), most=most)
        return [page.id for page in found.pages], found

    return search


def test_the_newest_come_first_and_next_goes_on_from_there(find):
    """In pages of any size all are found, each once; the last answer says that it is the last."""
    ids, found = find(most=700)
    seen = list(ids)
    while found.next:
        ids, found = find(most=700, before=found.next)
        seen += ids
    assert seen == [f"p{i}" for i in range(2_999, -1, -1)]


def test_filters_hold_all_at_once(find):
    """By outcome, reason and host, each as it stands."""
    ids, found = find(outcome="rejected", reason="empty", host="host3.example", most=1_000)
    assert set(ids) == {f"p{i}" for i in range(3_000) if i % 10 == 0 and i % 20 and i % 7 == 3}
    assert (found.looked, found.length, found.next) == (3_000, 3_000, None)
    assert find(reason="undecodable")[0] == []
    assert find(host="host3.exampl")[0] == []


def test_times_bound_the_search_on_both_sides(find):
    """Both included, by the time that an entry was written."""
    ids, found = find(since=BEGIN + timedelta(seconds=10), until=BEGIN + timedelta(seconds=12))
    assert ids == ["p12", "p11", "p10"]
    assert (found.looked, found.back_to) == (3, BEGIN + timedelta(seconds=10))


def test_a_search_ends_where_it_was_told_and_says_so(find):
    """After `look_back` entries: how many, back to when, and where to go on."""
    ids, found = find(url="https://host0.example/0", look_back=500)
    assert (ids, found.looked, found.back_to) == ([], 500, BEGIN + timedelta(seconds=2_500))
    ids, found = find(url="https://host0.example/0", before=found.next)
    assert (ids, found.looked, found.next) == (["p0"], 2_500, None)


@pytest.mark.parametrize(
    "url", ["https://host3.example/10", "http://HOST3.example:80/10?utm_source=x#top", "host3.example/10"]
)
def test_a_url_is_found_in_any_spelling(find, url):
    """An address means the page; without a scheme it is a part of one."""
    assert "p10" in find(url=url)[0]


def test_a_part_of_a_url_finds_all_that_hold_it(find):
    """Whatever its case."""
    assert len(find(url="HOST3.example/", most=1_000)[0]) == len([i for i in range(3_000) if i % 7 == 3])


def test_what_is_no_settled_page_breaks_nothing(redis_client):
    """Whoever may write there: missing fields, bytes that are no text, a share that is no number."""
    redis_client.xadd(STREAM, {"x": "y"})
    redis_client.xadd(STREAM, {"url": b"\xff\xfe", "similarity": "\x1b[31m"}, id="18446744073709551615-1")
    found = find_settled(redis_client, STREAM, SettledWanted())
    assert [page.similarity for page in found.pages] == [None, None]
    assert found.pages[0].at.year == 9999


def test_an_empty_stream_is_told(redis_client):
    """Nothing was looked at, back to never."""
    found = find_settled(redis_client, STREAM, SettledWanted())
    assert (found.pages, found.looked, found.length, found.back_to, found.next) == ((), 0, 0, None, None)


@pytest.mark.parametrize(
    "url", ["https://www.a.example/b/?q=1&utm_medium=x", "https://a.example/b?q=1", "https://bücher.example/é"]
)
def test_an_address_is_the_same_page_as_itself(url):
    """Also one whose host is spelt in punycode elsewhere."""
    is_same = same_page(url)
    assert is_same(url)
    assert is_same(url.replace("bücher", "xn--bcher-kva"))
    assert not is_same("https://a.example/other")
