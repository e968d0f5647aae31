"""Scrapy: an item pipeline and a downloader middleware that push what a crawl fetches.

Pushes run in threads of their own, so that the reactor never waits for Redis. Whatever is not in
yet is awaited by the crawl: a full queue slows it down, through Scrapy's own limits on what it has
in hand, and the spider closes when all is in.

Settings (defaults): `PAGEMILL_REDIS_URL` (redis://localhost:6379/0), `PAGEMILL_QUEUE` (default),
`PAGEMILL_PREFIX` (pagemill), `PAGEMILL_LIMIT` (1000000 pages; 0 is none), `PAGEMILL_BLOCK_SECONDS`
(600: how long a page waits for room), `PAGEMILL_RETRY_SECONDS` (10), `PAGEMILL_ITEM_FIELDS` (a dict:
page's field to item's field, by default the same names).

Stats: `pagemill/pushed`, `pagemill/failed`, and `pagemill/failed/KIND` by the error's class.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Self

from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Request, Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from pagemill.connection import DEFAULT_URL, pauses
from pagemill.errors import PagemillError, QueueFull, RedisFailed
from pagemill.keys import DEFAULT_PREFIX, DEFAULT_QUEUE
from pagemill.page import RawPage
from pagemill.producer import Producer
from pagemill.push import PushSettings

_LOG = logging.getLogger(__name__)
_THREADS = 4
_PAGE_FIELDS = RawPage.__struct_fields__
_PRIVATE_HEADERS = frozenset({"set-cookie"})


class PagemillMiddleware:
    """A downloader middleware that pushes each HTML response, as the spider gets it.

    At 50 in `DOWNLOADER_MIDDLEWARES` it comes behind redirects, retries and decompression.
    """

    def __init__(self, outlet: "Outlet") -> None:
        self._outlet = outlet

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(Outlet(crawler))

    async def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002  # Scrapy's names
        """Push the response, and hand it on, whatever becomes of the push."""
        if isinstance(response, HtmlResponse):
            await self._outlet.push(lambda source: response_page(response, source))
        return response


class PagemillPipeline:
    """An item pipeline that pushes each item with a url and a body (dict, dataclass, attrs, Item), and hands it on.

    `PAGEMILL_ITEM_FIELDS` says where an item keeps them: `{"url": "link", "body": "html"}`. A body
    of type str is sent in UTF-8. Items that lack either are left alone.
    """

    def __init__(self, outlet: "Outlet", names: dict[str, str]) -> None:
        self._outlet = outlet
        self._names = {field: names.get(field, field) for field in _PAGE_FIELDS}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make one."""
        return cls(Outlet(crawler), crawler.settings.getdict("PAGEMILL_ITEM_FIELDS"))

    async def process_item(self, item: Any) -> Any:
        """Push the item, and hand it on, whatever becomes of the push."""
        adapter = ItemAdapter(item)
        fields = {field: adapter[name] for field, name in self._names.items() if adapter.get(name) is not None}
        if "url" in fields and "body" in fields:
            await self._outlet.push(lambda source: _item_page(fields, source))
        return item


class Outlet:
    """A crawl's way to the queue: pushes in threads of its own, counts in the crawl's stats, closes with the spider."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._block_seconds = settings.getfloat("PAGEMILL_BLOCK_SECONDS", 600.0)
        retry_seconds = settings.getfloat("PAGEMILL_RETRY_SECONDS", PushSettings().retry_seconds)
        self._patient = self._producer(retry_seconds)
        self._hasty = self._producer(0.0)
        self._failing = False
        self._logged: set[str] = set()
        self._pool = ThreadPool(minthreads=0, maxthreads=_THREADS, name="pagemill")
        crawler.signals.connect(self._open, signal=signals.spider_opened)
        crawler.signals.connect(self._close, signal=signals.spider_closed)

    async def push(self, make: Callable[[str | None], RawPage]) -> None:
        """Push the page that `make` makes, given the spider's name; a failure is counted, and logged once a kind."""
        spider = self._crawler.spider
        try:
            await self._push(make(spider.name if spider else None))
        except PagemillError as error:
            self._failed(error)
        else:
            self._count("pagemill/pushed")

    async def _push(self, page: RawPage) -> None:
        """Push, and while the queue is full wait without holding a thread."""
        deadline = time.monotonic() + self._block_seconds
        for pause in pauses():
            # When Redis was away for the last page, this one does not wait for its return as long again.
            producer = self._hasty if self._failing else self._patient
            try:
                await self._in_thread(producer.push, page)
            except QueueFull:
                if time.monotonic() + pause > deadline or not self._running():
                    raise
                await _sleep(pause)
            except RedisFailed:
                self._failing = True
                raise
            else:
                self._failing = False
                return

    def _producer(self, retry_seconds: float) -> Producer:
        settings = self._crawler.settings
        return Producer(
            settings.get("PAGEMILL_REDIS_URL", DEFAULT_URL),
            queue=settings.get("PAGEMILL_QUEUE", DEFAULT_QUEUE),
            prefix=settings.get("PAGEMILL_PREFIX", DEFAULT_PREFIX),
            limit=settings.getint("PAGEMILL_LIMIT", PushSettings().limit or 0) or None,
            retry_seconds=retry_seconds,
        )

    async def _in_thread(self, call: Callable[..., str], page: RawPage) -> None:
        from twisted.internet import reactor  # noqa: PLC0415  # Scrapy chooses it after this module is imported

        await maybe_deferred_to_future(deferToThreadPool(reactor, self._pool, call, page))

    def _running(self) -> bool:
        """Whether nobody asked the crawl to stop (Ctrl-C): then a page does not go on waiting for room."""
        engine = self._crawler.engine
        return engine is not None and engine.running

    def _failed(self, error: PagemillError) -> None:
        kind = type(error).__name__
        self._count("pagemill/failed")
        self._count(f"pagemill/failed/{kind}")
        if kind not in self._logged:
            self._logged.add(kind)
            _LOG.error("a page was not pushed: %s (more of this kind are only counted, in pagemill/failed)", error)

    def _count(self, name: str) -> None:
        if self._crawler.stats is not None:
            self._crawler.stats.inc_value(name)

    def _open(self) -> None:
        self._pool.start()

    def _close(self) -> None:
        self._pool.stop()
        self._patient.close()
        self._hasty.close()


def response_page(response: Response, source: str | None) -> RawPage:
    """A response as a page; its headers without cookies. Raises InvalidPage."""
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return RawPage(
        url=response.url,
        body=response.body,
        content_type=headers.get("content-type"),
        status=response.status,
        headers={name: value for name, value in headers.items() if name not in _PRIVATE_HEADERS},
        source=source,
    )


def _item_page(fields: dict[str, Any], source: str | None) -> RawPage:
    body = fields["body"]
    if isinstance(body, str):
        text = {"body": body.encode("utf-8", "replace"), "content_type": "text/html; charset=utf-8"}
        fields = {**fields, **text}
    return RawPage(**{"source": source, **fields})


async def _sleep(seconds: float) -> None:
    from twisted.internet import reactor  # noqa: PLC0415  # Scrapy chooses it after this module is imported

    await maybe_deferred_to_future(deferLater(reactor, seconds, lambda: None))
