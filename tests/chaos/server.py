"""A server with an AOF that is written at once, which is killed, stopped and started again."""

import os
import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from workers.server_binary import find_server


class Server:
    """On a Unix socket in a folder, with the same data at each start. `starts`: how often it was started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{folder}/sock"
        self.starts = 0
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        always = ("--port", "0", "--unixsocket", "sock", "--appendonly", "yes", "--appendfsync", "always", "--save", "")
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [find_server(), *always], cwd=self._folder, env=os.environ | {"LC_ALL": "C"}, stdout=log
            )
        self.starts += 1
        with Redis.from_url(self.url) as client:
            while not _answers(client):
                if self._process.poll() is not None:
                    raise RuntimeError((self._folder / "server.log").read_text()[-2_000:])

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait()

    def shut_down(self) -> None:
        """SHUTDOWN, as an operator does."""
        with Redis.from_url(self.url) as client:
            client.shutdown()
        self._process.wait()


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False
