"""docs/producers.md and docs/consumers.md: their programs run, and their tables name every setting and error."""

import inspect
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import pagemill
from pagemill import scrapy as scrapy_module
from pagemill.consumer import ReadSettings
from pagemill.push import PushSettings
from pagemill.wire import decode

DOCS = Path(__file__).parents[2] / "docs"
PRODUCERS = (DOCS / "producers.md").read_text(encoding="utf-8")
CONSUMERS = (DOCS / "consumers.md").read_text(encoding="utf-8")
LOCAL = "redis://localhost:6379/0"


def programs(document):
    """A document's Python programs; what is no program is settings."""
    blocks = re.findall(r"^```python\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
    return [block for block in blocks if "import" in block]


def run(command, url):
    done = subprocess.run(
        command, env={**os.environ, "REDIS_URL": url}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_programs_for_producers_push_what_they_say(redis_client, redis_url):
    """One page, two hundred in a queue of their own, and five where only five have room."""
    one, many, full = (program.replace(LOCAL, redis_url) for program in programs(PRODUCERS))
    run([sys.executable, "-c", one], redis_url)
    assert run([sys.executable, "-c", many], redis_url) == "200 pages are in\n"
    assert run([sys.executable, "-c", full], redis_url) == "5 are in\n"
    [(entry_id, fields)] = redis_client.xrange("pagemill:pages:default")
    assert decode(fields, entry_id.decode()).url == "https://courier.example/tides/1"
    assert redis_client.xlen("pagemill:pages:archive") == 200


def test_the_program_for_consumers_runs(redis_client, redis_url):
    """On an empty stream it makes its group and ends."""
    [program] = (program.replace(LOCAL, redis_url) for program in programs(CONSUMERS))
    assert run([sys.executable, "-c", program], redis_url) == ""
    assert redis_client.xinfo_groups("pagemill:records")[0]["name"] == b"search-index"


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="no redis-cli on the PATH")
def test_the_commands_for_other_languages_read_records(redis_client, redis_tcp_url):
    """A group made by hand and a read by hand answer the records' bodies."""
    redis_client.xadd("pagemill:records", {"body": "{}"})
    [commands] = re.findall(r"^```sh\n(.*?)^```$", CONSUMERS, re.DOTALL | re.MULTILINE)
    assert "body" in run(["sh", "-c", commands], redis_tcp_url)


def test_every_setting_is_documented():
    """No keyword of the two ends, and no setting of Scrapy's, is missing from the documents' tables."""
    assert all(f"| `{name}` |" in PRODUCERS for name in PushSettings.__struct_fields__)
    assert all(f"| `{name}` |" in CONSUMERS for name in ReadSettings.__struct_fields__)
    assert all(name in PRODUCERS for name in re.findall(r"PAGEMILL_[A-Z_]+", inspect.getsource(scrapy_module)))


def test_every_error_of_a_push_is_documented():
    """The errors that a pusher can meet are in the table."""
    for error in (
        pagemill.InvalidPage,
        pagemill.PageTooLarge,
        pagemill.QueueFull,
        pagemill.PartialPush,
        pagemill.RedisFailed,
        pagemill.SettingsError,
    ):
        assert re.search(rf"^\| .*`{error.__name__}`", PRODUCERS, re.MULTILINE)


def test_the_rights_of_a_scraper_are_enough(redis_client, redis_url):
    """The user of the document's ACL line pushes to its queue, and to no other."""
    [line] = re.findall(r"^ACL SETUSER .*$", PRODUCERS, re.MULTILINE)
    redis_client.execute_command(*line.replace("PASSWORD", "sesame").split())
    url = redis_url.replace("://", "://scraper:sesame@", 1)
    try:
        with pagemill.Producer(url, queue="news") as mill:
            assert mill.push(url="https://example.org/a", body=b"x")
            with pytest.raises(pagemill.RedisFailed, match="does not permit"):
                mill.push(url="https://example.org/a", body=b"x", queue="other")
    finally:
        redis_client.acl_deluser("scraper")


def test_the_rights_of_a_reader_are_enough(redis_client, redis_url):
    """The user of the document's ACL line joins a group, reads what another left and what is new, and leaves."""
    for number in range(3):
        redis_client.xadd("pagemill:records", {"body": msgspec.json.encode(record(number))})
    redis_client.xgroup_create("pagemill:records", "index", id="0")
    redis_client.xreadgroup("index", "dead", {"pagemill:records": ">"}, count=1)
    [line] = re.findall(r"^ACL SETUSER .*$", CONSUMERS, re.MULTILINE)
    redis_client.execute_command(*line.replace("PASSWORD", "sesame").split())
    url = redis_url.replace("://", "://reader:sesame@", 1)
    try:
        with pagemill.Consumer(url, group="index", follow=False, takeover_seconds=0.001) as records:
            assert {each.id for each in records} == {"page-0", "page-1", "page-2"}
    finally:
        redis_client.acl_deluser("reader")
    assert redis_client.xpending("pagemill:records", "index")["pending"] == 0


def record(number):
    return pagemill.Record(
        id=f"page-{number}",
        url="https://example.org/a",
        canonical_url="https://example.org/a",
        text="A text.",
        content_hash="00",
        extraction=pagemill.Extraction(method="none"),
        kind="new",
        version=1,
        article=f"article-{number}",
        processed_at=datetime(2024, 5, 6, tzinfo=UTC),
    )
