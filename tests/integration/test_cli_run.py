"""`pagemill run`, from files to records."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import closing

import pytest

TEXT = " ".join(f"Sentence number {number} of a text that is long enough to be kept." for number in range(20))


def html(title, text=TEXT):
    """A page of one article."""
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
    )


def story(number):
    """A text unlike those of other numbers."""
    return " ".join(
        f"Sentence {i} of story {number} tells of wheel {i * number} and stone {i + number}, which turn."
        for i in range(20)
    )


def lines(path):
    """The JSON lines of a file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def jsonl(path, count, **more):
    """A file of so many different pages, each of a site of its own: what a site repeats depends on the order."""
    with path.open("w") as file:
        for number in range(count):
            body = html(f"Story {number}", story(number))
            file.write(json.dumps({"url": f"https://a{number}.example/", "body": body, **more}) + "\n")
    return path


def test_the_example_pages_give_the_same_records_each_time(pagemill, pages):
    """Two runs exit with 0, account for every page, and write the same bytes; outcomes have one line a page."""
    told = []
    for number in (1, 2):
        done = pagemill("run", pages, "--out", f"{number}.jsonl", "--outcomes", f"o{number}.jsonl", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        told.append(json.loads(done.stdout))
    first = (pagemill.folder / "1.jsonl").read_bytes()
    assert first
    assert first == (pagemill.folder / "2.jsonl").read_bytes()
    summary, outcomes = told[0], lines(pagemill.folder / "o1.jsonl")
    assert summary["pages"] == sum(summary["outcomes"].values()) == len(outcomes)
    assert summary["outcomes"] == told[1]["outcomes"]
    records = lines(pagemill.folder / "1.jsonl")
    assert len(records) == summary["outcomes"]["published"] + summary["outcomes"]["updated"]
    assert [record["id"] for record in records] == sorted(record["id"] for record in records)
    assert not [record for record in records if {"processed_at", "first_seen", "fetched_at"} & set(record)]


def test_full_records_tell_their_times(pagemill, tmp_path):
    """With --full processed_at and first_seen are there; a page's own fetched_at is there in any case."""
    (tmp_path / "in.jsonl").write_text(json.dumps({
        "url": "https://a.example/1", "body": html("A story"), "fetched_at": "2024-05-01T10:00:00Z",
    }))  # fmt: skip
    plain, full = (json.loads(pagemill("run", "in.jsonl", *more).stdout) for more in ((), ("--full",)))
    assert plain["fetched_at"] == full["fetched_at"] == "2024-05-01T10:00:00Z"
    assert not {"processed_at", "first_seen"} & set(plain)
    assert {"processed_at", "first_seen"} <= set(full)


def test_records_go_to_standard_output_and_the_summary_to_standard_error(pagemill, tmp_path):
    """Without --out, so that a pipe gets records and nothing else."""
    (tmp_path / "a.html").write_text(html("A story"))
    done = pagemill("run", "a.html")
    assert json.loads(done.stdout)["title"] == "A story"
    assert "published" in done.stderr


def test_all_kinds_of_input_at_once(pagemill, tmp_path):
    """A folder, a file, JSONL from standard input with base64 and with text whose page names a wrong charset."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.html").write_text(html("Alpha", story(1)))
    (tmp_path / "b.txt").write_text(f"Beta\n\n{story(2)}")
    gamma, delta = (
        html("Gamma", story(3)),
        html("Délta", f"Délta {story(4)}").replace("<title>", '<meta charset="gbk"><title>'),
    )
    stdin = "\n".join(json.dumps(line) for line in (
        {"url": "https://a.example/c", "body_base64": b64encode(gamma.encode()).decode()},
        {"url": "https://a.example/d", "body": delta},
    ))  # fmt: skip
    done = pagemill("run", "folder", "b.txt", "-", stdin=stdin)
    assert done.returncode == 0, done.stderr
    titles = [json.loads(line)["title"] for line in done.stdout.splitlines()]
    assert [titles[0], *titles[2:]] == ["Alpha", "Gamma", "Délta"]


def test_bad_inputs_cost_themselves(pagemill, tmp_path):
    """A missing file, a torn line and a torn gzip are a line each; the rest is milled, and the exit code is 1."""
    jsonl(tmp_path / "good.jsonl", 3)
    with (tmp_path / "good.jsonl").open("a") as file:
        file.write('{"url": "https://a.example/x", "bo\n')
    (tmp_path / "torn.html.gz").write_bytes(b"\x1f\x8b\x08\x00torn")
    done = pagemill("run", "missing.html", "good.jsonl", "torn.html.gz", "--out", "out.jsonl")
    assert done.returncode == 1
    complaints = done.stderr.splitlines()
    assert len(complaints) == 3
    assert complaints[0] == "pagemill: missing.html: No such file or directory"
    assert complaints[1].startswith("pagemill: good.jsonl:4: ")
    assert complaints[2].startswith("pagemill: torn.html.gz: ")
    assert len(lines(tmp_path / "out.jsonl")) == 3


def test_a_page_over_a_limit_is_rejected_by_the_mill(pagemill, tmp_path):
    """A body, a url and an id over their limits are outcomes like others: rejected, too_large."""
    with (tmp_path / "in.jsonl").open("w") as file:
        for more in ({"body": "x" * 2_000}, {"url": "https://a.example/" + "u" * 3_000}, {"id": "i" * 200}):
            file.write(json.dumps({"url": "https://a.example/1", "body": "x"} | more) + "\n")
    done = pagemill("run", "in.jsonl", "--json", "--outcomes", "o.jsonl", PAGEMILL_MAX_BODY="1000")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reasons"] == {"too_large": 3}
    assert [line["reason"] for line in lines(tmp_path / "o.jsonl")] == ["too_large"] * 3


def test_several_workers_keep_the_input_s_order(pagemill, tmp_path):
    """Records and outcomes of 300 pages settled by two workers are in the order of the input."""
    jsonl(tmp_path / "in.jsonl", 300)
    done = pagemill("run", "in.jsonl", "--workers", "2", "--out", "r.jsonl", "--outcomes", "o.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    wanted = [f"https://a{number}.example/" for number in range(300)]
    assert [record["url"] for record in lines(tmp_path / "r.jsonl")] == wanted
    assert [outcome["url"] for outcome in lines(tmp_path / "o.jsonl")] == wanted


def test_a_kept_mill_goes_on_after_kill_9(pagemill, tmp_path):
    """A run killed half-way, and run again, gives the file that a run in one go gives; nothing is left running."""
    jsonl(tmp_path / "in.jsonl", 1_000)
    pagemill("run", "in.jsonl", "--out", "whole.jsonl")
    process = pagemill.start("run", "in.jsonl", "--data", "kept", "--out", "r.jsonl", "--workers", "1")
    _await(lambda: _records_in(tmp_path / "kept"))
    family = pagemill.family(process)
    assert len(family.pids) > 2
    process.kill()
    process.wait()
    assert not family.survivors()
    done = pagemill("run", "in.jsonl", "--data", "kept", "--out", "r.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "r.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_keeps_what_was_read(pagemill, tmp_path, number, code):
    """The pool is stopped, the records so far are written, one line tells it, and nothing is left running."""
    jsonl(tmp_path / "in.jsonl", 2_000)
    process = pagemill.start("run", "in.jsonl", "--data", "kept", "--out", "r.jsonl", "--workers", "1")
    _await(lambda: _records_in(tmp_path / "kept"))
    family = pagemill.family(process)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert told.startswith("pagemill: broken off after ")
    assert told.count("\n") == 1
    assert 0 < len(lines(tmp_path / "r.jsonl")) < 2_000
    assert not family.survivors()


def test_a_shared_mill_is_left_as_it_was(mill, redis_client, tmp_path):
    """On a Redis that others use a run mills its own pages on its own queue, and leaves no queue and no group."""
    redis_client.xadd("pagemill:pages:default", {"url": "https://b.example/other", "body": html("Other")})
    jsonl(tmp_path / "in.jsonl", 5)
    done = mill("run", "in.jsonl", "--json", "--out", "r.jsonl", "--outcomes", "o.jsonl")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["pages"] == 5
    assert (len(lines(tmp_path / "r.jsonl")), len(lines(tmp_path / "o.jsonl"))) == (5, 5)
    assert redis_client.xlen("pagemill:pages:default") == 1
    assert redis_client.xinfo_groups("pagemill:records") == []
    assert not [key for key in redis_client.scan_iter() if b"run-" in key]
    assert not [field for field in redis_client.hkeys("pagemill:ledger") if field.startswith(b"run-")]
    assert json.loads(mill("audit", "--json").stdout)["ok"]


@pytest.mark.parametrize(
    ("program", "words"),
    [("workers.cli worker", "the pool of workers was killed by SIGKILL"), ("-server", "Redis at ")],
)
def test_a_pool_or_a_server_that_dies_is_one_line(pagemill, tmp_path, program, words):
    """It is told which, the exit code is 1, an older file stays, and nothing is left running."""
    jsonl(tmp_path / "in.jsonl", 2_000)
    (tmp_path / "r.jsonl").write_text("older\n")
    process = pagemill.start("run", "in.jsonl", "--data", "kept", "--out", "r.jsonl", "--workers", "1")
    _await(lambda: _records_in(tmp_path / "kept"))
    family = pagemill.family(process)
    os.kill(family.child(program), signal.SIGKILL)
    _, told = process.communicate(timeout=60)
    assert (process.returncode, told.count("\n")) == (1, 1), told
    assert told.startswith(f"pagemill: {words}")
    assert (tmp_path / "r.jsonl").read_text() == "older\n"
    assert not family.survivors()


def test_a_setting_that_is_wrong_is_one_line(pagemill, tmp_path):
    """It is told before anything is started."""
    (tmp_path / "a.html").write_text(html("A story"))
    done = pagemill("run", "a.html", PAGEMILL_LOG_FORMAT="neither")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "log_format" in done.stderr


def test_files_that_cannot_be_written_are_told_before_the_work(pagemill, tmp_path):
    """A folder that is not there is named."""
    (tmp_path / "a.html").write_text(html("A story"))
    done = pagemill("run", "a.html", "--out", "nowhere/r.jsonl")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "nowhere" in done.stderr


def test_a_closed_pipe_is_quiet(pagemill, pages):
    """`pagemill run ... | head -1` shows one record and no complaint about the pipe."""
    script = (
        f'{sys.executable} -P -m workers.cli run {pages} 2>errors | head -c 100 >/dev/null; echo "${{PIPESTATUS[0]}}"'
    )
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        cwd=pagemill.folder,
        env=pagemill.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() in {"0", "141"}
    assert "Broken" not in (pagemill.folder / "errors").read_text()
    assert "Traceback" not in (pagemill.folder / "errors").read_text()


def _records_in(folder):
    """How many records a run has read, by its spool."""
    spool = folder / "run.sqlite"
    if not spool.exists():
        return 0
    with closing(sqlite3.connect(spool)) as database:
        tables = database.execute("SELECT name FROM sqlite_master").fetchall()
        return database.execute("SELECT count(*) FROM records").fetchone()[0] if ("records",) in tables else 0


def _await(met):
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)
