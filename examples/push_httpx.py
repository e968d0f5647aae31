"""Fetch pages with httpx and push them: `python examples/push_httpx.py URL...`.

Redis is the one that PAGEMILL_REDIS_URL names, else redis://localhost:6379/0.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import httpx

from pagemill import Producer, RawPage

REDIS_URL = os.environ.get("PAGEMILL_REDIS_URL", "redis://localhost:6379/0")


def page_of(response: httpx.Response) -> RawPage:
    """A response as a page: the bytes as they came, and the header that tells their charset."""
    return RawPage(
        url=str(response.url),
        body=response.content,
        content_type=response.headers.get("content-type"),
        status=response.status_code,
        fetched_at=datetime.now(UTC),
        source="push_httpx",
    )


def fetch(urls: Iterable[str]) -> Iterator[RawPage]:
    """Fetch one after the other, and say which did not come."""
    with httpx.Client(follow_redirects=True, timeout=20) as client:
        for url in urls:
            try:
                yield page_of(client.get(url))
            except httpx.HTTPError as error:
                print(f"{url}: {error}", file=sys.stderr)


if __name__ == "__main__":
    with Producer(REDIS_URL) as mill:
        ids = mill.push_many(fetch(sys.argv[1:]), block=True)  # waits while the queue is full
    print(f"{len(ids)} pages pushed")
