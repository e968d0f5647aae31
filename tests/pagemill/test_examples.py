"""Each example does what its first line says, against a site and a Redis on this machine."""

import importlib.util
import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from pagemill import Extraction, Record
from pagemill.wire import decode

EXAMPLES = Path(__file__).parents[2] / "examples"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Silence."""


@pytest.fixture
def site(tmp_path):
    """The address of a site of two pages."""
    (tmp_path / "index.html").write_text('<html><a href="/next.html">next</a></html>')
    (tmp_path / "next.html").write_text("<html><p>The end.</p></html>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def run(name, url, *arguments):
    """Run an example as a reader would; it must end well."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    environment = {**os.environ, "PAGEMILL_REDIS_URL": url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done


def pushed(client):
    entries = client.xrange("pagemill:pages:default")
    return {page.url: page for page in (decode(fields, id_.decode()) for id_, fields in entries)}


@pytest.mark.skipif(not importlib.util.find_spec("httpx"), reason="httpx is not installed")
def test_httpx_responses_are_pushed_and_failures_said(site, redis_client, redis_url):
    """Two pages are pushed with type, status and time; the address that does not answer is named."""
    done = run("push_httpx.py", redis_url, site, "http://127.0.0.1:1/", f"{site}next.html")
    came = pushed(redis_client)
    assert set(came) == {site, f"{site}next.html"}
    assert (came[site].content_type, came[site].status, came[site].source) == ("text/html", 200, "push_httpx")
    assert done.stdout == "2 pages pushed\n"
    assert done.stderr.startswith("http://127.0.0.1:1/: ")


@pytest.mark.skipif(not importlib.util.find_spec("scrapy"), reason="the extra `scrapy` is not installed")
def test_the_spider_pushes_the_site_that_it_crawls(site, redis_client, redis_url):
    """Three lines of settings, and all pages of the site are in the queue."""
    done = run("scrapy_spider.py", redis_url, site)
    assert {site, f"{site}next.html"} <= set(pushed(redis_client))
    assert "'pagemill/failed'" not in done.stderr


@pytest.mark.skipif(not importlib.util.find_spec("playwright"), reason="playwright is not installed")
def test_playwright_pages_are_pushed(site, redis_client, redis_url, chromium, monkeypatch):
    """What the browser shows is in the queue, in UTF-8."""
    monkeypatch.setenv("CHROMIUM", chromium)
    run("push_playwright.py", redis_url, site)
    assert pushed(redis_client)[site].content_type == "text/html; charset=utf-8"


def record(version, title):
    return Record(
        id=f"page-{version}",
        url="https://example.org/a",
        canonical_url="https://example.org/a",
        title=title,
        text="A text.",
        content_hash="00",
        extraction=Extraction(method="none"),
        kind="updated",
        version=version,
        article="article",
        processed_at=datetime(2024, 5, 6, tzinfo=UTC),
    )


def test_the_newest_version_of_an_article_is_kept_however_often_it_comes(redis_client, redis_url, tmp_path):
    """A record that comes twice, or after a newer one, changes nothing; a second run has nothing to do."""
    for version, title in ((1, "First"), (2, "Second"), (2, "Second"), (1, "First")):
        redis_client.xadd("pagemill:records", {"body": msgspec.json.encode(record(version, title))})
    path = tmp_path / "articles.db"
    for _ in range(2):
        assert run("consume.py", redis_url, str(path), "--once").stdout == f"1 articles in {path}\n"
    with sqlite3.connect(path) as database:
        assert database.execute("select version, title from articles").fetchall() == [(2, "Second")]
    database.close()
    assert redis_client.xpending("pagemill:records", "sqlite")["pending"] == 0
