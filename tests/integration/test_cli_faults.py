"""What goes wrong is one clear line and the right exit code, never a traceback, never a password."""

import subprocess
import sys

import pytest
import redis

from workers.embedded import embedded_server

READERS = (("status",), ("audit",), ("records",), ("dead", "list"), ("push", "-"), ("worker",))
LINE = '{"url": "https://a.example/1", "body": "x"}'


@pytest.fixture(scope="module")
def own_server():
    """A server to break."""
    with embedded_server() as server:
        yield server


@pytest.fixture
def broken(own_server, pagemill):
    """The command line on that server, and a client that undoes all at the end."""
    with own_server.client() as client:
        client.flushall()
        pagemill.variables["PAGEMILL_REDIS_URL"] = own_server.url
        pagemill.client = client
        yield pagemill
        client.config_set("maxmemory", 0)
        client.replicaof("NO", "ONE")
        client.flushall()


def check(done, *words, code=1):
    """One line with all the words; before it, where it was waited for an end of the fault, one that says so."""
    assert done.returncode == code, done.stderr
    *waiting, problem = done.stderr.splitlines()
    assert problem.startswith("pagemill: "), done.stderr
    assert all(line.startswith("pagemill: ") and "; trying on for up to" in line for line in waiting[:1]), done.stderr
    assert len(waiting) <= 1, done.stderr
    for word in words:
        assert word in problem
    assert "secret" not in done.stderr + done.stdout


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_an_unreachable_redis(pagemill, command):
    """It is told with its address and without its password."""
    check(pagemill(*command, "--redis", "redis://:secret@localhost:1/0", stdin=LINE), "localhost:1", "reached")


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_a_url_that_is_none(pagemill, command):
    """It is a mistake of usage, and the password in it is not shown."""
    check(pagemill(*command, "--redis", "http://:secret@localhost:1/0", stdin=LINE), code=2)


@pytest.mark.parametrize("command", [("status",), ("audit",), ("records",), ("push", "-"), ("worker",)], ids=" ".join)
def test_a_key_of_the_wrong_type(broken, command):
    """Whoever else uses our keys is told of, not a traceback."""
    for key in ("pagemill:queues", "pagemill:records", "pagemill:pages:default", "pagemill:ledger"):
        broken.client.set(key, "x")
    check(broken(*command, stdin=LINE))


@pytest.mark.parametrize("command", [("push", "-"), ("worker",), ("records", "--group", "g")], ids=" ".join)
def test_a_read_only_redis(broken, command):
    """A replica is told from a primary."""
    broken.client.replicaof("localhost", "1")
    check(broken(*command, stdin=LINE), "read")


def test_a_full_redis(broken):
    """`OOM command not allowed` says that memory is full, and nothing went in."""
    broken.client.config_set("maxmemory", 1)
    done = broken("push", "-", stdin=LINE, PAGEMILL_MEMORY_SHARE="1")
    check(done, "memory")
    assert done.stdout == "0 pages pushed into default\n"


def test_a_wrong_password(broken):
    """The login's refusal is told, without the password."""
    broken.client.config_set("requirepass", "other")
    try:
        url = broken.variables["PAGEMILL_REDIS_URL"] + "&password=secret"
        check(broken("status", "--redis", url), "login")
    finally:
        with redis.Redis.from_url(broken.variables["PAGEMILL_REDIS_URL"], password="other") as client:
            client.config_set("requirepass", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("stats",), ("stats",)),
        (("status", "--max-depth", "many"), ("many",)),
        (("run",), ("INPUT",)),
        (("status", "redis://:secret@localhost"), ("localhost",)),
        (("status", "--prefix", "a b"), ("prefix",)),
        (("worker", "--queues", "a b"), ("queue",)),
        (("run", "x", "--data", "d", "--redis", "redis://:secret@localhost"), ("--data",)),
    ],
    ids=str,
)
def test_mistakes_of_usage(pagemill, arguments, words):
    """Exit code 2, one line that says what is wrong."""
    check(pagemill(*arguments), *words, code=2)


def test_an_unknown_setting(pagemill, tmp_path):
    """It is named with the nearest that there is, from the environment and from the file."""
    check(pagemill("status", PAGEMILL_WORKRES="3"), "PAGEMILL_WORKERS", code=2)
    (tmp_path / "pagemill.toml").write_text("workres = 3\n")
    check(pagemill("status"), "workres", "workers", code=2)
    (tmp_path / "pagemill.toml").write_text("workers = \n")
    check(pagemill("status"), "pagemill.toml", code=2)


@pytest.mark.parametrize("command", ["run", "push", "worker", "status", "records", "dead", "explain", "audit"])
def test_every_command_has_help(pagemill, command):
    """It exits with 0, and fits 100 columns."""
    done = pagemill(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [("--help", "redis rq rich structlog trafilatura"), ("status", "rq structlog trafilatura pyarrow")],
)
def test_commands_load_only_what_they_need(mill, command, unwanted):
    """The list of commands imports neither redis nor rich, and status neither RQ nor the pipeline."""
    done = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "workers.cli", command],
        env=mill.variables, capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {text.rpartition("|")[2].strip() for text in done.stderr.splitlines()}
    assert "click" in imported
    assert not imported & set(unwanted.split())
