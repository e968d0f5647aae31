"""The spool: what a run has read, in the order of its input."""

import json

import pytest

from pagemill.errors import PagemillError
from workers.records.spool import Spool


def record(page, version=1):
    """A record's JSON, as far as the spool looks at it."""
    return json.dumps({"id": page, "article": "a", "version": version}).encode()


def ids(spool, **asked):
    """The records' pages in order."""
    return [json.loads(body)["id"] for body, _ in spool.records(**asked)]


def test_records_and_outcomes_come_in_the_order_of_the_pushes():
    """However they came in."""
    with Spool() as spool:
        spool.add_pages([("c", True), ("a", False), ("b", False)])
        spool.add([record("b"), record("c")], [("a", b"outcome a")])
        spool.add([record("a")], [("c", b"outcome c"), ("b", b"outcome b")])
        assert [(json.loads(body)["id"], dated) for body, dated in spool.records(foreign=False)] == [
            ("c", True),
            ("a", False),
            ("b", False),
        ]
        assert list(spool.outcomes(foreign=False)) == [b"outcome c", b"outcome a", b"outcome b"]


def test_a_record_that_comes_again_is_kept_once():
    """The same id, article and version are the same record; another version is another."""
    with Spool() as spool:
        spool.add_pages([("a", False)])
        spool.add([record("a"), record("a")], [])
        spool.add([record("a"), record("a", 2)], [])
        assert ids(spool, foreign=False) == ["a", "a"]


def test_what_others_pushed_is_left_out():
    """Foreign records, foreign outcomes, and more outcomes for an id than pushes of it are others' business."""
    with Spool() as spool:
        spool.add_pages([("a", False), ("a", False), ("b", False)])
        spool.add([record("x"), record("b")], [("a", b"1"), ("x", b"2"), ("a", b"3"), ("a", b"4"), ("b", b"5")])
        assert ids(spool, foreign=False) == ["b"]
        assert list(spool.outcomes(foreign=False)) == [b"1", b"3", b"5"]
        assert sorted(ids(spool, foreign=True)) == ["b", "x"]
        assert len(list(spool.outcomes(foreign=True))) == 5


def test_a_kept_spool_goes_on(tmp_path):
    """Pages and records are there when it is opened again, new ones behind them; outcomes are each run's own."""
    with Spool(tmp_path / "spool") as spool:
        spool.add_pages([("b", False)])
        spool.add([record("b")], [("b", b"old")])
    with Spool(tmp_path / "spool") as spool:
        spool.add_pages([("a", False)])
        spool.add([record("a")], [("a", b"new")])
        assert ids(spool, foreign=False) == ["b", "a"]
        assert list(spool.outcomes(foreign=True)) == [b"new"]


def test_a_file_that_is_no_spool_is_told(tmp_path):
    """In one line with its name."""
    (tmp_path / "spool").write_bytes(b"something else" * 100)
    with pytest.raises(PagemillError, match="spool: file is not a database"):
        Spool(tmp_path / "spool")
