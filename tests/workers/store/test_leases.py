"""How every store lets pages pass from a worker that is gone, or too slow, to the next."""

import pytest

BOTH = ["urgent", "default"]


def test_a_page_whose_lease_ran_out_is_adopted(bench):
    """Its fields come with it, and nothing is held against it."""
    page = bench.take_one("dead")
    assert bench.store.adopt("w2", BOTH, 10) == []
    bench.mill.let_lease_run_out("default", page.entry)
    assert bench.store.adopt("w2", BOTH, 10) == [page]
    assert bench.store.adopt("w3", BOTH, 10) == []


def test_what_was_handed_back_is_adopted_at_once_by_priority(bench):
    """A worker that stops gives back all that it holds, on every queue, and the next one need not wait."""
    entries = [bench.push("default") for _ in range(3)]
    urgent = bench.push("urgent")
    bench.take("w1")
    bench.take("w1")
    assert bench.store.hand_back("w1", BOTH) == 4
    assert [page.entry for page in bench.store.adopt("w2", BOTH, 10)] == [urgent]
    assert [page.entry for page in bench.store.adopt("w2", BOTH, 2)] == entries[:2]
    assert [page.entry for page in bench.store.adopt("w2", BOTH, 2)] == entries[2:]


def test_hands_back_only_what_is_its_own(bench):
    """Pages of other workers stay where they are."""
    bench.push()
    bench.push()
    bench.take("w1", 1)
    bench.take("w2", 1)
    assert bench.store.hand_back("w1", BOTH) == 1
    assert bench.store.hand_back("w1", BOTH) == 0
    assert len(bench.store.adopt("w3", BOTH, 10)) == 1


def test_handing_back_counts_no_delivery(make_bench):
    """However often workers come and go, a page that they hand back is no suspect for that."""
    bench = make_bench(suspect_deliveries=3)
    page = bench.take_one("w1")
    for _ in range(1):
        bench.store.hand_back("w1", BOTH)
        (page,) = bench.store.adopt("w1", BOTH, 10)
    for _ in range(5):
        bench.store.hand_back("w1", BOTH)
    (again,) = bench.store.adopt("w1", BOTH, 10)
    assert (page.lonely, again.lonely) == (0, 0)


def test_renewing_keeps_what_is_in_hand(bench):
    """A lease that was renewed does not run out."""
    page = bench.take_one("w1")
    bench.mill.let_lease_run_out("default", page.entry)
    assert bench.store.renew("w1", [("default", page.entry)]) == 1
    assert bench.store.adopt("w2", BOTH, 10) == []
    assert bench.store.renew("w1", []) == 0


def test_renewing_steals_nothing_back(bench):
    """A worker that woke up renews only what is still its own: what others took, or settled, stays theirs."""
    for _ in range(3):
        bench.push()
    lost, kept, settled = bench.take("slow")
    bench.mill.let_lease_run_out("default", lost.entry)
    bench.store.adopt("w2", BOTH, 1)
    bench.commit(bench.settlement(settled, "rejected", reason="empty"))
    assert bench.store.renew("slow", [("default", page.entry) for page in (lost, kept, settled)]) == 1
    assert bench.store.hand_back("w2", BOTH) == 1


def test_renewing_counts_no_delivery(make_bench):
    """A slow page does not become a suspect."""
    bench = make_bench(suspect_deliveries=2)
    page = bench.take_one("w1")
    for _ in range(5):
        bench.store.renew("w1", [("default", page.entry)])
    assert bench.store.mark("w1", "default", page.entry, "innocent") == (0, 0)
    assert bench.store.hand_back("w1", BOTH) == 1
    assert len(bench.store.adopt("w1", BOTH, 10)) == 1


def test_a_page_that_was_delivered_often_is_tried_alone(make_bench):
    """Whoever came back so often is a suspect: it is given out alone, and the lonely death is counted before."""
    bench = make_bench(suspect_deliveries=3)
    entries = [bench.push() for _ in range(2)]
    bench.take("w1", 1)
    for n in range(2, 4):
        bench.mill.let_lease_run_out("default", entries[0])
        (page,) = bench.store.adopt(f"w{n}", BOTH, 10)
        assert (page.entry, page.strikes, page.lonely) == (entries[0], 0, 0)
    bench.take("w4", 1)
    for entry in entries:
        bench.mill.let_lease_run_out("default", entry)
    (page,) = bench.store.adopt("w5", BOTH, 10)
    assert (page.entry, page.strikes, page.lonely) == (entries[0], 0, 1)
    (other,) = bench.store.adopt("w5", BOTH, 10)
    assert (other.entry, other.lonely) == (entries[1], 0)


def test_innocents_in_front_of_a_suspect_go_first_and_without_it(bench):
    """A batch never holds a suspect beside others."""
    for _ in range(3):
        bench.push()
    first, suspect, last = bench.take("w1")
    bench.store.mark("w1", "default", suspect.entry, "suspect")
    bench.store.hand_back("w1", BOTH)
    assert [page.entry for page in bench.store.adopt("w2", BOTH, 10)] == [first.entry, last.entry]
    assert [page.entry for page in bench.store.adopt("w2", BOTH, 10)] == [suspect.entry]


def test_a_strike_is_the_pages_own_and_no_lonely_death(bench):
    """A death that the page caused is a strike, and takes the lonely death back that adopt counted."""
    page = bench.take_one("w1")
    assert bench.store.mark("w1", "default", page.entry, "strike") == (1, 0)
    bench.store.hand_back("w1", BOTH)
    (page,) = bench.store.adopt("w2", BOTH, 10)
    assert (page.strikes, page.lonely) == (1, 1)
    assert bench.store.mark("w2", "default", page.entry, "strike") == (2, 0)


def test_unexplained_deaths_alone_add_up(bench):
    """A suspect whose trials all end unexplained collects lonely deaths, one a trial."""
    page = bench.take_one("w1")
    assert bench.store.mark("w1", "default", page.entry, "suspect") == (0, 0)
    for trial in range(1, 4):
        bench.mill.let_lease_run_out("default", page.entry)
        (page,) = bench.store.adopt("w1", BOTH, 10)
        assert (page.strikes, page.lonely) == (0, trial)
        assert bench.store.mark("w1", "default", page.entry, "suspect") == (0, trial)


def test_a_trial_that_was_broken_off_counts_for_nothing(bench):
    """A worker that was stopped from outside takes the lonely death back; an unblemished page stays so."""
    page = bench.take_one("w1")
    assert bench.store.mark("w1", "default", page.entry, "innocent") == (0, 0)
    bench.store.mark("w1", "default", page.entry, "suspect")
    bench.store.hand_back("w1", BOTH)
    bench.store.adopt("w2", BOTH, 10)
    assert bench.store.mark("w2", "default", page.entry, "innocent") == (0, 0)
    bench.store.hand_back("w2", BOTH)
    (again,) = bench.store.adopt("w3", BOTH, 10)
    assert again.lonely == 1


@pytest.mark.parametrize("mark", ["strike", "suspect", "innocent"])
def test_only_the_holder_can_hold_a_death_against_a_page(bench, mark):
    """Who lost a page to another, or settled it, has no say any more."""
    page = bench.take_one("w1")
    assert bench.store.mark("w2", "default", page.entry, mark) is None
    bench.commit(bench.settlement(page, "rejected", reason="empty"))
    assert bench.store.mark("w1", "default", page.entry, mark) is None


def test_a_settled_page_leaves_no_trial_behind(bench):
    """What was held against a page goes with it: nothing grows with the pages that were tried."""
    page = bench.take_one("w1")
    bench.store.mark("w1", "default", page.entry, "strike")
    bench.commit(bench.settlement(page, "rejected", reason="empty"))
    assert bench.mill.trials() == 0


def test_a_page_can_be_looked_at_where_it_lies(bench):
    """A page that waits or is held can be looked at by anybody; one that was settled or deleted is none."""
    page = bench.take_one("w1")
    waiting = bench.push(url="https://example.org/waits")
    deleted = bench.push()
    bench.mill.delete("default", deleted)
    assert bench.store.peek("default", page.entry).fields == page.fields
    assert bench.store.peek("default", waiting).fields[b"url"] == b"https://example.org/waits"
    assert bench.store.peek("default", deleted) is None
    bench.commit(bench.settlement(page, "rejected", reason="empty"))
    assert bench.store.peek("default", page.entry) is None


def test_nobody_is_forgotten_who_asked_a_moment_ago(bench):
    """A consumer that is idle may come back: only one that was silent for long leaves the group."""
    page = bench.take_one("w1")
    bench.commit(bench.settlement(page, "rejected", reason="empty"))
    assert bench.store.forget_consumers(BOTH) == 0


def test_an_entry_that_somebody_deleted_is_not_taken(bench):
    """A page that vanished while it waited is not given out."""
    entry = bench.push()
    bench.mill.delete("default", entry)
    assert bench.take() == []


def test_an_entry_that_somebody_deleted_leaves_its_lease(bench):
    """A page that vanished while it was out is dropped when it is next adopted, renewed or handed back."""
    for _ in range(3):
        bench.push()
    adopted, renewed, handed = bench.take("w1")
    for page in (adopted, renewed, handed):
        bench.store.mark("w1", "default", page.entry, "strike")
    bench.mill.let_lease_run_out("default", adopted.entry)
    for page in (adopted, renewed, handed):
        bench.mill.delete("default", page.entry)
    assert bench.store.adopt("w2", BOTH, 10) == []
    assert bench.store.renew("w1", [("default", renewed.entry)]) == 0
    assert bench.store.hand_back("w1", BOTH) == 0
    (count,) = (one for one in bench.store.ledger().queues if one.queue == "default")
    assert count.running == 0
    assert bench.mill.trials() == 0


def test_an_entry_that_somebody_deleted_can_still_be_settled(bench):
    """Who has the page in hand publishes it all the same."""
    page = bench.take_one("w1")
    bench.mill.delete("default", page.entry)
    assert bench.commit(bench.draft(page, "article", "text"))[0].outcome == "published"
