"""What a commit counts by host and source, and how long pages took; read as the snapshot reads it."""

import time

import pytest

from workers.monitor.meters import BOUNDS, LATENCIES, REASONS, read_latency, read_sites
from workers.monitor.snapshot import Quality

pytestmark = pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)


@pytest.fixture
def bench(make_bench):
    return make_bench()


def sites(bench, kind="hosts", *, hours=0):
    """The hosts or the sources, as seen so many hours from now."""
    client, keys = bench.mill.client, bench.mill.keys
    old, new = (client.hgetall(keys.meters(f"{kind}:{age}")) for age in ("old", "new"))
    return read_sites(old, new, hour=int(time.time()) // 3_600 + hours)


def recent(bench, kind="hosts"):
    return {site.name: site.recent for site in sites(bench, kind).by_pages}


def settle(bench, verdict, **more):
    return bench.commit(bench.settlement(bench.take_one(), verdict, **more))


def draft(bench, text, **more):
    page = bench.take_one()
    made = bench.draft(page, text, text)
    return bench.commit(type(made)(**{name: getattr(made, name) for name in made.__struct_fields__} | more))


def age(bench, hours):
    """All names were last met so many hours ago."""
    client, keys = bench.mill.client, bench.mill.keys
    for key in (keys.meters("hosts:new"), keys.meters("sources:new")):
        for name, value in client.hgetall(key).items():
            client.hset(key, name, (int.from_bytes(value[:4]) - hours).to_bytes(4) + value[4:])


def test_each_verdict_is_counted_by_host_and_by_source(bench):
    """Drafts with what they lack, rejections by reason, deaths; a repetition is a page and nothing else."""
    draft(bench, "one", host="a.example", source="feed", lacks="")
    draft(bench, "two", host="a.example", source="feed", lacks="da")
    draft(bench, "three", host="b.example", source="feed", lacks="tda")
    settle(bench, "rejected", reason="too_short", host="a.example", source="other")
    settle(bench, "dead", reason="crashed", host="b.example")
    page = bench.take_one()
    made = bench.draft(page, "one", "one", body="bytes")
    bench.commit(made)
    bench.see_again("bytes")
    assert recent(bench) == {
        "a.example": Quality(
            pages=3, drafts=2, rejected=1, reasons={"too_short": 1}, without_date=1, without_authors=1
        ),
        "b.example": Quality(pages=2, drafts=1, dead=1, without_title=1, without_date=1, without_authors=1),
        "example.org": Quality(pages=2, drafts=1),
    }
    assert {name: quality.pages for name, quality in recent(bench, "sources").items()} == {"feed": 3, "other": 1, "": 3}


def test_every_reason_has_a_count_of_its_own(bench):
    """All of them, in the order in which they are read."""
    for number, reason in enumerate(REASONS, 1):
        for _ in range(number):
            settle(bench, "rejected", reason=reason)
    assert recent(bench)["example.org"].reasons == {str(reason): number for number, reason in enumerate(REASONS, 1)}


def test_a_batch_counts_each_of_its_pages_once(bench):
    """Several of one name in one commit, and what was settled before is not counted."""
    for _ in range(3):
        bench.push()
    pages = bench.take(most=3)
    batch = [bench.settlement(page, "rejected", reason="empty", host="a.example") for page in pages]
    bench.commit(*batch)
    bench.commit(*batch)
    assert recent(bench) == {"a.example": Quality(pages=3, rejected=3, reasons={"empty": 3})}


def test_hours_pass_from_the_recent_window_to_the_past(bench):
    """This hour and the last one are recent; what came before is past, and nothing is lost on the way."""
    settle(bench, "rejected", reason="empty")
    for hours, counts in ((1, (2, 0)), (1, (2, 1)), (2, (1, 3)), (5, (1, 4))):
        age(bench, hours)
        settle(bench, "rejected", reason="empty")
        (site,) = sites(bench).by_pages
        assert (site.recent.pages, site.past.pages) == counts
        assert (site.recent.reasons, site.past.rejected) == ({"empty": counts[0]}, counts[1])


def test_a_name_that_is_not_met_again_grows_old_by_itself(bench):
    """It leaves the recent window when the hours are gone, though nobody wrote to it."""
    settle(bench, "rejected", reason="empty")
    assert [sites(bench, hours=hours).by_pages != () for hours in (0, 1, 2)] == [True, True, False]


def test_the_past_fades(bench):
    """Over 20,000 pages it is halved, so that what a site became counts for more than what it was."""
    client, key = bench.mill.client, bench.mill.keys.meters("hosts:new")
    settle(bench, "rejected", reason="empty")
    value = client.hget(key, "example.org")
    counts = (30_000).to_bytes(3) + bytes(3 * 5) + (10_000).to_bytes(3) + bytes(3 * 6)
    client.hset(key, "example.org", (int.from_bytes(value[:4]) - 9).to_bytes(4) + value[4:82] + counts)
    settle(bench, "rejected", reason="empty")
    (site,) = sites(bench).by_pages
    assert (site.recent.pages, site.past.pages, site.past.rejected) == (1, 15_000, 5_000)


def test_names_are_bounded_and_those_that_are_met_often_stay(make_bench):
    """A thousand hosts that are met once do not push out the one that is met again and again."""
    bench = make_bench(metered_names=50)
    for batch in range(20):
        for _ in range(21):
            bench.push()
        pages = bench.take(most=21)
        hosts = ["often.example", *(f"{batch}-{number}.example" for number in range(20))]
        bench.commit(
            *(
                bench.settlement(page, "rejected", reason="empty", host=host)
                for page, host in zip(pages, hosts, strict=True)
            )
        )
        assert bench.mill.client.hlen(bench.mill.keys.meters("hosts:new")) <= 50
        assert bench.mill.client.hlen(bench.mill.keys.meters("hosts:old")) <= 50
    assert recent(bench)["often.example"].pages == 20


def test_a_long_name_is_cut(bench):
    """No host of a page takes more room than 256 bytes: more than the longest that DNS knows."""
    settle(bench, "rejected", reason="empty", host="x" * 2_000)
    assert {len(name) for name in recent(bench)} == {256}


def test_a_value_that_is_none_begins_anew(bench):
    """Whoever wrote it: the commit goes on, and counts from here."""
    bench.mill.client.hset(bench.mill.keys.meters("hosts:new"), "example.org", "junk")
    settle(bench, "rejected", reason="empty")
    assert recent(bench)["example.org"].pages == 1


def test_latency_is_counted_of_published_pages_alone(bench):
    """In the bucket of the time since the push, which is the entry's own."""
    draft(bench, "one")
    settle(bench, "rejected", reason="empty")
    counters = {name.decode(): int(n) for name, n in bench.mill.client.hgetall(bench.mill.keys.ledger).items()}
    latency = read_latency(counters, {})
    assert latency.count == 1
    assert latency.buckets[-1].count == 1
    assert 0 <= latency.sum < 60
    assert {name for name in counters if name.startswith("latency|")} <= {*LATENCIES, "latency|ms"}


def test_an_entry_may_name_any_time(bench):
    """One from 1970, and one from the future, are counted as late by a day and not at all."""
    for entry in ("5-1", "99999999999999-1"):
        bench.mill.client.xadd(bench.mill.keys.pages("default"), {"url": "https://a.example/", "body": "x"}, id=entry)
        (page,) = bench.take()
        bench.commit(bench.draft(page, entry, entry))
    counters = {name.decode(): int(n) for name, n in bench.mill.client.hgetall(bench.mill.keys.ledger).items()}
    assert (counters[LATENCIES[0]], counters[LATENCIES[-1]], counters["latency|ms"]) == (1, 1, 86_400_000)
    assert len(LATENCIES) == len(BOUNDS) + 1


def test_dead_letters_that_lie_are_counted_by_reason(make_bench):
    """Whatever takes one away: replayed, dropped, or expired."""
    bench = make_bench(dead_bytes=1_000)
    for reason in ("crashed", "crashed", "timeout"):
        bench.settle("dead", reason)

    def lying():
        counters = bench.mill.client.hgetall(bench.mill.keys.ledger)
        return {name.decode().removeprefix("dead|lying|"): int(n) for name, n in counters.items() if b"|lying|" in name}

    assert lying() == {"crashed": 2, "timeout": 1}
    first, second, _ = bench.store.dead_letters()
    bench.store.replay(first.letter)
    bench.store.drop(second.letter)
    assert lying() == {"crashed": 0, "timeout": 1}
    bench.take()
    bench.settle("dead", "memory", body="x" * 2_000)
    assert lying() == {"crashed": 0, "timeout": 0, "memory": 0}
