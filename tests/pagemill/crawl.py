"""A crawl for test_scrapy.py: `crawl.py URL SETTINGS_JSON KIND` follows all links and prints its stats as JSON."""

import json
import sys
from dataclasses import dataclass

from scrapy import Spider, signals
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse
from scrapy.item import Field, Item
from twisted.internet.task import LoopingCall


@dataclass
class Page:
    url: str
    body: bytes
    status: int = 200
    price: int = 7


class Declared(Item):
    url = Field()
    body = Field()


class LinkSpider(Spider):
    name = "links"
    kind = "middleware"
    beats_while_waiting = 0

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.start_heart, signal=signals.spider_opened)
        crawler.signals.connect(spider.stop_heart, signal=signals.spider_closed)
        return spider

    def start_heart(self):
        self.heart = LoopingCall(self.beat)  # not before: it would choose the reactor
        self.heart.start(0.01)

    def stop_heart(self):
        self.heart.stop()

    def beat(self):
        """Counts the reactor's turns while a page was fetched and none is in Redis."""
        stats = self.crawler.stats
        if stats.get_value("downloader/response_count") and not stats.get_value("pagemill/pushed"):
            stats.inc_value("beats_while_waiting")

    def parse(self, response):
        if not isinstance(response, HtmlResponse):
            return
        number = int(response.url.rpartition("/")[2] or 0)
        if self.kind == "items":
            yield {"link": response.url, "html": response.text, "number": number}
            yield {"note": "an item without a page"}
        elif self.kind == "classes":
            yield Page(response.url, response.body) if number % 2 else Declared(url=response.url, body=response.body)
        elif self.kind == "bad":
            yield {"url": "nowhere", "body": b"x"}
            yield {"url": response.url, "body": b"x" * 10_000_001}
        yield from response.follow_all(css="a")


def main():
    url, settings, kind = sys.argv[1:]
    quiet = {"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False}
    alone = {"COOKIES_ENABLED": False}  # Scrapy's jar has tldextract fetch a list of suffixes from the network
    process = CrawlerProcess({**quiet, **alone, **json.loads(settings)})
    crawler = process.create_crawler(LinkSpider)
    process.crawl(crawler, start_urls=[url], kind=kind)
    process.start()
    stats = {name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, int)}
    sys.stdout.write(json.dumps(stats))


if __name__ == "__main__":
    main()
