"""`pagemill remember`, from the records of one mill to the memory of another."""

import json
import os
import pty
import subprocess
import sys


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_mill_that_starts_with_its_records_publishes_none_of_them_again(pagemill, pages, redis_client, redis_url):
    """Its pages are duplicates of its records; what its article said before is a change taken back."""
    assert pagemill("run", pages, "--out", "first.jsonl").returncode == 0
    records = lines(pagemill.folder / "first.jsonl")
    changed = {record["article"] for record in records if record["version"] > 1}
    once = {record["id"] for record in records if record["article"] not in changed}
    assert changed
    done = pagemill("remember", "first.jsonl", "--json", "--redis", redis_url)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["remembered"], told["known"], told["skipped"]) == (len(records), 0, {})
    assert pagemill("run", pages, "--out", "again.jsonl", "--outcomes", "o.jsonl", "--redis", redis_url).returncode == 0
    assert {record["article"] for record in lines(pagemill.folder / "again.jsonl")} == changed
    outcomes = {page["id"]: page for page in lines(pagemill.folder / "o.jsonl")}
    assert {(outcomes[one]["outcome"], outcomes[one]["of"] == one) for one in once} == {("duplicate", True)}


def test_a_corpus_that_is_partly_bad_is_remembered_as_far_as_it_goes(mill):
    """From standard input: the line and the field on standard error, a summary, exit code 1; then all is known."""
    good = json.dumps({"url": "https://a.example/1", "text": "A text of a few words."})
    done = mill("remember", "-", stdin=f'{good}\n{{"text": "no address"}}\n')
    assert done.returncode == 1
    assert done.stderr == "pagemill: standard input:2: url: is missing: a record needs url or canonical_url\n"
    assert done.stdout.splitlines() == [
        "1 record remembered, 0 known before",
        "1 without a time: their articles are first seen now",
        "1 skipped, by the field at fault: url 1",
    ]
    done = mill("remember", "-", stdin=good)
    assert (done.returncode, done.stdout) == (0, "0 records remembered, 1 known before\n")


def test_without_a_server_it_is_one_line(pagemill, tmp_path):
    """And exit code 1."""
    done = pagemill("remember", "-", "--redis", f"unix://{tmp_path}/none", stdin="{}")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_memory_that_is_too_small_is_told(mill):
    """What does not fit is said with the number and the setting, and is no failure."""
    with (mill.folder / "many.jsonl").open("w") as file:
        for number in range(4_000):
            file.write(json.dumps({"url": f"https://a.example/{number}", "text": f"The words of {number}."}) + "\n")
    done = mill("remember", "many.jsonl", PAGEMILL_MEMORY_PAGES="500")
    assert done.returncode == 0
    assert "the memory holds 500 pages" in done.stderr
    assert "memory_pages" in done.stderr


def test_on_a_terminal_a_line_shows_how_far_it_is():
    """It rises, and is gone at the end."""
    script = (
        "import time\n"
        "from workers.cli.progress_line import counting_up\n"
        "with counting_up('records') as tell:\n"
        "    tell(128)\n"
        "    time.sleep(0.6)\n"
        "    tell(1_000)\n"
    )
    shown, tty = pty.openpty()
    subprocess.run([sys.executable, "-c", script], stderr=tty, check=True, timeout=60)
    os.close(tty)
    told = os.read(shown, 1_000)
    os.close(shown)
    assert told == b"\r1,128 records\r\x1b[K"
