"""`pagemill monitor` as a user has it: a process of its own."""

import os
import signal
import socket

import httpx
import pytest

TOKEN = "a-token-of-this-test"


@pytest.fixture
def start(mill):
    """Starts it; answers the process and a client for its page."""

    def run(*arguments, **variables):
        process = mill.start("monitor", *arguments, PAGEMILL_LOG_LEVEL="debug", PAGEMILL_LOG_FORMAT="json", **variables)
        told = process.stderr.readline()
        while not told.startswith("monitor at "):
            assert told, "it has ended"
            told = process.stderr.readline()
        return process, httpx.Client(base_url=told.split()[-1], timeout=60, trust_env=False)

    return run


def test_it_serves_on_loopback_until_it_is_told_to_stop(start):
    """SIGTERM ends it at once, also while somebody keeps a connection."""
    process, site = start("--listen", "127.0.0.1:0")
    with site:
        assert site.get("/api/status").json()["snapshot"]["depth"] == 0
        assert site.get("/").text.startswith("<!doctype html>")
        assert site.get("/metrics").status_code == site.get("/healthz").status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.parametrize("listen", ["0.0.0.0:0", ":: :0", "localhost"])
def test_it_does_not_start_open_or_nowhere(mill, listen):
    """Exit code 2, and one line that says what to do."""
    done = mill("monitor", "--listen", listen)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--listen" in done.stderr


def test_a_port_that_is_taken_is_told(mill):
    """In one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = mill("monitor", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)


def test_the_token_is_told_nowhere(start, mill, tmp_path):
    """Neither in the log, however much is logged, nor in an answer."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    for arguments, variables in ((("--token-file", "token"), {}), ((), {"PAGEMILL_MONITOR_TOKEN": TOKEN})):
        process, site = start("--listen", "0.0.0.0:0", *arguments, **variables)
        with site:
            url = site.base_url.copy_with(host="127.0.0.1")
            assert site.get(f"{url}api/status").status_code == 401
            told = site.get(f"{url}api/status", headers={"Authorization": f"Bearer {TOKEN}"})
            assert told.status_code == 200
            assert site.get(f"{url}api/status?token={TOKEN}").status_code == 401
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
        assert '"status": 200' in log
        assert TOKEN not in told.text + str(told.headers)
        assert TOKEN not in log
