"""`pagemill records`: the output to a pipe and to files."""

import json
import signal
import time

import msgspec
import pytest

from pagemill.record import Change, Extraction, Record
from workers.records.feed import consumer_name

STREAM = "pagemill:records"


def body(number):
    """A record as its entry's JSON."""
    return msgspec.json.encode(
        Record(
            id=f"page-{number}", url=f"https://a.example/{number}", canonical_url=f"https://a.example/{number}",
            title=f"Story \x9b {number}", text="A text.", content_hash="0" * 32,
            extraction=Extraction(method="m", removed={"x": 2}),
            estimated_change=Change(added=0.25, removed=0.5) if number else None,
            kind="new", version=1, article=f"{number:032x}", processed_at="2024-05-01T10:00:00Z", meta={"n": number},
        )
    )  # fmt: skip


@pytest.fixture
def add(redis_client):
    """Adds records to the stream."""

    def add_records(numbers):
        for number in numbers:
            redis_client.xadd(STREAM, {"body": body(number), "id": f"page-{number}"})

    return add_records


def ids(path):
    """The records' ids in a file, in order."""
    return [json.loads(text)["id"] for text in path.read_text("utf-8").splitlines()]


def test_without_a_group_all_records_come_each_time(mill, add, redis_client):
    """From the oldest on, to a pipe byte by byte as they are; nothing is left in Redis."""
    add(range(3))
    for _ in range(2):
        assert mill("records").stdout.splitlines() == [body(number).decode() for number in range(3)]
    assert mill("records", "--limit", "2").stdout.count("\n") == 2
    assert redis_client.xinfo_groups(STREAM) == []


def test_an_empty_mill_has_no_records(mill):
    """No stream is no error."""
    done = mill("records")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_group_gets_each_record_once(mill, add, tmp_path):
    """A file is added to, and what was acknowledged does not come again, whatever --limit left."""
    add(range(5))
    for more in (("--limit", "2"), (), ()):
        assert mill("records", "--group", "g", "--to", "r.jsonl", *more).returncode == 0
    assert ids(tmp_path / "r.jsonl") == [f"page-{number}" for number in range(5)]
    assert mill("records", "--group", "g").stdout == ""


def test_what_a_limit_left_goes_to_the_next_at_once(mill, add):
    """Records that were fetched and not printed are given back."""
    add(range(5))
    first = mill("records", "--group", "g", "--limit", "2").stdout.count("\n")
    assert (first, mill("records", "--group", "g").stdout.count("\n")) == (2, 3)


def test_a_crash_between_file_and_acknowledgement_writes_nothing_twice(mill, add, redis_client, tmp_path):
    """Records in the file but still pending, and a line torn off, come out once each."""
    add(range(4))
    redis_client.xgroup_create(STREAM, "g", id="0")
    redis_client.xreadgroup("g", consumer_name(tmp_path / "r.jsonl"), {STREAM: ">"})
    (tmp_path / "r.jsonl").write_bytes(body(0) + b"\n" + body(1) + b"\n" + body(2)[:50])
    assert mill("records", "--group", "g", "--to", "r.jsonl").returncode == 0
    assert ids(tmp_path / "r.jsonl") == [f"page-{number}" for number in range(4)]


def test_a_follower_writes_until_it_is_stopped(mill, add, tmp_path):
    """What comes later is in the file while it runs; SIGTERM ends it at once, with nothing lost."""
    add(range(2))
    process = mill.start("records", "--follow", "--group", "g", "--to", "r.jsonl")
    _await(lambda: (tmp_path / "r.jsonl").exists() and len(ids(tmp_path / "r.jsonl")) == 2)
    add(range(2, 4))
    _await(lambda: len(ids(tmp_path / "r.jsonl")) == 4)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 143
    assert process.stderr.read() == ""


def test_parquet_holds_every_field(mill, add, tmp_path):
    """Times with their zone, lists, extraction and change as structs, meta as JSON; none is added to or followed."""
    parquet = pytest.importorskip("pyarrow.parquet")
    add(range(3))
    assert mill("records", "--group", "g", "--to", "r.parquet").returncode == 0
    rows = parquet.read_table(tmp_path / "r.parquet").to_pylist()
    assert [row["id"] for row in rows] == ["page-0", "page-1", "page-2"]
    assert rows[0].keys() == set(Record.__struct_fields__)
    assert rows[0]["processed_at"].isoformat() == "2024-05-01T10:00:00+00:00"
    assert (rows[0]["extraction"]["removed"], json.loads(rows[1]["meta"])) == ([("x", 2)], {"n": 1})
    changes = [row["estimated_change"] for row in rows]
    assert changes == [None, {"added": 0.25, "removed": 0.5}, {"added": 0.25, "removed": 0.5}]
    again = mill("records", "--group", "g", "--to", "r.parquet")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "cannot be added to" in again.stderr
    assert mill("records", "--follow", "--to", "other.parquet").returncode == 2


def test_a_file_of_something_else_is_not_added_to(mill, add, tmp_path):
    """It stays as it is, and no record is acknowledged."""
    add(range(2))
    (tmp_path / "notes.jsonl").write_text("my notes\n")
    done = mill("records", "--group", "g", "--to", "notes.jsonl")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert (tmp_path / "notes.jsonl").read_text() == "my notes\n"
    assert mill("records", "--group", "g").stdout.count("\n") == 2


@pytest.mark.parametrize("more", [(), ("--group", "g", "--to", "r.jsonl"), ("--to", "r.parquet")])
def test_what_is_no_record_is_told_and_left_out(mill, add, redis_client, more):
    """Somebody else's entry in the stream costs a line, not the records around it."""
    add(range(1))
    redis_client.xadd(STREAM, {"body": "\x1b[31mjunk"})
    add(range(1, 2))
    done = mill("records", *more)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    assert "is no record" in done.stderr


def test_a_group_can_be_forgotten(mill, add, redis_client):
    """--drop-group takes it away; of one that is not there it says so."""
    add(range(1))
    mill("records", "--group", "g")
    assert mill("records", "--drop-group", "g").returncode == 0
    assert redis_client.xinfo_groups(STREAM) == []
    done = mill("records", "--drop-group", "g")
    assert (done.returncode, done.stderr) == (1, "pagemill: no group 'g' reads the records\n")


def _await(met):
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)
