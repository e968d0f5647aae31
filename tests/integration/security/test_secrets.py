"""A Redis URL's password: never in a log, an error, the arguments that `ps` shows, or a traceback."""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workers.connection import connect
from workers.server_binary import find_server

REPOSITORY = Path(__file__).resolve().parents[3]
PATIENCE = 60.0


class Locked:
    """A server with a password."""

    def __init__(self, folder):
        self.password = secrets.token_hex(12)
        self.socket = folder / "sock"
        self._folder = folder
        self._process = None
        self.start()

    @property
    def url(self):
        return f"unix://:{self.password}@{self.socket}"

    def start(self):
        options = ("--port", "0", "--unixsocket", self.socket, "--requirepass", self.password, "--save", "")
        self._process = subprocess.Popen(
            [find_server(), *options], cwd=self._folder, env=os.environ | {"LC_ALL": "C"}, stdout=subprocess.DEVNULL
        )
        self.client = connect(self.url, tries=10)
        until(self.client.ping, "the server")

    def kill(self):
        self.client.close()
        self._process.kill()
        self._process.wait()


def until(check, what):
    deadline = time.monotonic() + PATIENCE
    while not (found := check()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)
    return found


@pytest.fixture
def locked(tmp_path_factory):
    server = Locked(Path(tmp_path_factory.mktemp("lock")))
    yield server
    server.kill()


def arguments_of(family):
    """What `ps` shows of these processes."""
    told = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", ",".join(map(str, family))], capture_output=True, check=False
    )
    return told.stdout.decode()


@pytest.mark.parametrize("by", ["argument", "variable"])
def test_a_worker_tells_its_password_nowhere(pagemill, locked, pages, by):
    """At work, when Redis is gone, when it is back, and at the stop: not in any line at debug, not in `ps`."""
    given = ["--redis", locked.url] if by == "argument" else []
    variables = {} if by == "argument" else {"PAGEMILL_REDIS_URL": locked.url}
    log = (pagemill.folder / "log").open("wb")
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "workers.cli", "worker", "--workers", "1", *given],
        env=pagemill.variables | variables | {"PAGEMILL_LOG_LEVEL": "debug"},
        stdout=log, stderr=log, cwd=pagemill.folder,
    )  # fmt: skip
    try:
        written = pagemill.folder / "log"
        until(lambda: b"worker_started" in written.read_bytes(), "the worker")
        assert pagemill("push", pages, "--redis", locked.url).returncode == 0
        until(lambda: locked.client.xlen("pagemill:settled"), "a settled page")
        shown = arguments_of(pagemill.family(worker).pids)
        assert "workers.cli" in shown
        assert locked.password not in shown
        locked.kill()
        until(lambda: b"redis_away" in written.read_bytes(), "its complaint")
        locked.start()
        until(lambda: locked.client.exists("rq:workers"), "its return")
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE)
        assert locked.password.encode() not in written.read_bytes()
    finally:
        worker.kill()
        worker.wait()
        log.close()


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("audit",),
        ("doctor",),
        ("records",),
        ("dead", "list"),
        ("push", "{pages}"),
        ("run", "{pages}"),
        ("worker",),
    ],
    ids=" ".join,
)
def test_a_command_that_fails_shows_no_password(pagemill, locked, pages, command):
    """A refused login, a server that is not there, a URL that is none: each is told without it, by every command."""
    words = [word.format(pages=pages) for word in command]
    wrong = locked.url.replace(locked.password, f"{locked.password}x")
    gone = f"redis://user:{locked.password}@127.0.0.1:1/0"
    none = (gone.replace("redis:", "http:"), gone.replace(":1/", ":port/"), f"{gone}?db=x")
    for url in (wrong, gone, *(none if words == ["status"] else ())):
        done = pagemill(*words, "--redis", url)
        assert done.returncode in {1, 2}
        assert locked.password not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [("status",), ("audit",), ("doctor", "--json"), ("records",), ("push", "{pages}"), ("run", "{pages}")],
    ids=" ".join,
)
def test_a_command_that_succeeds_shows_no_password(pagemill, locked, pages, command):
    """Its output and its log at debug."""
    words = [word.format(pages=pages) for word in command]
    done = pagemill(*words, "--redis", locked.url, PAGEMILL_LOG_LEVEL="debug")
    assert locked.password not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
