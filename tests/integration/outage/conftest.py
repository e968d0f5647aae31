"""Mills at work, as in the tests of the mill, for tests that take Redis away from them; and a site with a failover."""

import importlib.util
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis
from redis.exceptions import RedisError

from workers.server_binary import find_server

_spec = importlib.util.spec_from_file_location("mill_at_work", Path(__file__).parents[1] / "mill" / "conftest.py")
_mill = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_mill)

fork, works, make_works, make_server = _mill.fork, _mill.works, _mill.make_works, _mill.make_server

NAME = "mill"
PATIENCE = 30.0


class Site:
    """Two servers and who watches them. `url`: what a mill is given."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._processes = {}
        self.ports = [_free_port() for _ in range(3)]
        self.url = f"redis+sentinel://:sesame@127.0.0.1:1,127.0.0.1:{self.ports[2]}/{NAME}"
        self.start(0)
        self.start(1, "--replicaof", f"127.0.0.1 {self.ports[0]}")
        self.await_replica(0)
        self._watch()

    def client(self, number):
        """A client of one of the servers, by its number."""
        return Redis(port=self.ports[number], password="sesame", socket_timeout=5)

    def start(self, number, *options):
        """Start one of the two servers."""
        folder = self._folder / str(number)
        folder.mkdir(exist_ok=True)
        always = ("--port", str(self.ports[number]), "--appendonly", "yes", "--repl-diskless-sync-delay", "0")
        self._run(number, folder, *always, "--requirepass", "sesame", "--masterauth", "sesame", "--save", "", *options)

    def await_replica(self, number):
        """Until the other server has all that this one holds, and is told of what comes."""
        self.until(lambda: self.client(number).info("replication")["slave0"]["state"] == "online")

    def signal(self, number, sign):
        """Send one of the servers a signal: SIGKILL, SIGSTOP, SIGCONT."""
        self._processes[number].send_signal(sign)
        if sign == signal.SIGKILL:
            self._processes[number].wait()

    def primary(self):
        """The number of the server that the sentinel takes for the primary, and that takes itself for it."""
        with Redis(port=self.ports[2]) as sentinel, suppress(RedisError):
            number = self.ports.index(sentinel.sentinel_master(NAME)["port"])
            if self.client(number).info("replication")["role"] == "master":
                return number
        return None

    def until(self, check):
        """Poll until `check` answers something true."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(RedisError, KeyError):
                if found := check():
                    return found
            time.sleep(0.02)
        raise AssertionError

    def fail_over(self):
        """Have the sentinel make the replica the primary, as soon as it thinks that it can."""

        def ask():
            with Redis(port=self.ports[2]) as sentinel:
                return sentinel.execute_command("SENTINEL", "FAILOVER", NAME)

        self.until(ask)

    def close(self):
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def _watch(self):
        folder = self._folder / "2"
        folder.mkdir()
        lines = [
            f"port {self.ports[2]}",
            f"sentinel monitor {NAME} 127.0.0.1 {self.ports[0]} 1",
            f"sentinel auth-pass {NAME} sesame",
            f"sentinel down-after-milliseconds {NAME} 300",
            f"sentinel failover-timeout {NAME} 2000",
        ]
        (folder / "sentinel.conf").write_text("\n".join(lines))
        self._run(2, folder, "sentinel.conf", "--sentinel")
        with Redis(port=self.ports[2]) as sentinel:
            self.until(lambda: sentinel.sentinel_master(NAME)["num-slaves"] == 1)

    def _run(self, number, folder, *options):
        with (folder / "log").open("ab") as log:
            self._processes[number] = subprocess.Popen(
                [find_server(), *options], cwd=folder, env=os.environ | {"LC_ALL": "C"}, stdout=log
            )


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def site():
    """A primary, a replica and a sentinel."""
    with TemporaryDirectory(prefix="mill-") as folder:
        site = Site(folder)
        try:
            yield site
        finally:
            site.close()
