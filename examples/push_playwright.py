"""Open a page in a browser and push it as it stands after its scripts: `python examples/push_playwright.py URL...`.

Needs Playwright: `pip install playwright`, then `playwright install chromium`, or a Chromium of your own that CHROMIUM
names. Redis is the one that PAGEMILL_REDIS_URL names, else redis://localhost:6379/0.
"""

import os
import sys
from datetime import UTC, datetime
from typing import Any

from pagemill import Producer, RawPage

REDIS_URL = os.environ.get("PAGEMILL_REDIS_URL", "redis://localhost:6379/0")


def page_of(tab: Any, response: Any) -> RawPage:
    """What the browser shows, as a page. `content()` is text, so the charset is ours to say: UTF-8."""
    return RawPage(
        url=tab.url,
        body=tab.content().encode(),
        content_type="text/html; charset=utf-8",
        status=response.status if response else 200,
        fetched_at=datetime.now(UTC),
        source="push_playwright",
    )


def main(urls: list[str]) -> None:
    """Push each page."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # no dependency of Pagemill's

    with Producer(REDIS_URL) as mill, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM"))
        tab = browser.new_page()
        for url in urls:
            response = tab.goto(url, wait_until="networkidle")
            print(url, mill.push(page_of(tab, response), block=True))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
