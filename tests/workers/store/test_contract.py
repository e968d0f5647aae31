"""What every store promises about taking and settling; the other test_store_*.py hold it to the rest."""

from datetime import UTC, datetime, timedelta

A_MOMENT = timedelta(milliseconds=100)
"""Redis looks at its clock once a command, in whole milliseconds."""


def test_takes_from_the_first_queue_that_has_pages(bench):
    """Queues are emptied in the order of their priority."""
    ordinary = [bench.push("default") for _ in range(2)]
    urgent = bench.push("urgent")
    assert [page.entry for page in bench.take()] == [urgent]
    assert [page.entry for page in bench.take()] == ordinary
    assert bench.take() == []


def test_takes_the_oldest_and_no_more_than_asked_for(bench):
    """A batch is the oldest pages, in the order of their push, with the fields that were pushed."""
    entries = [bench.push(url=f"https://example.org/{n}", body=b"\x00\xff") for n in range(5)]
    pages = bench.take(most=3)
    assert [page.entry for page in pages] == entries[:3]
    assert pages[0].fields == {b"url": b"https://example.org/0", b"body": b"\x00\xff"}
    assert (pages[0].queue, pages[0].strikes, pages[0].lonely) == ("default", 0, 0)


def test_gives_no_page_to_two_consumers(bench):
    """What one consumer took, no other gets while its lease runs."""
    entries = {bench.push() for _ in range(6)}
    first, second = bench.take("w1", 3), bench.take("w2", 10)
    assert len(first) == len(second) == 3
    assert {page.entry for page in first + second} == entries
    assert bench.take("w3") == bench.store.adopt("w3", ["urgent", "default"], 10) == []


def test_waits_no_longer_than_told_for_a_page(bench):
    """A take that may wait answers with nothing when nothing comes."""
    assert bench.store.take("w1", ["urgent", "default"], 10, wait=0.01) == []


def test_a_take_that_waits_gets_what_lies_there(bench):
    """A take that may wait answers at once when a queue has pages."""
    entry = bench.push()
    assert [page.entry for page in bench.store.take("w1", ["urgent", "default"], 10, wait=30)] == [entry]


def test_a_new_page_is_published_and_leaves_its_queue(bench):
    """A commit publishes a draft with what only the commit knows, and the page is gone from queue and lease."""
    before = datetime.now(UTC)
    settled = bench.publish("article", "text", name="page-1")
    (record,) = bench.records()
    assert (settled.outcome, settled.of) == ("published", "")
    assert (record.id, record.kind, record.version, record.supersedes) == ("page-1", "new", 1, None)
    assert before - A_MOMENT <= record.processed_at <= datetime.now(UTC) + A_MOMENT
    (count,) = (one for one in bench.store.ledger().queues if one.queue == "default")
    assert (count.waiting, count.running, count.oldest) == (0, 0, None)


def test_a_record_can_be_routed_without_its_body(bench):
    """Beside the JSON body stand id, url, host and kind as plain fields."""
    bench.publish("article", "text", name="page-1")
    (entry,) = bench.mill.records()
    assert {name: value for name, value in entry.items() if name != b"body"} == {
        b"id": b"page-1",
        b"url": b"https://example.org/a",
        b"host": b"example.org",
        b"kind": b"new",
    }


def test_the_second_commit_of_a_page_is_dropped(bench):
    """The first commit wins; the same again changes nothing, whatever it says."""
    page = bench.take_one()
    assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "published"
    before = bench.store.ledger()
    assert bench.commit(bench.draft(page, "article", "other text"))[0].outcome == "gone"
    assert bench.store.ledger() == before
    assert [record.text for record in bench.records()] == ["text"]


def test_whoever_holds_the_page_may_settle_it_first(bench):
    """A worker that lost its page to another can still settle it; then the other's result is dropped."""
    page = bench.take_one("slow")
    bench.mill.let_lease_run_out("default", page.entry)
    (again,) = bench.store.adopt("quick", ["default"], 10)
    assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "published"
    assert bench.commit(bench.draft(again, "article", "text"))[0].outcome == "gone"
    assert len(bench.records()) == 1


def test_a_page_that_nobody_took_cannot_be_settled(bench):
    """Only a page that somebody holds is settled: one that waits still waits after a commit of its entry."""
    page = bench.take_one()
    waiting = bench.push()
    settled = bench.commit(bench.draft(type(page)(queue="default", entry=waiting, fields={}), "article", "text"))
    assert settled[0].outcome == "gone"
    assert [page.entry for page in bench.take("w2")] == [waiting]


def test_a_batch_is_settled_in_order_over_several_queues(bench):
    """One commit settles pages of several queues, and answers in the order of the batch."""
    bench.push("default")
    bench.push("urgent")
    (first,), (second,) = bench.take(), bench.take()
    settled = bench.commit(bench.settlement(second, "rejected", reason="empty"), bench.draft(first, "article", "text"))
    assert [one.outcome for one in settled] == ["rejected", "published"]
    assert bench.outcomes("default") == {"rejected": 1}
    assert bench.outcomes("urgent") == {"published": 1}


def test_an_empty_batch_does_nothing(bench):
    """A commit of nothing answers nothing."""
    assert bench.commit() == []


def test_commit_and_take_does_both(bench):
    """One round trip settles a batch, and brings the next from the first queue that has pages."""
    page = bench.take_one()
    entry = bench.push("default")
    settled, pages = bench.store.commit_and_take(
        [bench.draft(page, "article", "text")], consumer="w1", queues=["urgent", "default"], most=10
    )
    assert [one.outcome for one in settled] == ["published"]
    assert [page.entry for page in pages] == [entry]


def test_rejections_and_deaths_are_counted_by_reason(bench):
    """The ledger counts outcomes, and reasons where there are any, per queue."""
    bench.settle("rejected", "empty")
    bench.settle("rejected", "too_short")
    bench.settle("dead", "crashed")
    books = bench.store.ledger()
    assert books.outcomes["default"] == {"rejected": 2, "dead": 1}
    assert books.reasons["default"] == {"rejected|empty": 1, "rejected|too_short": 1, "dead|crashed": 1}


def test_each_settled_page_leaves_one_small_entry(bench):
    """The settled stream tells what became of each page, and of which record it is a repetition."""
    bench.publish("article", "text", name="first")
    bench.publish("mirror", "text", name="second")
    bench.settle("rejected", "empty")
    told = [(e[b"id"], e[b"outcome"], e[b"reason"], e[b"of"], e[b"similarity"]) for e in bench.mill.settled()]
    assert told[:2] == [
        (b"first", b"published", b"", b"", b""),
        (b"second", b"duplicate", b"", b"first", b"1"),
    ]
    assert told[2][1:] == (b"rejected", b"empty", b"", b"")


def test_the_settled_stream_is_bounded(make_bench):
    """No more entries are kept than the setting says, but for what Redis rounds up to: a node of at most 100."""
    bench = make_bench(settled_limit=10)
    bench.publish_many(300)
    assert 10 <= len(bench.mill.settled()) <= 110
    assert bench.mill.settled()[-1][b"outcome"] == b"published"


def test_the_settled_stream_can_be_switched_off(make_bench):
    """With a limit of 0 nothing is written."""
    bench = make_bench(settled_limit=0)
    bench.publish("article", "text")
    assert bench.mill.settled() == []


def test_the_ledger_shows_what_waits_and_what_runs(bench):
    """Waiting, running, all that was ever pushed, and when the oldest was pushed that is not settled."""
    entries = [bench.push() for _ in range(3)]
    bench.take(most=1)
    (count,) = (one for one in bench.store.ledger().queues if one.queue == "default")
    assert (count.pushed, count.waiting, count.running, count.refused_jobs) == (3, 2, 1, 0)
    assert int(count.oldest.timestamp() * 1000) == int(entries[0].partition("-")[0])
