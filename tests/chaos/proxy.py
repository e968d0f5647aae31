"""A TCP proxy before Redis, whose connections a test cuts at any byte, hangs or slows down.

    with Proxy(server_url) as proxy:
        client = Redis.from_url(proxy.url)
        proxy.cut_after(0, "replies")  # the next request is carried out, and its answer lost

It runs on a thread of its own. All its methods may be called from any thread, and are in force when they return.
"""

import asyncio
import threading
from contextlib import suppress
from typing import Literal, Self
from urllib.parse import urlsplit

Direction = Literal["requests", "replies"]

_CHUNK = 1 << 16


class _Cut:
    """A cut to come: of the first connection on which so many more bytes have passed in that direction."""

    def __init__(self, count: int, direction: Direction, after: bytes) -> None:
        self.count = count
        self.direction = direction
        self.after = after


class _Link:
    """One client's connection, and ours to the server for it."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._writers = {"requests": server, "replies": client}
        self._tails: dict[_Cut, bytes] = {}
        self.passed: dict[_Cut, int] = {}

    def write(self, direction: Direction, piece: bytes) -> asyncio.StreamWriter:
        self._writers[direction].write(piece)
        return self._writers[direction]

    def cut(self) -> None:
        """Close both ends behind what was written."""
        for writer in self._writers.values():
            writer.close()

    def saw(self, cut: _Cut, piece: bytes) -> bool:
        """Whether the words that the cut waits for are in this piece of the requests, or at its seam to the last."""
        seen = self._tails.get(cut, b"") + piece
        self._tails[cut] = seen[-len(cut.after) :]
        return cut.after in seen


class Proxy:
    """Forwards to the server of a URL (unix:///path or redis://host:port). `cuts`: connections cut so far."""

    def __init__(self, upstream: str) -> None:
        self._parts = urlsplit(upstream)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._armed: list[_Cut] = []
        self._going = asyncio.Event()
        self._delay = 0.0
        self._port = 0
        self._server: asyncio.Server | None = None
        self.cuts = 0

    def __enter__(self) -> Self:
        self._going.set()
        self._thread.start()
        self._on_loop(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._on_loop(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """What clients connect to; with the upstream's user, password and database."""
        login = self._parts.netloc.rpartition("@")
        database = self._parts.path if self._parts.scheme != "unix" else ""
        query = f"?{self._parts.query}" if self._parts.query else ""
        return f"redis://{login[0]}{login[1]}127.0.0.1:{self._port}{database}{query}"

    def cut_after(self, count: int, direction: Direction = "requests", *, after: bytes = b"") -> None:
        """Cut the first connection on which `count` more bytes passed in that direction, behind the last of them.

        0 of the replies: the request was carried out, and not one byte of its answer comes. `after`: only bytes
        that pass behind a request with these words in it are counted (a command's name, a script's hash).
        """
        self._now(lambda: self._armed.append(_Cut(count, direction, after)))

    def armed(self) -> int:
        """How many cuts are still to come."""
        return len(self._armed)

    def disarm(self) -> None:
        """Forget the cuts that are still to come."""
        self._now(self._armed.clear)

    def cut_all(self) -> int:
        """Cut every connection now; answers how many there were."""
        before = self.cuts
        self._now(lambda: [self._cut(link) for link in list(self._links)])
        return self.cuts - before

    def hang(self, seconds: float | None = None) -> None:
        """Let nothing through, either way, for so long (None: until `go_on`); connections stay, new ones are taken."""

        def hang() -> None:
            self._going.clear()
            if seconds is not None:
                self._loop.call_later(seconds, self._going.set)

        self._now(hang)

    def go_on(self) -> None:
        """End a hang."""
        self._now(self._going.set)

    def delay(self, seconds: float) -> None:
        """From now on each piece of traffic waits so long before it goes on."""
        self._delay = seconds

    def refuse(self) -> None:
        """Cut every connection, and refuse new ones until `accept`."""
        self._on_loop(self._close)
        self.cut_all()

    def accept(self) -> None:
        """Take connections again, on the same port."""
        self._on_loop(self._listen)

    async def _listen(self) -> None:
        if self._server:
            return
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    async def _end(self) -> None:
        await self._close()
        for link in list(self._links):
            self._cut(link)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream, to_upstream = await self._connect()
        except OSError:
            writer.close()
            return
        link = _Link(writer, to_upstream)
        self._links.add(link)
        for source, direction in ((reader, "requests"), (upstream, "replies")):
            task = self._loop.create_task(self._forward(link, source, direction))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._parts.scheme == "unix":
            return await asyncio.open_unix_connection(self._parts.path)
        return await asyncio.open_connection(self._parts.hostname or "localhost", self._parts.port or 6379)

    async def _forward(self, link: _Link, source: asyncio.StreamReader, direction: Direction) -> None:
        with suppress(OSError):  # whoever went, the other end is told below
            while piece := await source.read(_CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                await self._going.wait()
                passing, due = self._measure(link, direction, piece)
                writer = link.write(direction, piece[:passing])
                if due:
                    self._cut(link)
                    return
                await writer.drain()
        self._links.discard(link)
        link.cut()

    def _measure(self, link: _Link, direction: Direction, piece: bytes) -> tuple[int, bool]:
        """How many bytes of the piece may pass, and whether the connection is cut behind them."""
        for cut in self._armed:
            if cut not in link.passed:
                if cut.after and not (direction == "requests" and link.saw(cut, piece)):
                    continue
                link.passed[cut] = 0
                if cut.after:
                    continue  # counted from the next piece on
            if cut.direction != direction:
                continue
            if link.passed[cut] + len(piece) >= cut.count:
                self._armed.remove(cut)
                return cut.count - link.passed[cut], True
            link.passed[cut] += len(piece)
        return len(piece), False

    def _cut(self, link: _Link) -> None:
        if link in self._links:
            self._links.discard(link)
            self.cuts += 1
            link.cut()

    def _now(self, call: object) -> None:
        async def run() -> None:
            call()  # type: ignore[operator]

        self._on_loop(run)

    def _on_loop(self, call: object) -> None:
        asyncio.run_coroutine_threadsafe(call(), self._loop).result()  # type: ignore[operator]
