"""How every store bounds the output: behind its readers, and never at their cost but where the setting says so."""

import msgspec
import pytest

from workers.store.contract import OutputFull


def test_without_a_group_the_newest_records_are_kept(make_bench):
    """Nobody reads: the stream keeps the newest, and nothing counts as lost."""
    bench = make_bench(records_limit=10)
    for n in range(25):
        bench.publish(f"article {n}", f"text {n}", name=f"page-{n}")
    books = bench.store.ledger()
    assert [record.id for record in bench.records()] == [f"page-{n}" for n in range(15, 25)]
    assert (books.records, books.records_trimmed, books.groups) == (10, 0, [])


def test_repetitions_push_no_record_out(make_bench):
    """A batch of duplicates is no reason to trim."""
    bench = make_bench(records_limit=3)
    for n in range(3):
        bench.publish(f"article {n}", f"text {n}")
    for _ in range(5):
        bench.publish("mirror", "text 2")
    assert [record.text for record in bench.records()] == ["text 0", "text 1", "text 2"]


def test_a_full_stream_names_the_group_that_it_waits_for(make_bench):
    """At the limit the commit is refused, and has done nothing: the page is held, and goes through later."""
    bench = make_bench(records_limit=4)
    for group in ("quick", "slow"):
        bench.mill.add_group(group)
    bench.publish_many(4)
    bench.mill.acknowledge("quick", bench.mill.read("quick", 4))
    read = bench.mill.read("slow", 4)
    page = bench.take_one()
    before = bench.store.ledger()
    with pytest.raises(OutputFull, match="'slow'") as caught:
        bench.commit(bench.draft(page, "article", "text"))
    assert caught.value.group == "slow"
    assert bench.store.ledger() == before
    bench.mill.acknowledge("slow", read[:2])
    assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "published"
    assert len(bench.records()) == 3


def test_a_group_that_has_not_read_at_all_blocks_too(make_bench):
    """What was never delivered to a group is not acknowledged by it."""
    bench = make_bench(records_limit=2)
    bench.mill.add_group("new")
    bench.publish_many(2)
    page = bench.take_one()
    with pytest.raises(OutputFull, match="'new'"):
        bench.commit(bench.draft(page, "article", "text"))


def test_a_group_may_be_called_anything(make_bench):
    """A name that is no UTF-8 is told in escapes: whoever waits for the group must not fall over it."""
    bench = make_bench(records_limit=1)
    bench.mill.add_group(b"slow\xff")
    bench.publish("one", "text of one")
    with pytest.raises(OutputFull, match="slow"):
        bench.publish("two", "text of two")


def test_a_full_stream_holds_up_records_only(make_bench):
    """Pages that give no record are settled whatever the output holds."""
    bench = make_bench(records_limit=1)
    bench.mill.add_group("slow")
    bench.publish("article", "text", body="bytes")
    assert bench.settle("rejected", "empty").outcome == "rejected"
    assert bench.settle("dead", "crashed").outcome == "dead"
    assert bench.see_again("bytes").outcome == "duplicate"


def test_a_group_that_caught_up_makes_room_for_a_batch_of_any_size(make_bench):
    """When all is acknowledged a batch larger than the limit goes through: the mill never stands still for itself."""
    bench = make_bench(records_limit=3)
    bench.mill.add_group("search")
    for size in (3, 1, 3, 8, 2):
        assert {one.outcome for one in bench.publish_many(size)} == {"published"}
        bench.mill.acknowledge("search", bench.mill.read("search", 100))
    assert bench.store.ledger().records_trimmed == 0


def test_only_what_every_group_acknowledged_is_trimmed(make_bench):
    """Whoever reads slower finds every record, in order, that others are done with."""
    bench = make_bench(records_limit=6)
    for group in ("quick", "slow"):
        bench.mill.add_group(group)
    seen = {"quick": [], "slow": []}
    for n in range(30):
        bench.publish(f"article {n}", f"text {n}")
        for group, pace in (("quick", 1), ("slow", 4)):
            if n % pace == 0:
                read = bench.mill.read(group, 4)
                bench.mill.acknowledge(group, read)
                seen[group] += read
    seen["slow"] += bench.mill.read("slow", 100)
    assert len(seen["slow"]) == 30
    assert seen["slow"] == seen["quick"]


def test_one_record_that_is_not_acknowledged_holds_what_is_behind_it(make_bench):
    """A consumer that died over one record gets it back, however far the others of its group are."""
    bench = make_bench(records_limit=5)
    bench.mill.add_group("search")
    bench.publish_many(5)
    read = bench.mill.read("search", 5)
    bench.mill.acknowledge("search", read[:1] + read[2:])
    bench.publish("article", "text")
    assert len(bench.records()) == 5
    page = bench.take_one()
    with pytest.raises(OutputFull):
        bench.commit(bench.draft(page, "other article", "other text"))


def test_the_other_setting_trims_and_counts_what_was_lost(make_bench):
    """With `trim` the mill goes on, and tells how many records went before a group had acknowledged them."""
    bench = make_bench(records_limit=5, records_at_limit="trim")
    bench.mill.add_group("slow")
    bench.publish_many(5)
    bench.mill.acknowledge("slow", bench.mill.read("slow", 2))
    bench.publish_many(4)
    books = bench.store.ledger()
    assert (books.records, books.records_trimmed) == (5, 2)


def test_a_new_group_starts_at_the_oldest(bench):
    """Whoever comes late reads all that lies there."""
    bench.publish_many(3)
    bench.mill.add_group("late")
    (lag,) = bench.store.ledger().groups
    assert (lag.group, lag.pending) == ("late", 0)
    assert len(bench.mill.read("late", 10)) == 3


def test_the_books_tell_how_far_each_group_is(bench):
    """For each group: what it was not given yet, and what it has not acknowledged."""
    for group in ("b", "a"):
        bench.mill.add_group(group)
    bench.publish_many(5)
    bench.mill.acknowledge("b", bench.mill.read("b", 3)[:1])
    lags = {(lag.group, lag.unread, lag.pending) for lag in bench.store.ledger().groups}
    assert lags == {("a", 5, 0), ("b", 2, 2)}


@pytest.mark.parametrize("name", ['say "hello"', "back\\slash", "\x00\x1f\x7f", "Жук 虫 🐞", "a/b</script>", "\u2028"])
def test_records_are_json_whatever_their_ids_hold(bench, name):
    """Ids are the callers': quotes, control characters and all scripts come out as they went in."""
    bench.publish("article", "text", name=name)
    bench.publish("article", "changed", name=f"{name} again")
    first, second = bench.records()
    assert (first.id, second.supersedes) == (name, name)


def test_a_take_that_came_with_a_refused_commit_keeps_nothing_from_others(make_bench):
    """While the output is full a worker draws no page after page out of the queue: others get them at once."""
    bench = make_bench(records_limit=1)
    bench.mill.add_group("slow")
    bench.publish("article", "text")
    page = bench.take_one("w1")
    entries = {bench.push() for _ in range(3)}
    both = {"consumer": "w1", "queues": ["default", "urgent"], "most": 1}
    for _ in range(5):
        with pytest.raises(OutputFull):
            bench.store.commit_and_take([bench.draft(page, "other", "other text")], **both)
    assert sum(one.running for one in bench.store.ledger().queues) <= 2
    found = bench.take("w2", queues=["default"]) + bench.store.adopt("w2", ["default"], 10)
    assert {page.entry for page in found} == entries
    bench.mill.acknowledge("slow", bench.mill.read("slow", 1))
    last = bench.push()
    settled, taken = bench.store.commit_and_take([bench.draft(page, "other", "other text")], **both)
    assert (settled[0].outcome, [page.entry for page in taken]) == ("published", [last])
    bench.mill.acknowledge("slow", bench.mill.read("slow", 1))
    entry = bench.push()
    settled, taken = bench.store.commit_and_take([bench.draft(taken[0], "third", "third")], **both)
    assert (settled[0].outcome, [page.entry for page in taken]) == ("published", [entry])


def test_a_record_carries_the_trace_of_its_page_on(make_bench):
    """Beside the body, for whoever reads the stream; a page without a trace leaves no field for it."""
    bench = make_bench()
    told = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for article, trace in (("a", told), ("b", "")):
        draft = bench.draft(bench.take_one(), article, f"text {article}")
        bench.commit(msgspec.structs.replace(draft, traceparent=trace))
    assert [fields.get(b"traceparent") for fields in bench.mill.records()] == [told.encode(), None]
