"""`push`, `worker`, `status`, `audit`, `dead` and `explain` on one mill."""

import json
import signal
import time

import pytest

from pagemill.keys import GROUP

TEXT = " ".join(f"Sentence number {number} of a text that is long enough to be kept." for number in range(20))
PAGES = "pagemill:pages:default"


def story(number):
    """A text unlike those of other numbers."""
    return " ".join(
        f"Sentence {i} of story {number} tells of wheel {i * number} and stone {i + number}, which turn."
        for i in range(20)
    )


def line(number, **more):
    """A page as a line of JSONL."""
    body = f"<html><title>Story {number}</title><body><article><p>{story(number)}</p></article></body></html>"
    return json.dumps({"url": f"https://a.example/{number}", "body": body} | more)


def work_off(mill, redis_client):
    """Start a worker, wait until nothing is left, and stop it warmly."""
    worker = mill.start("worker", "--workers", "1")
    deadline = time.monotonic() + 60
    while redis_client.xlen(PAGES) and worker.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    _, told = worker.communicate(timeout=30)
    assert worker.returncode == 0, told
    return told


def test_pushed_pages_are_worked_off_and_accounted_for(mill, redis_client):
    """Push says how many, worker mills them and stops on SIGTERM, status shows outcomes, audit finds no fault."""
    done = mill("push", "-", stdin="\n".join(map(line, range(3))))
    assert (done.returncode, done.stdout) == (0, "3 pages pushed into default\n")
    waiting = json.loads(mill("status", "--json").stdout)
    assert (waiting["depth"], waiting["queues"][0]["waiting"]) == (3, 3)
    assert waiting["oldest_age"] > 0
    told = work_off(mill, redis_client)
    assert "secret" not in told
    shot = json.loads(mill("status", "--json").stdout)
    outcomes = {one["name"]: one["total"] for one in shot["outcomes"]}
    assert (shot["depth"], outcomes["published"], shot["output"]["length"]) == (0, 3, 3)
    result = json.loads(mill("audit", "--json").stdout)
    assert (result["ok"], result["pushed"], result["problems"]) == (True, 3, [])


def test_push_leaves_out_what_breaks_the_contract(mill, redis_client):
    """A page over a limit and a URL that is none are a line each; the others go in, and the exit code is 1."""
    lines = [line(1), line(2, body="x" * 3_000), line(3, url="ftp://a.example/3"), line(4)]
    done = mill("push", "-", "--queue", "other", stdin="\n".join(lines), PAGEMILL_MAX_BODY="2500")
    assert (done.returncode, done.stdout) == (1, "2 pages pushed into other\n")
    assert [text.split(": ")[2] for text in done.stderr.splitlines()] == ["body", "url"]
    assert redis_client.xlen("pagemill:pages:other") == 2


def test_a_full_queue_is_told_with_how_many_went_in(mill):
    """Push does not wait unless it is asked to; with a timeout it waits so long."""
    for more in ((), ("--timeout", "0.3")):
        done = mill("push", "-", *more, stdin="\n".join(map(line, range(5))), PAGEMILL_QUEUE_LIMIT="3")
        assert done.returncode == 1
        assert "holds its limit of 3 pages" in done.stderr
        assert done.stderr.count("\n") == 1
    assert json.loads(mill("status", "--json").stdout)["depth"] == 3


def test_status_exits_with_1_past_a_limit(mill):
    """It says which limit, and 0 within it."""
    mill("push", "-", stdin=line(1))
    done = mill("status", "--max-depth", "0")
    assert done.returncode == 1
    assert "--max-depth 0" in done.stderr
    done = mill("status", "--max-age", "0.001")
    assert done.returncode == 1
    assert "--max-age" in done.stderr
    assert mill("status", "--max-depth", "1", "--max-age", "600", "--max-dead", "0").returncode == 0


def test_status_fits_80_columns_and_has_no_colour_in_a_pipe(mill, redis_client):
    """Every line of it; a worker is shown with its state."""
    mill("push", "-", stdin=line(1))
    mill.start("worker", "--workers", "1")
    deadline = time.monotonic() + 60
    while not (shot := json.loads(mill("status", "--json").stdout))["workers"]:
        assert time.monotonic() < deadline
    assert shot["workers"][0]["queues"] == ["default"]
    page = mill("status").stdout
    assert shot["workers"][0]["name"][:8] in page
    assert max(map(len, page.splitlines())) <= 80
    assert "\x1b" not in page


def test_an_ordinary_rq_job_is_refused_and_told(mill, redis_client):
    """Status warns, audit calls it a problem, and neither touches it."""
    redis_client.rpush("rq:queue:default", "job")
    mill("push", "-", stdin=line(1))
    assert "ordinary RQ jobs lie in its list, and are never run" in mill("status").stdout
    done = mill("audit", "--json")
    assert done.returncode == 1
    assert "ordinary RQ job" in json.loads(done.stdout)["problems"][0]
    assert redis_client.llen("rq:queue:default") == 1


def test_the_audit_finds_pages_that_somebody_deleted(mill, redis_client):
    """A page deleted while it waits is reported, with the sums."""
    mill("push", "-", stdin="\n".join(map(line, range(3))))
    entry = redis_client.xrange(PAGES, count=1)[0][0]
    redis_client.xdel(PAGES, entry)
    done = mill("audit")
    assert done.returncode == 1
    assert "queue default: 1 pages vanished" in done.stderr
    assert "pushed 3, settled 0, waiting 2" in done.stderr


def test_a_page_in_hand_is_no_problem(mill, redis_client):
    """What somebody has taken counts as running."""
    mill("push", "-", stdin="\n".join(map(line, range(3))))
    redis_client.xgroup_create(PAGES, GROUP, id="0")
    redis_client.xreadgroup(GROUP, "somebody", {PAGES: ">"}, count=2)
    result = json.loads(mill("audit", "--json").stdout)
    assert (result["ok"], result["waiting"], result["running"]) == (True, 1, 2)


@pytest.fixture
def dead(mill, redis_client):
    """A mill with two dead letters: hostile entries that are no pages."""
    redis_client.xadd(PAGES, {"url": "https://a.example/\x1b]0;x", "body": "x"})
    redis_client.xadd(PAGES, {"nourl": "1", "body": b"\x1b[31m<b>[red]hi\xff"})
    work_off(mill, redis_client)
    return mill


def test_dead_letters_are_listed_shown_replayed_and_dropped(dead, redis_client):
    """List has one line each and filters, show escapes the page, --body does not; replay and drop take them away."""
    letters = [json.loads(text) for text in dead("dead", "list", "--json").stdout.splitlines()]
    assert [letter["reason"] for letter in letters] == ["malformed", "malformed"]
    assert dead("dead", "list", "--reason", "timeout").stdout == "no dead letters\n"
    assert "\x1b" not in dead("dead", "list").stdout
    second = letters[1]["letter"]
    shown = dead("dead", "show", second)
    assert r"\x1b[31m<b>[red]hi" in shown.stdout
    assert "url: missing" in shown.stdout
    assert json.loads(dead("dead", "show", second, "--json").stdout)["fields"] == {"nourl": "1"}
    assert dead("dead", "show", letters[0]["letter"], "--body", "-").stdout == "x"
    assert dead("dead", "show", second, "--body", "page.html").stdout == ""
    assert (dead.folder / "page.html").read_bytes() == b"\x1b[31m<b>[red]hi\xff"
    assert dead("dead", "drop", second).stdout == "1 dead letter dropped\n"
    assert dead("dead", "replay", "--all").stdout == "1 dead letter replayed\n"
    assert redis_client.xlen(PAGES) == 1
    result = json.loads(dead("audit", "--json").stdout)
    assert (result["ok"], result["pushed"], result["waiting"]) == (True, 3, 1)


def test_letters_are_chosen_by_filters(dead):
    """By reason, host, queue and time; the audit holds after each move, and what is not meant stays."""
    moves = [
        (("replay", "--host", "b.example"), "0 dead letters replayed\n"),
        (("replay", "--until", "1h"), "0 dead letters replayed\n"),
        (("drop", "--since", "2199-01-01", "--yes"), "0 dead letters dropped\n"),
        (("drop", "--queue", "other", "--yes"), "0 dead letters dropped\n"),
        (("replay", "--host", "a.example", "--since", "1h"), "1 dead letter replayed\n"),
        (("drop", "--reason", "malformed", "--yes"), "1 dead letter dropped\n"),
        (("drop", "--all", "--yes"), "0 dead letters dropped\n"),
    ]
    for arguments, told in moves:
        assert dead("dead", *arguments).stdout == told
        assert json.loads(dead("audit", "--json").stdout)["ok"]


def test_nothing_is_dropped_unasked(dead):
    """Where nobody can be asked, filters and --all need --yes; letters are chosen in one way only; a time is a time."""
    for arguments, words in (
        (("drop", "--all"), "say --yes"),
        (("drop", "--reason", "malformed"), "say --yes"),
        (("replay", "1-1", "--all"), "by their IDs, or choose them"),
        (("list", "--since", "yesterday"), "is no time"),
    ):
        done = dead("dead", *arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert words in done.stderr
    assert len(dead("dead", "list", "--json").stdout.splitlines()) == 2


def test_a_letter_that_went_meanwhile_is_no_error_of_the_rest(dead):
    """It is told, and the others are done."""
    (first, _) = [json.loads(text)["letter"] for text in dead("dead", "list", "--json").stdout.splitlines()]
    done = dead("dead", "replay", "1-1", first)
    assert (done.returncode, done.stdout) == (1, "1 dead letter replayed\n")
    assert "'1-1'" in done.stderr


def test_a_dead_letter_that_is_not_there_is_told(mill):
    """show, replay and drop exit with 1 and name it; replay of nothing named is a mistake of usage."""
    for command in ("show", "replay", "drop"):
        done = mill("dead", command, "1-1")
        assert (done.returncode, done.stderr) == (1, "pagemill: no dead letter '1-1': see pagemill dead list\n")
    assert mill("dead", "replay").returncode == 2


def test_explain_shows_what_was_kept(pagemill, tmp_path):
    """The title, the method and the text of a page; for one that is rejected the reason. It needs no Redis."""
    (tmp_path / "a.html").write_text(f"<title>A \x1b[31mstory</title><article><p>{TEXT}</p></article>")
    (tmp_path / "b.html").write_text("<p>short")
    shown = pagemill("explain", "a.html")
    assert shown.returncode == 0, shown.stderr
    assert "Sentence number 7" in shown.stdout
    assert "method" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "rejected: too_short" in pagemill("explain", "b.html").stdout
    assert json.loads(pagemill("explain", "b.html", "--json").stdout)["reason"] == "too_short"


def test_explain_takes_a_page_or_a_line_from_standard_input(pagemill, tmp_path):
    """What begins with a brace is JSONL; of a file with several pages --url chooses one."""
    assert json.loads(pagemill("explain", "-", "--json", stdin=line(1)).stdout)["url"] == "https://a.example/1"
    assert json.loads(pagemill("explain", "-", "--json", stdin="<p>short").stdout)["reason"] == "too_short"
    (tmp_path / "in.jsonl").write_text("\n".join(map(line, range(3))))
    told = pagemill("explain", "in.jsonl", "--url", "https://a.example/2", "--json").stdout
    assert json.loads(told)["url"] == "https://a.example/2"
    done = pagemill("explain", "in.jsonl", "--url", "https://a.example/9")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
