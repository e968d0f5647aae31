"""A real crawl of a site served on this machine, pushing into a real server."""

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pagemill.wire import decode

pytest.importorskip("scrapy", reason="the extra `scrapy` is not installed")

CRAWL = Path(__file__).with_name("crawl.py")
STREAM = "pagemill:pages:default"
COUNT = 30
GOOD = COUNT + 2  # the numbered pages, the index, and the one behind the redirect
HTML = GOOD + 1  # and the one that says that it is missing
MIDDLEWARE = {"DOWNLOADER_MIDDLEWARES": {"pagemill.scrapy.PagemillMiddleware": 50}}
PIPELINE = {"ITEM_PIPELINES": {"pagemill.scrapy.PagemillPipeline": 900}}


class Site(BaseHTTPRequestHandler):
    """An index with links to numbered pages, a redirect to another, a picture, and a page that is missing."""

    protocol_version = "HTTP/1.1"
    on_index = staticmethod(lambda: None)

    def do_GET(self):
        status, kind, body = self.answer(self.path.strip("/"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/99")
        self.send_header("Content-Type", kind)
        self.send_header("Set-Cookie", "session=secret")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, name):
        if not name:
            self.on_index()
            links = "".join(
                f'<a href="/{link}">x</a>' for link in [*range(1, COUNT + 1), "moved/0", "picture/0", "gone/0"]
            )
            return 200, "text/html", f"<html>{links}</html>".encode()
        if name.isdigit():
            return 200, "text/html; charset=utf-8", f"<html><p>Page {name}.</p></html>".encode()
        if name == "picture/0":
            return 200, "image/png", b"\x89PNG\r\n\x1a\n\0\0"
        return (302 if name == "moved/0" else 404), "text/html", b"<html>nothing</html>"

    def log_message(self, *_):
        """Silence."""


@pytest.fixture
def site():
    """The site's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()
    Site.on_index = staticmethod(lambda: None)


def crawl(site, settings, kind="middleware"):
    """The stats and the log of a crawl in a process of its own, which must end by itself and well."""
    command = [sys.executable, str(CRAWL), site, json.dumps(settings), kind]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120)
    return json.loads(done.stdout), done.stderr


def queued(client):
    return [decode(fields, id_.decode()) for id_, fields in client.xrange(STREAM)]


def test_the_middleware_pushes_every_html_page_of_a_crawl(site, redis_client, redis_url):
    """Each page arrives once, as the spider got it: redirects followed, pictures left out, errors with their status."""
    stats, log = crawl(site, {**MIDDLEWARE, "PAGEMILL_REDIS_URL": redis_url})
    came = {page.url.removeprefix(site): page for page in queued(redis_client)}
    assert set(came) == {"", "99", "gone/0", *map(str, range(1, COUNT + 1))}
    assert came["7"].body == b"<html><p>Page 7.</p></html>"
    assert (came["7"].content_type, came["7"].source) == ("text/html; charset=utf-8", "links")
    assert came["gone/0"].status == 404
    assert all("set-cookie" not in page.headers for page in came.values())
    assert stats["pagemill/pushed"] == redis_client.xlen(STREAM) == HTML
    assert "pagemill/failed" not in stats
    assert log == ""


def test_the_pipeline_pushes_items_by_the_names_of_their_fields(site, redis_client, redis_url):
    """Dicts with fields of other names are pushed, text in UTF-8; items without a page are left alone."""
    names = {"url": "link", "body": "html"}
    settings = {**PIPELINE, "PAGEMILL_REDIS_URL": redis_url, "PAGEMILL_ITEM_FIELDS": names, "PAGEMILL_QUEUE": "default"}
    stats, log = crawl(site, settings, "items")
    came = queued(redis_client)
    assert {page.url for page in came} == {site, *(f"{site}{number}" for number in [99, *range(1, COUNT + 1)])}
    assert {page.content_type for page in came} == {"text/html; charset=utf-8"}
    assert stats["pagemill/pushed"] == len(came)
    assert stats["item_scraped_count"] == 2 * len(came)
    assert log == ""


def test_the_pipeline_takes_dataclasses_and_declared_items(site, redis_client, redis_url):
    """Whatever Scrapy takes for an item is pushed, and its other fields do not matter."""
    stats, _ = crawl(site, {**PIPELINE, "PAGEMILL_REDIS_URL": redis_url}, "classes")
    assert stats["pagemill/pushed"] == len({page.url for page in queued(redis_client)}) == GOOD


def test_a_bad_page_is_counted_by_kind_and_logged_once(site, redis_client, redis_url):
    """Pages that break the contract are counted, each kind has one line in the log, and the crawl goes on."""
    stats, log = crawl(site, {**PIPELINE, "PAGEMILL_REDIS_URL": redis_url}, "bad")
    assert stats["pagemill/failed/InvalidPage"] == stats["pagemill/failed/PageTooLarge"] == GOOD
    assert stats["pagemill/failed"] == 2 * GOOD
    assert log.count("was not pushed") == 2
    assert redis_client.xlen(STREAM) == 0


def test_the_reactor_goes_on_while_redis_is_slow(site, redis_client, redis_url):
    """Redis answers nobody for a second: the reactor turns all the while, and then every page arrives."""
    Site.on_index = staticmethod(lambda: redis_client.client_pause(1_000))
    stats, _ = crawl(site, {**MIDDLEWARE, "PAGEMILL_REDIS_URL": redis_url})
    assert stats["beats_while_waiting"] > 20
    assert stats["pagemill/pushed"] == HTML


def test_a_full_queue_slows_the_crawl_and_loses_nothing(site, redis_client, redis_url):
    """With room for five pages the crawl waits for what is settled; the queue never passes five, and all arrive."""
    urls, depths, done = set(), [], threading.Event()

    def settle():
        while not done.is_set():
            depths.append(redis_client.xlen(STREAM))
            for id_, fields in redis_client.xrange(STREAM, count=2):
                urls.add(fields[b"url"])
                redis_client.xdel(STREAM, id_)
            time.sleep(0.02)

    settler = threading.Thread(target=settle)
    settler.start()
    try:
        stats, _ = crawl(site, {**MIDDLEWARE, "PAGEMILL_REDIS_URL": redis_url, "PAGEMILL_LIMIT": 5})
    finally:
        done.set()
        settler.join()
    urls |= {fields[b"url"] for _, fields in redis_client.xrange(STREAM)}
    assert stats["pagemill/pushed"] == HTML == len(urls)
    assert max(depths) <= 5


def test_a_queue_that_stays_full_ends_in_a_count(site, redis_client, redis_url):
    """Pages that found no room within PAGEMILL_BLOCK_SECONDS are counted as failed, and the crawl ends."""
    settings = {**MIDDLEWARE, "PAGEMILL_REDIS_URL": redis_url, "PAGEMILL_LIMIT": 5, "PAGEMILL_BLOCK_SECONDS": 0.2}
    stats, log = crawl(site, settings)
    assert stats["pagemill/pushed"] == 5
    assert stats["pagemill/failed"] == stats["pagemill/failed/QueueFull"] == HTML - 5
    assert log.count("holds its limit of 5 pages") == 1


def test_a_crawl_without_redis_ends_with_a_count(site):
    """When Redis is down every page is counted as failed, the log tells each thing once, and the crawl ends."""
    settings = {**MIDDLEWARE, "PAGEMILL_REDIS_URL": "redis://:sesame@127.0.0.1:1/0", "PAGEMILL_RETRY_SECONDS": 0.5}
    stats, log = crawl(site, settings)
    assert stats["pagemill/failed"] == stats["pagemill/failed/RedisFailed"] == HTML
    assert log.count("trying on for up to 0.5 seconds") == 1
    assert log.count("more of this kind are only counted") == 1
    assert log.count("cannot be reached") == 2
    assert "sesame" not in log
