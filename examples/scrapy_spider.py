"""A Scrapy project in one file, whose pages go to the mill: `python examples/scrapy_spider.py URL`.

Needs the extra: `pip install "pagemill[scrapy]"`. Redis is the one that PAGEMILL_REDIS_URL names,
else redis://localhost:6379/0.
"""

import os
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse, Response

SETTINGS = {
    # The three lines that plug a spider in:
    "DOWNLOADER_MIDDLEWARES": {"pagemill.scrapy.PagemillMiddleware": 50},
    "PAGEMILL_REDIS_URL": os.environ.get("PAGEMILL_REDIS_URL", "redis://localhost:6379/0"),
    "PAGEMILL_QUEUE": "default",
    # And what a spider should do anyhow:
    "ROBOTSTXT_OBEY": True,
    "DEPTH_LIMIT": 3,
    "LOG_LEVEL": "INFO",
}


class SiteSpider(Spider):
    """Follows the links of one site."""

    name = "site"

    def parse(self, response: Response) -> Iterator[Request]:
        """Only the links matter here: the middleware has pushed the page already."""
        if isinstance(response, HtmlResponse):
            host = urlsplit(response.url).netloc
            links = response.follow_all(css="a[href]")
            yield from (link for link in links if urlsplit(link.url).netloc == host)


if __name__ == "__main__":
    crawl = CrawlerProcess(SETTINGS)
    crawl.crawl(SiteSpider, start_urls=sys.argv[1:])
    crawl.start()
