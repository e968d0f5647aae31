"""The reckoning tells each way in which a page can be lost or doubled: a harness that cannot fail proves nothing."""

from typing import Any

import msgspec
import pytest
from feed import Planned
from reckoning import Account, figures, problems

from pagemill.outcomes import Outcome
from workers.store.contract import Ledger, QueueCount

PLANNED = {
    "1-0": Planned(id="1-0", kind="story", queue="high", url="https://a.example/0", text="a", language="en"),
    "1-1": Planned(id="1-1", kind="copy", queue="high", url="https://a.example/1", text="a", language="en"),
    "1-2": Planned(id="1-2", kind="story", queue="high", url="https://a.example/2", text="b", language="en"),
    "1-3": Planned(
        id="1-3", kind="poison", queue="high", url="https://a.example/3", text="c", language="en", wish="fail"
    ),
}
RIGHTLY = {Outcome.PUBLISHED: 2, Outcome.DUPLICATE: 1, Outcome.DEAD: 1}


def books(*, pushed: int = 4, waiting: int = 0, dead: int = 1) -> Ledger:
    return Ledger(
        queues=[QueueCount(queue="high", pushed=pushed, waiting=waiting, running=0)],
        outcomes={"high": RIGHTLY}, reasons={}, records=2, groups=[], dead=dead, dead_bytes=0, dead_expired=0,
        dead_replayed=0, dead_dropped=0, records_trimmed=0, remembered=2,
    )  # fmt: skip


RIGHT = Account(
    tried=dict.fromkeys(PLANNED, 1),
    done=frozenset(PLANNED),
    settled={"1-0": ["published"], "1-1": ["duplicate"], "1-2": ["published"], "1-3": ["dead"]},
    records=["1-0", "1-2"],
    articles={"x": [1], "y": [1]},
    dead={"1-3": ["raised"]},
    ledger=books(),
    trials=0,
)


def test_what_is_right_has_no_problem():
    """Each page with its outcome, each record once."""
    assert problems(RIGHT, PLANNED) == []
    told = figures(RIGHT, PLANNED)
    assert (told.pushed, told.settled, told.lost, told.twice, told.innocents_dead, told.spared) == (4, 4, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"settled": {**RIGHT.settled, "1-2": []}}, "the settled stream tells"),
        ({"settled": {k: v for k, v in RIGHT.settled.items() if k != "1-2"}}, "1-2 was pushed and has no outcome"),
        ({"settled": {**RIGHT.settled, "1-2": ["published", "duplicate"]}}, "sent 1 times and settled 2 times"),
        ({"records": ["1-0", "1-2", "1-2"]}, "records and outcomes differ for {'1-2': 1}"),
        ({"records": ["1-0"]}, "records and outcomes differ for {'1-2': 1}"),
        ({"settled": {**RIGHT.settled, "1-1": ["published"]}}, "the text of ['1-0', '1-1'] was published 2 times"),
        ({"settled": {**RIGHT.settled, "1-0": ["duplicate"]}}, "the text of ['1-0', '1-1'] was published 0 times"),
        ({"settled": {**RIGHT.settled, "1-2": ["dead"]}}, "1-2 (story ) became ['dead']"),
        ({"settled": {**RIGHT.settled, "1-3": ["published"]}}, "1-3 (poison fail) became ['published']"),
        ({"dead": {"1-3": ["timeout"]}}, "1-3 (fail) died as ['timeout']"),
        ({"dead": {"1-3": ["raised"], "1-2": ["crashed"]}}, "1-2 (no poison) died as ['crashed']"),
        ({"articles": {"x": [1, 1]}}, "article x has the versions [1, 1]"),
        ({"articles": {"x": [1, 3]}}, "article x has the versions [1, 3]"),
        ({"trials": 2}, "2 trials are left"),
        ({"ledger": books(waiting=1)}, "1 pages wait"),
        (
            {"ledger": books(pushed=5)},
            "1 pages vanished",
        ),
        ({"ledger": books(dead=0)}, "dead letters: 1"),
    ],
)
def test_what_is_wrong_is_told(wrong: dict[str, Any], told: str):
    """Lost, settled twice, published twice or not at all, wrongly dead or alive, left over: each is a problem."""
    assert any(told in problem for problem in problems(msgspec.structs.replace(RIGHT, **wrong), PLANNED))
