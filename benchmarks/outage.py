"""What an outage of Redis costs: acknowledged pushes that a SIGKILL of the server loses, and the time to go on.

python benchmarks/outage.py [--rounds N]
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from pagemill import PagemillError, Producer
from workers.server_binary import find_server

PERSISTENCE = {
    "AOF, always": ("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
    "AOF, everysec": ("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
    "AOF, no": ("--appendonly", "yes", "--appendfsync", "no", "--save", ""),
    "RDB, each second": ("--appendonly", "no", "--save", "1 1"),
    "none": ("--appendonly", "no", "--save", ""),
}


class Server:
    """A server in a folder of its own, which is killed and started again."""

    def __init__(self, folder: Path, options: tuple[str, ...]) -> None:
        self._folder, self._options = folder, options
        self.url = f"unix://{folder}/sock"
        self.client = Redis.from_url(self.url, socket_timeout=5)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(find_server()), "--port", "0", "--unixsocket", "sock", *self._options]
        self._process = subprocess.Popen(
            command, cwd=self._folder, env=os.environ | {"LC_ALL": "C"}, stdout=subprocess.DEVNULL
        )
        while True:
            with suppress(RedisError):
                self.client.ping()
                return
            time.sleep(0.002)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()


@contextmanager
def server(options: tuple[str, ...]) -> Iterator[Server]:
    """A server that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="mill-") as folder:
        one = Server(Path(folder), options)
        yield one
        one.kill()


def lost_pushes(options: tuple[str, ...], seconds: float) -> tuple[int, int]:
    """Pushes that returned before the server was killed under load, and those of them that it holds afterwards."""
    acknowledged: list[str] = []
    with server(options) as redis, Producer(redis.url, retry_seconds=0) as producer:
        threading.Timer(seconds, redis.kill).start()
        with suppress(PagemillError):
            while True:
                acknowledged.append(producer.push(url=f"https://mill.example/{len(acknowledged)}", body=b"x" * 2_000))
        time.sleep(0.2)
        redis.start()
        there = {entry.decode() for entry, _ in redis.client.xrange("pagemill:pages:default")}  # type: ignore[union-attr]
    return len(acknowledged), sum(entry not in there for entry in acknowledged)


def settle_one(client: Redis, number: int) -> float:
    """Push a page and wait until it is settled; answers the seconds that it took."""
    began, settled = time.monotonic(), client.xlen("pagemill:settled")
    client.xadd("pagemill:pages:default", {"url": "https://mill.example/", "body": f"{number}"})
    while client.xlen("pagemill:settled") == settled:
        time.sleep(0.005)
    return time.monotonic() - began


def back_at_work(away: float, rounds: int) -> list[float]:
    """Seconds from Redis's first answer after it was away, to the first page that is settled then."""
    found = []
    with server(PERSISTENCE["AOF, everysec"]) as redis:
        variables = {"PAGEMILL_REDIS_URL": redis.url, "PAGEMILL_LOG_LEVEL": "error"}
        pool = subprocess.Popen([sys.executable, "-m", "workers.cli", "worker"], env=os.environ | variables)
        try:
            settle_one(redis.client, -1)  # the pool has started
            for turn in range(rounds):
                redis.kill()
                time.sleep(away)
                redis.start()
                found.append(settle_one(redis.client, turn))
        finally:
            pool.send_signal(signal.SIGTERM)
            pool.wait()
    return sorted(found)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds: int = parser.parse_args().rounds
    for name, options in PERSISTENCE.items():
        pushed, lost = lost_pushes(options, 3)
        print(f"{name:18} {pushed:6} pushes acknowledged, {lost:6} gone after SIGKILL")
    for away in (0.5, 5, 20):
        found = back_at_work(away, rounds if away < 20 else max(3, rounds // 3))
        print(f"away {away:4} s: first page settled {statistics.median(found):.2f} s after (worst {found[-1]:.2f} s)")


if __name__ == "__main__":
    main()
