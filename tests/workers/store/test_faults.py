"""What a store in Redis does when keys are somebody else's, and when worlds vanish."""

import pytest
import redis
from redis.exceptions import ResponseError

from pagemill.errors import PagemillError
from pagemill.keys import GROUP
from workers.store.redis_store import FORGET

BOTH = ["urgent", "default"]


pytestmark = pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)


KEYS = ["ledger", "records", "settled", "dead", "trials", "since", "bytes", "text", "article"]


@pytest.mark.parametrize("name", KEYS)
def test_a_key_of_a_wrong_type_stops_the_commit_before_anything(bench, name):
    """The error names the key and its type; the page is still held, and is settled when the key is mended."""
    keys = bench.mill.keys
    memory = {kind: keys.memory(kind, "old") for kind in ("bytes", "text", "article")}
    key = {"since": keys.memory_since, **memory}.get(name) or getattr(keys, name)
    bench.mill.client.lpush(key, "somebody else's")
    page = bench.take_one()
    with pytest.raises(ResponseError, match=f"WRONGTYPE {key} is a list, and should be a"):
        bench.commit(bench.draft(page, "article", "text"))
    bench.mill.client.delete(key)
    assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "published"


def test_a_queue_of_a_wrong_type_is_told_when_it_is_opened(bench):
    """A key of ours that holds something else is named, with what to do."""
    bench.mill.client.set(bench.mill.keys.pages("other"), "somebody else's")
    with pytest.raises(PagemillError, match="pagemill:pages:other: is not a stream"):
        bench.store.open(["other"])


def test_the_scripts_are_told_again_when_the_server_forgot_them(bench):
    """A server that was restarted, or told SCRIPT FLUSH, is told the scripts anew, in the middle of a mill too."""
    page = bench.take_one()
    waiting = bench.push()
    bench.mill.client.script_flush()
    settled, taken = bench.store.commit_and_take(
        [bench.draft(page, "article", "text")], consumer="w1", queues=["default"], most=10
    )
    assert (settled[0].outcome, [page.entry for page in taken]) == ("published", [waiting])


def test_a_worker_that_leaves_is_out_of_the_group(bench):
    """No consumer of a worker that is gone stays behind."""
    bench.take_one("w1")
    assert bench.store.hand_back("w1", BOTH, leave=True) == 1
    names = {one["name"] for one in bench.mill.client.xinfo_consumers(bench.mill.keys.pages("default"), GROUP)}
    assert names == {b"handed-back"}


def test_only_consumers_that_hold_nothing_are_forgotten(bench):
    """However long it was silent, one that holds a page stays: the group would drop the page with it."""
    key = bench.mill.keys.pages("default")
    held = bench.take_one("holds")
    done = bench.take_one("done")
    bench.commit(bench.settlement(done, "rejected", reason="empty"))
    assert FORGET(bench.mill.client, [key, bench.mill.keys.pages("absent")], [GROUP, -1]) == 1
    assert [one["name"] for one in bench.mill.client.xinfo_consumers(key, GROUP)] == [b"holds"]
    bench.mill.let_lease_run_out("default", held.entry)
    assert [page.entry for page in bench.store.adopt("w2", BOTH, 10)] == [held.entry]


def test_a_mill_under_a_prefix_touches_nothing_else(make_bench):
    """Every key begins with the prefix, which may be a hash tag."""
    bench = make_bench(prefix="{mill}")
    bench.publish("article", "text")
    bench.publish("article", "changed")
    bench.settle("dead", "crashed")
    page = bench.take_one()
    bench.store.mark("w1", "default", page.entry, "strike")
    assert {key.partition(b":")[0] for key in bench.mill.client.scan_iter()} == {b"{mill}"}


def test_a_stream_cannot_be_confused_by_ids_that_a_pusher_made_up(bench):
    """Entries under ids that are no times, and the largest that there is, are taken, lent, settled and counted."""
    key = bench.mill.keys.pages("default")
    ids = ["1-1", "9007199254740993-9007199254740993", "18446744073709551615-18446744073709551614"]
    for entry in ids:
        bench.mill.client.xadd(key, {"url": "u"}, id=entry)
    pages = bench.take("w1")
    assert [page.entry for page in pages] == ids
    bench.store.mark("w1", "default", ids[2], "strike")
    assert bench.store.renew("w1", [("default", entry) for entry in ids]) == 3
    assert bench.store.hand_back("w1", BOTH) == 3
    assert [page.entry for page in bench.store.adopt("w2", BOTH, 10)] == ids[:2]
    (last,) = bench.store.adopt("w2", BOTH, 10)
    assert (last.entry, last.strikes) == (ids[2], 1)
    settled = bench.commit(*(bench.settlement(page, "rejected", reason="empty") for page in [*pages[:2], last]))
    assert [one.outcome for one in settled] == ["rejected"] * 3
    assert bench.mill.trials() == 0


def test_a_connection_that_is_lost_behind_the_commit_does_no_harm(bench):
    """Whoever lost the answer commits again: nothing comes twice."""
    page = bench.take_one()
    bench.commit(bench.draft(page, "article", "text"))
    with redis.Redis(connection_pool=bench.mill.client.connection_pool) as again:
        bench.mill.store.client = again
        assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "gone"
    assert len(bench.records()) == 1


def test_a_group_set_behind_every_id_stops_no_commit(make_bench):
    """A group whose place is the last id that there is needs nothing more; the mill goes on."""
    bench = make_bench(records_limit=1)
    bench.publish("one", "text of one")
    bench.mill.add_group("odd")
    bench.mill.client.xgroup_setid(bench.mill.keys.records, "odd", "18446744073709551615-18446744073709551615")
    assert bench.publish("two", "text of two").outcome == "published"
    assert len(bench.records()) == 1
