"""`pagemill doctor` as a person and a program have it."""

import json


def test_an_error_is_exit_code_1_with_what_why_and_what_to_do(mill, redis_client):
    """A server that keeps nothing on disk: told in a table without colour, each line of it free of control codes."""
    redis_client.sadd("pagemill:queues", b"\x1b]0;title\x07")
    done = mill("doctor")
    assert done.returncode == 1
    assert done.stderr == ""
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    at = next(number for number, line in enumerate(lines) if line.startswith("error   persistence"))
    assert lines[at].endswith("nothing is kept on disk")
    assert "a restart of Redis loses every page" in lines[at + 1]
    assert "mend: CONFIG SET appendonly yes" in lines[at + 2]
    assert lines[-1].startswith("1 error, ")
    assert all(line.isprintable() for line in lines)


def test_as_json_it_is_one_document(mill):
    """With the counts of each level, and the same exit code."""
    done = mill("doctor", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert told["ok"] is False
    assert told["counts"]["error"] == sum(one["level"] == "error" for one in told["findings"]) == 1
    assert set(told["findings"][0]) == {"level", "check", "what", "why", "mend"}


def test_no_error_is_exit_code_0(mill, redis_client):
    """Warnings and notes alone do not fail a check in a script."""
    redis_client.config_set("appendonly", "yes")
    try:
        assert mill("doctor").returncode == 0
    finally:
        redis_client.config_set("appendonly", "no")
