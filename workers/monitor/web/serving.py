"""Puts the monitor together, and runs it until it is stopped."""

from functools import partial
from threading import Thread
from typing import Self

from redis import Redis

from pagemill.connection import describe
from pagemill.errors import SettingsError
from workers.monitor.snapshot import take_snapshot
from workers.monitor.web.assets import load_assets
from workers.monitor.web.guard import is_loopback
from workers.monitor.web.lookout import Lookout
from workers.monitor.web.routes import Site, respond
from workers.monitor.web.server import Server
from workers.settings import Settings

DEFAULT_LISTEN = "127.0.0.1:8712"


class Monitor:
    """The server and its lookout, from `start` to `stop`."""

    def __init__(self, client: Redis, settings: Settings, *, listen: str = DEFAULT_LISTEN, token: str = "") -> None:
        host, port = parse_listen(listen)
        loopback = is_loopback(host)
        if not (loopback or token):
            msg = (
                f"--listen {listen}: this address is reached from elsewhere, so a token is needed:"
                " PAGEMILL_MONITOR_TOKEN or --token-file (openssl rand -hex 16 makes one)"
            )
            raise SettingsError(msg)
        self._lookout = Lookout(partial(take_snapshot, client, settings), lambda error: str(describe(error, client)))
        site = Site(
            client=client,
            settings=settings,
            lookout=self._lookout,
            assets=load_assets(),
            token=token,
            loopback=loopback,
        )
        self._server = Server(host, port, partial(respond, site))
        self._thread = Thread(target=self._server.serve_forever, name="monitor", kwargs={"poll_interval": 0.1})

    @property
    def url(self) -> str:
        """Where the page is."""
        return self._server.url

    def __enter__(self) -> Self:
        self._lookout.start()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._lookout.stop()


def parse_listen(listen: str) -> tuple[str, int]:
    """`HOST:PORT`, `[IPV6]:PORT`, `:PORT` or `PORT`; port 0 takes any that is free. Raises SettingsError."""
    host, _, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65_535):  # noqa: PLR2004
        msg = f"--listen {listen!r}: must be HOST:PORT, such as {DEFAULT_LISTEN}"
        raise SettingsError(msg)
    return host, int(port)
