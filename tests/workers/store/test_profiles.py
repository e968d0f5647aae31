"""What every store keeps of sites: of which pages, how much, for how long."""

import time

import msgspec
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.site_profile import SiteProfile, add_imprint, read_profile

SITE = "example.org"


def imprint(article, *blocks):
    """What a page of these blocks leaves; `article` is a letter."""
    return SiteProfile().look(blocks, article.encode() * 16).imprint


def publish(bench, article, text="", *, mark="", **more):
    """Settle a page that leaves an imprint of its article; answers the Settled."""
    page = bench.take_one()
    draft = bench.draft(page, article, text or f"The text of {article}")
    return bench.commit(msgspec.structs.replace(draft, imprint=mark or imprint(article, "The mill", article), **more))[
        0
    ]


def tick():
    """Wait for the next millisecond: sites are told apart by theirs."""
    began = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == began:
        pass


def names(bench, site=SITE):
    """The letters of the articles that are known of a site, the newest first."""
    (packed,) = bench.store.profiles([site])
    return "".join(one.name[:1].decode() for one in read_profile(packed).imprints)


def test_an_unknown_site_has_an_empty_profile(bench):
    """And who asks for none is told of none."""
    assert bench.store.profiles([SITE, "other.example"]) == [b"", b""]
    assert bench.store.profiles([]) == []


def test_published_pages_are_learned_from(bench):
    """The newest article stands first, each site for itself; `www.` is no other site."""
    publish(bench, "a")
    publish(bench, "b", host="www.example.org")
    publish(bench, "c", host="other.example")
    assert (names(bench), names(bench, "other.example")) == ("ba", "c")
    assert bench.store.profiles([SITE]) == [imprint("b", "The mill", "b") + imprint("a", "The mill", "a")]


def test_a_changed_article_still_counts_once(bench):
    """Its new imprint takes the place of the old one."""
    publish(bench, "a")
    publish(bench, "b")
    assert publish(bench, "a", "Another text of a", mark=imprint("a", "The mill", "changed")).outcome == "updated"
    (packed,) = bench.store.profiles([SITE])
    assert packed == imprint("a", "The mill", "changed") + imprint("b", "The mill", "b")


def test_repetitions_are_not_learned_from(bench):
    """Neither a mirror of a text nor the same page once more leaves anything."""
    publish(bench, "a", "One text")
    assert publish(bench, "b", "One text").outcome == "duplicate"
    assert publish(bench, "a", "One text", mark=imprint("a", "other blocks")).outcome == "duplicate"
    assert bench.store.profiles([SITE]) == [imprint("a", "The mill", "a")]


def test_rejected_and_dead_pages_are_not_learned_from(bench):
    """What gave no record says nothing of its site."""
    for verdict, reason in (("rejected", "empty"), ("dead", "crashed")):
        page = bench.take_one()
        bench.commit(bench.settlement(page, verdict, reason=reason, imprint=imprint("a", "The mill")))
    assert names(bench) == ""


def test_a_page_that_is_settled_twice_is_learned_from_once(bench):
    """Whoever comes second with a page that was settled leaves nothing."""
    page = bench.take_one()
    first, second = (
        msgspec.structs.replace(bench.draft(page, name, f"Text of {name}"), imprint=imprint(name, name))
        for name in ("a", "b")
    )
    assert [bench.commit(one)[0].outcome for one in (first, second)] == ["published", "gone"]
    assert names(bench) == "a"


def test_a_batch_is_learned_from_in_its_order(bench):
    """Pages of one commit stand in the profile as if each had been committed alone."""
    for _ in range(4):
        bench.push()
    pages = bench.take()
    bench.commit(
        *(
            msgspec.structs.replace(
                bench.draft(page, name, f"{name} {page.entry}"), imprint=imprint(name, name, page.entry)
            )
            for page, name in zip(pages, "abac", strict=True)
        )
    )
    assert names(bench) == "cab"


def test_so_many_articles_of_a_site_are_kept(make_bench):
    """profile_articles: the oldest goes."""
    bench = make_bench(profile_articles=3)
    for article in "abcde":
        publish(bench, article)
    assert names(bench) == "edc"


def test_so_many_sites_are_kept(make_bench):
    """profile_sites: of a site that was learned from longest ago nothing is left."""
    bench = make_bench(profile_sites=2)
    for article, host in zip("abcd", ("one.example", "two.example", "one.example", "three.example"), strict=True):
        publish(bench, article, host=host)
        tick()
    assert [names(bench, host) for host in ("one.example", "two.example", "three.example")] == ["ca", "", "d"]


@pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)
def test_many_sites_too_many_go_some_thousands_a_commit(make_bench):
    """Where profile_sites was lowered, no one commit holds the server up until all of them are gone."""
    bench = make_bench(profile_sites=1)
    client, keys = bench.mill.client, bench.mill.keys
    client.zadd(keys.sites, {f"{number}.example": number for number in range(2500)})
    left = []
    for article in "abc":
        publish(bench, article)
        left.append(client.zcard(keys.sites))
    assert left == [501, 1, 1]
    assert names(bench) == "cba"


def test_a_page_without_a_host_is_not_learned_from(bench):
    """A file has no site."""
    publish(bench, "a", host="")
    assert names(bench, "") == ""


@pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)
def test_a_profile_goes_when_nothing_is_learned_for_long(make_bench):
    """profile_days is how long its key lives."""
    bench = make_bench(profile_days=2)
    publish(bench, "a")
    left = bench.mill.client.pttl(f"{bench.mill.keys.site}:{SITE}")
    assert 0 <= 2 * 86_400_000 - left < 600_000


@pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)
def test_the_shortest_life_of_a_profile_stops_no_commit(make_bench):
    """Redis refuses an age below a millisecond, after pages were acknowledged: so none is asked for."""
    bench = make_bench(profile_days=1e-9)
    assert publish(bench, "a").outcome == "published"
    assert bench.outcomes() == {"published": 1}


@pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)
def test_a_key_that_is_called_as_profiles_begin_is_let_be(make_bench):
    """Nothing is written there, so whoever has it stops no commit."""
    bench = make_bench()
    bench.mill.client.set(bench.mill.keys.site, "somebody else's")
    assert publish(bench, "a").outcome == "published"


@pytest.mark.parametrize("make_bench", ["memory"], indirect=True)
def test_a_profile_is_forgotten_when_nothing_is_learned_for_long(make_bench):
    """The same of the store in memory, whose clock goes as the test wills."""
    bench = make_bench(profile_days=2)
    publish(bench, "a")
    bench.sleep(days=1)
    assert names(bench) == "a"
    bench.sleep(days=2)
    assert names(bench) == ""


@pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)
@pytest.mark.parametrize("other", [b"\xff" * 9, b"abcd\xff\xff", "a list"])
def test_what_somebody_else_put_there_is_no_profile(make_bench, other):
    """Bytes that make no sense, or another type: the commit goes through, and the profile begins anew."""
    bench = make_bench()
    key = f"{bench.mill.keys.site}:{SITE}"
    put = bench.mill.client.rpush if other == "a list" else bench.mill.client.set
    put(key, other)
    assert publish(bench, "a").outcome == "published"
    assert names(bench) == "a"


@pytest.mark.parametrize("make_bench", ["valkey"], indirect=True)
def test_a_commit_with_another_type_in_place_of_the_sites_does_nothing(make_bench):
    """As with every key of ours."""
    bench = make_bench()
    bench.mill.client.set(bench.mill.keys.sites, "not ours")
    with pytest.raises(redis.ResponseError, match="should be a zset"):
        publish(bench, "a")
    assert bench.records() == []


_PAGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.lists(st.text(max_size=5), max_size=20)), max_size=8)


@pytest.mark.parametrize("make_bench", ["valkey"], indirect=True)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_PAGES)
def test_the_script_does_what_the_pipeline_says(make_bench, pages):
    """Whatever comes, in one batch: the profile in Redis is that of add_imprint, byte for byte."""
    bench = make_bench(profile_articles=4)
    wanted, settlements = b"", []
    for _ in pages:
        bench.push()
    for number, (page, (article, blocks)) in enumerate(zip(bench.take(), pages, strict=True)):
        mark = imprint(article, *blocks)
        settlements.append(
            msgspec.structs.replace(bench.draft(page, f"article {number}", f"text {number}"), imprint=mark)
        )
        wanted = add_imprint(wanted, mark, 4)
    bench.commit(*settlements)
    assert bench.store.profiles([SITE]) == [wanted]
