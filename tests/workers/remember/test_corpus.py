"""Records out of files, and what is said of those that are none."""

import gzip
import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from pagemill.limits import Limits
from workers.records.parquet import ParquetSink
from workers.remember import Corpus

ROWS = [
    {"id": f"r{number}", "url": f"https://a.example/{number}", "text": f"The text of story {number}.", "meta": "{}"}
    for number in range(300)
]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


class Reading:
    """A corpus that was read: its records, and what was told."""

    def __init__(self, *files, limits=None):
        self.told = []
        self.corpus = Corpus(limits or Limits(), self.told.append)
        self.records = list(self.corpus.records([str(file) for file in files]))
        self.ids = [one.id for one in self.records]


def in_parquet(path, **more):
    """The rows as a Parquet file, with more columns."""
    table = pa.Table.from_pylist(ROWS)
    for name, values in more.items():
        table = table.append_column(name, values)
    parquet.write_table(table, path, row_group_size=100)
    return path


@pytest.fixture
def folder(tmp_path):
    """One corpus in every form."""
    (tmp_path / "a.jsonl").write_bytes(LINES)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(LINES))
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(LINES))
    in_parquet(tmp_path / "a.parquet")
    return tmp_path


def test_one_corpus_in_every_form_is_the_same(folder):
    """JSONL, gzip, zstd, Parquet: the same records in the same order, and nothing to tell."""
    readings = [Reading(file) for file in sorted(folder.iterdir())]
    assert len(readings) == 4
    assert all(reading.records == readings[0].records and not reading.told for reading in readings)
    assert readings[0].ids == [row["id"] for row in ROWS]


def test_a_bad_line_costs_itself_and_is_named(tmp_path):
    """File, line, field and what to do; empty lines are none."""
    good = json.dumps(ROWS[0])
    lines = [good, "", "{not json", '{"url": "https://a.example/", "text": 5}', "[1]", json.dumps(ROWS[1]), "\udc80"]
    path = tmp_path / "bad.jsonl"
    path.write_bytes("\n".join(lines).encode(errors="surrogateescape"))
    reading = Reading(path)
    assert reading.ids == ["r0", "r1"]
    assert reading.corpus.skipped == {"line": 2, "text": 1, "record": 1}
    assert [one.removeprefix(f"{path}:").split(" ")[0] for one in reading.told] == ["3:", "4:", "5:", "7:"]
    assert "text: expected `str | null`, got `int`" in reading.told[1]


def test_many_bad_records_are_counted_and_only_some_told(tmp_path):
    """Ten of each field, the last of which says so; escape sequences come as text."""
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps({"url": "\x1b[31m", "text": "a text"}) + "\n" + '{"text": "a"}\n' * 500)
    reading = Reading(path)
    assert reading.corpus.skipped == {"url": 501}
    assert len(reading.told) == 10
    assert "counted only" in reading.told[-1]
    assert "\x1b" not in "".join(reading.told)


def test_a_line_without_an_end_is_passed_over(tmp_path):
    """Longer than a record can be: it is not held in memory, and the next one is read."""
    path = tmp_path / "long.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * 1_100_000 + b'"}\n' + LINES)
    reading = Reading(path, limits=Limits(max_body=1_000))
    assert (len(reading.records), reading.corpus.skipped) == (300, {"line": 1})


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
def test_a_torn_file_is_told_and_the_next_one_read(folder, name):
    """Half of a file is an error of that file, and no error ends the run."""
    torn = folder / f"torn-{name}"
    torn.write_bytes((folder / name).read_bytes()[:-40])
    reading = Reading(torn, folder / "a.jsonl")
    assert reading.corpus.broken == 1
    assert reading.told[0].startswith(f"{torn}: ")
    assert reading.ids[-300:] == [row["id"] for row in ROWS]


def test_what_is_not_there_and_folders_are_told(tmp_path):
    """One line each."""
    reading = Reading(tmp_path / "none.jsonl", tmp_path)
    assert (reading.records, reading.corpus.broken, len(reading.told)) == ([], 2, 2)


def test_times_of_parquet_are_read_to_the_microsecond(tmp_path):
    """Also those in nanoseconds, with or without a zone, which Python cannot hold."""
    nanoseconds = pa.array([1_000_000_001] * 300, pa.timestamp("ns"))
    known = Reading(in_parquet(tmp_path / "a.parquet", first_seen=nanoseconds)).records[0]
    assert known.first_seen == 1_000
    moment = pa.array([datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)] * 300, pa.timestamp("ns", tz="UTC"))
    assert Reading(in_parquet(tmp_path / "b.parquet", processed_at=moment)).records[0].first_seen == 2_000


def test_a_column_of_another_type_is_a_bad_field_of_each_row(tmp_path):
    """Named, with the row; a column that nobody asks for may be of any type."""
    reading = Reading(in_parquet(tmp_path / "a.parquet", version=pa.array(["one"] * 300), meta2=[[1]] * 300))
    assert (reading.records, reading.corpus.skipped) == ([], {"version": 300})
    assert ": row 1: version: " in reading.told[0]


def test_what_pagemill_writes_it_reads(tmp_path):
    """Records as Parquet and as JSONL are the same to the memory, with article, version and first_seen."""
    text = {"text": "The text of a story.", "content_hash": "0" * 32, "extraction": {"method": "m"}}
    told = {"kind": "updated", "version": 2, "article": "0a" * 12, "estimated_change": {"added": 0.1, "removed": 0.2}}
    when = {"first_seen": "2024-05-01T10:00:00Z", "processed_at": "2024-06-01T10:00:00Z"}
    address = {"url": "https://a.example/1", "canonical_url": "https://a.example/one"}
    line = json.dumps({"id": "one", **address, **text, **told, **when}).encode()
    (tmp_path / "a.jsonl").write_bytes(line)
    sink = ParquetSink(tmp_path / "a.parquet")
    sink.write([line])
    sink.close(complete=True)
    (read,) = Reading(tmp_path / "a.jsonl").records
    assert Reading(tmp_path / "a.parquet").records == [read]
    assert (read.version, read.article_key, read.first_seen) == (2, b"\n" * 12, 1_714_557_600_000)


@pytest.mark.parametrize(
    ("rest", "field"),
    [
        ('"version": 1e400', "version"),
        (f'"version": {"9" * 5_000}', "version"),
        (f'"id": {"9" * 5_000}', "id"),
        (f'"meta": {"[" * 100_000}', "line"),
        (f'"first_seen": {"[" * 900}{"]" * 900}', None),
        ('"first_seen": "0001-01-01T00:00:00+14:00"', None),
        ('"first_seen": "9999-12-31T23:59:59-14:00"', None),
        ('"id": "\\u0000"', None),
    ],
)
def test_a_hostile_line_is_a_record_or_a_bad_field(tmp_path, rest, field):
    """Numbers without end, nesting without end, times at the edge of what there is."""
    path = tmp_path / "hostile.jsonl"
    path.write_text(f'{{"url": "https://a.example/", "text": "Some words.", {rest}}}\n')
    reading = Reading(path)
    assert reading.corpus.skipped == ({field: 1} if field else {})
    assert len(reading.records) == (0 if field else 1)
