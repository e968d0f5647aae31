"""Backpressure of the output, and what the log tells of it and of the pages."""

import json

import pytest

from pagemill.keys import GROUP


@pytest.fixture
def full(works):
    """A pool that waits, because a group has read none of the five records that the stream may hold."""
    records = works.settings.keys.records
    works.client.xgroup_create(records, "slow-reader", id="0", mkstream=True)
    pool = works.start(records_limit=5, batch_pages=5, claim_seconds=60)
    works.push(15)
    works.until(lambda: pool.events("output_full"), "the mill to wait")
    return pool


def acknowledge_all(works):
    """What the slow reader would do."""
    records = works.settings.keys.records
    for _, entries in works.client.xreadgroup("slow-reader", "me", {records: ">"}) or ():
        works.client.xack(records, "slow-reader", *[entry for entry, _ in entries])


def test_the_mill_waits_for_a_slow_group_and_goes_on(works, full):
    """Pages stay on the queue, the log names the group, and each acknowledgement lets the mill go on to the end."""
    ledger = works.store.ledger()
    assert (ledger.records, sum(ledger.outcomes["default"].values())) == (5, 5)
    assert ledger.queues[0].waiting + ledger.queues[0].running == 10
    assert full.events("output_full")[0]["group"] == "slow-reader"
    works.until(lambda: acknowledge_all(works) or works.settled() == 15, "the rest")
    ledger = works.store.ledger()
    assert ledger.outcomes["default"] == {"published": 15}
    assert (ledger.queues[0].waiting, ledger.queues[0].running) == (0, 0)


def test_pages_that_wait_for_room_stay_with_their_worker(works, full):
    """Their leases are renewed meanwhile: an idle pool beside takes none of what is milled already."""
    other = works.start(records_limit=5)
    works.await_renewals(4)
    works.until(lambda: acknowledge_all(works) or works.settled() == 15, "the rest")
    assert not [event for one in (full, other) for event in one.events("batch") if event.get("gone")]


def test_a_long_wait_fills_no_log(works, full):
    """The mill tries every fifth of a second, and says so once in a long while."""
    horse = full.horse()
    tried = works.client.info("commandstats")["cmdstat_evalsha"]["calls"]
    works.until(lambda: works.client.info("commandstats")["cmdstat_evalsha"]["calls"] > tried + 8, "more attempts")
    assert len(full.events("output_full")) == 1
    assert full.horse() == horse


def test_a_stop_while_the_mill_waits_loses_nothing(works, full):
    """SIGTERM ends a waiting mill although the group does not read; what was not published is there for others."""
    assert full.stop() == 0
    ledger = works.store.ledger()
    assert (ledger.records, sum(ledger.outcomes["default"].values())) == (5, 5)
    assert works.consumers() == {}
    works.client.xgroup_destroy(works.settings.keys.records, "slow-reader")
    works.start()
    works.await_settled(15)
    works.check_books()


def test_the_log_tells_of_batches_and_pages(works):
    """One event a batch at info, one a page at debug with its id and url, and whatever they hold is escaped."""
    pool = works.start()
    hostile = works.page(id="a\nb\x1b[31m", url="https://mill.example/\x1b]0;x\x07\nfake")
    works.client.xadd(works.settings.keys.pages("default"), hostile)
    works.push(9)
    works.await_settled(10)
    assert pool.stop() == 0
    batches, pages = pool.events("batch"), pool.events("page")
    assert sum(event["pages"] for event in batches) == len(pages) == 10
    assert {event["level"] for event in batches} == {"info"}
    assert {event["level"] for event in pages} == {"debug"}
    assert (hostile["id"], hostile["url"]) in {(event["page_id"], event["url"]) for event in pages}
    assert all(line.startswith("{") for line in pool.log_text().splitlines())
    assert "\x1b" not in pool.log_text()


def test_a_person_reads_harmless_lines(works):
    """On a console too nothing of a page's id or url moves the cursor or begins a line."""
    pool = works.start(log_format="console")
    hostile = works.page(id="a\nb\x1b[31m", url="https://mill.example/\x1b]0;x\x07\nfake")
    works.client.xadd(works.settings.keys.pages("default"), hostile)
    works.await_settled(1)
    assert pool.stop() == 0
    assert "\x1b]0;" not in pool.log_text()
    assert "\x07" not in pool.log_text()
    assert not [line for line in pool.log_text().splitlines() if line.startswith(("b", "fake"))]


def test_at_info_a_quiet_mill_says_little(works):
    """At info a claim is one line a batch and nothing of RQ's."""
    pool = works.start(log_level="info")
    works.push(3)
    works.await_settled(3)
    assert pool.stop() == 0
    events = [event["event"] for event in map(json.loads, pool.log_text().splitlines())]
    assert set(events) == {"worker_started", "batch"}
    assert works.client.xinfo_groups(works.settings.keys.pages("default"))[0]["name"] == GROUP.encode()
