"""The audit's arithmetic."""

import msgspec
import pytest

from pagemill.outcomes import Outcome
from workers.audit import audit
from workers.store.contract import Ledger, QueueCount

CLEAN = Ledger(
    queues=[QueueCount(queue="q", pushed=10, waiting=3, running=2)],
    outcomes={"q": {Outcome.PUBLISHED: 4, Outcome.DEAD: 1}},
    reasons={"q": {"dead|timeout": 1}},
    records=4,
    groups=[],
    dead=1,
    dead_bytes=10,
    dead_expired=0,
    dead_replayed=0,
    dead_dropped=0,
    records_trimmed=0,
    remembered=4,
)


def queue(**changes):
    """The clean ledger with another queue."""
    return msgspec.structs.replace(CLEAN, queues=[msgspec.structs.replace(CLEAN.queues[0], **changes)])


def test_a_ledger_that_adds_up_is_clean():
    """It does when pushed = outcomes + waiting + running."""
    assert audit(CLEAN) == {
        "ok": True, "pushed": 10, "waiting": 3, "running": 2, "problems": [],
        "outcomes": {"published": 4, "updated": 0, "duplicate": 0, "near_duplicate": 0, "rejected": 0, "dead": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ledger", "problem"),
    [
        (queue(pushed=12), "queue q: 2 pages vanished"),
        (queue(pushed=9), "queue q: 1 pages too many"),
        (queue(pushed=None), "does not tell how many"),
        (queue(waiting=-1, pushed=6), "1 pages were deleted while in hand"),
        (queue(refused_jobs=2), "2 ordinary RQ jobs lie in rq:queue:q"),
        (msgspec.structs.replace(CLEAN, records_trimmed=3), "3 records were trimmed"),
        (msgspec.structs.replace(CLEAN, dead=0), "dead letters: 1 were counted, but 0 lie there"),
        (msgspec.structs.replace(CLEAN, queues=[]), "queue q: 5 pages settled, but the queue itself is gone"),
    ],
)
def test_each_thing_that_is_wrong_is_a_sentence(ledger, problem):
    """With numbers, and ok is false."""
    result = audit(ledger)
    assert not result["ok"]
    assert any(problem in told for told in result["problems"]), result["problems"]
