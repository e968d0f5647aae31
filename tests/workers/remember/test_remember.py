"""A corpus in the memory, and what the mill makes of its pages when they come again."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from pagemill.record import Record
from pipeline.urls.url import url_key
from workers.milling import mill, unpack
from workers.remember import Corpus, remember_corpus
from workers.settings import Settings
from workers.store.articles import read_current
from workers.store.corpus import MOST_AT_ONCE
from workers.store.redis_store import RedisStore

LONG_AGO = "2020-02-02T00:00:00Z"


def story(number, sentences=30):
    """A text unlike those of other numbers."""
    return " ".join(
        f"Sentence {i} of story {number} tells of wheel {i * number + 7} and of stone {i + number * 3}, which turn."
        for i in range(sentences)
    )


def page(number, text=None, url=None):
    """A page with the story of a number as its text."""
    body = f"<html><body><article><h1>Story {number}</h1><p>{text or story(number)}</p></article></body></html>"
    return {"url": url or f"https://a.example/{number}", "id": f"p{number}", "body": body}


class Mill:
    """A store on a real server: pages are settled in this process, and corpora remembered."""

    def __init__(self, client, folder):
        self.client = client
        self.folder = folder
        self.use()

    def use(self, **settings):
        self.settings = Settings(**settings)
        self.store = RedisStore(self.client, self.settings)
        self.store.open(["default"])

    def mill(self, *pages):
        """Settle pages; answers (outcome, of) of each."""
        for fields in pages:
            self.client.xadd(self.settings.keys.pages("default"), fields)
        taken = self.store.take("here", ["default"], len(pages))
        opened = [unpack(one, self.settings.limits) for one in taken]
        settled = self.store.commit([mill(one, self.settings.options) for one in opened])
        return [(one.outcome, one.of) for one in settled]

    def records(self):
        found = self.client.xrange(self.settings.keys.records)
        return [msgspec.json.decode(fields[b"body"], type=Record) for _, fields in found]

    def corpus(self, records):
        """A file of these records."""
        path = self.folder / "corpus.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path

    def remember(self, *records):
        """Remember records; answers the summary."""
        corpus = Corpus(self.settings.limits, pytest.fail)
        files = [str(self.corpus(records))]
        return remember_corpus(self.client, self.settings, corpus=corpus, files=files, tell=lambda _: None)

    def current(self, url):
        return read_current(self.client, self.settings.keys, url_key(url))

    def memory(self):
        """All that lies in the memory, byte by byte."""
        keys = sorted(self.client.keys(f"{self.settings.prefix}:memory:*"))
        return {key: self.client.dump(key) for key in keys}

    def written_down(self, *numbers):
        """The records that the mill would publish for the pages of these numbers, told by another mill."""
        other = Mill(self.client, self.folder)
        other.use(prefix="other")
        other.mill(*map(page, numbers))
        return [msgspec.to_builtins(record) for record in other.records()]


@pytest.fixture
def works(redis_client, tmp_path):
    """A mill on the tests' server."""
    return Mill(redis_client, tmp_path)


def test_pages_of_the_corpus_repeat_its_records(works):
    """Same text: duplicate; nearly the same elsewhere: near_duplicate; another text there: updated; others are news."""
    records = works.written_down(1, 2, 3, 4)
    works.remember(*records)
    changed = story(3).replace("wheel", "axle").replace("stone", "gravel").replace("turn", "rest")
    told = works.mill(
        page(1, url="https://b.example/mirror"),
        page(2, story(2)[:-300], url="https://b.example/copy"),
        page(3, changed),
        page(9),
    )
    assert told == [("duplicate", "p1"), ("near_duplicate", "p2"), ("updated", "p3"), ("published", "")]
    (updated,) = [record for record in works.records() if record.kind == "updated"]
    assert (updated.version, updated.supersedes, updated.article) == (2, "p3", records[2]["article"])
    assert updated.estimated_change is not None
    assert updated.first_seen == datetime.fromisoformat(records[2]["first_seen"])


def test_a_corpus_of_text_and_url_is_enough(works):
    """Without an id the record is named after its address and text, and its article was first seen now."""
    summary = works.remember({"url": "https://a.example/1", "text": works.written_down(1)[0]["text"]})
    assert (summary.remembered, summary.undated) == (1, 1)
    ((outcome, of),) = works.mill(page(1))
    assert (outcome, len(of)) == ("duplicate", 32)


def test_a_second_run_changes_nothing(works):
    """Every byte of the memory stays, also of a corpus with a text twice, and of several versions without a number."""
    records = [{"url": f"https://a.example/{n % 100}", "text": story(n), "id": f"r{n}"} for n in range(1, 300)]
    first = works.remember(*records, records[5])
    assert (first.remembered, first.known) == (299, 1)
    before = works.memory()
    second = works.remember(*records, records[5])
    assert (second.remembered, second.known) == (0, 300)
    assert works.memory() == before


def test_the_highest_version_is_current_in_whatever_order(works):
    """Also where a version came from another address; and the article was first seen when the first one was."""
    article = url_key("https://a.example/1")[:12].hex()
    versions = [
        {"url": "https://a.example/1", "text": story(1), "id": "one", "version": 1, "first_seen": LONG_AGO},
        {"url": "https://b.example/1", "text": story(2), "id": "two", "version": 2, "article": article},
        {"url": "https://a.example/1", "text": story(3), "id": "three", "version": 3, "article": article},
    ]
    for prefix, order in (("up", versions), ("down", versions[::-1])):
        works.use(prefix=prefix)
        works.remember(*order)
        current = works.current("https://a.example/1")
        assert (current.version, current.record) == (3, "three")
    works.use(prefix="up")
    assert works.current("https://b.example/1").record == "three"
    assert works.current("https://a.example/1").first_seen == datetime.fromisoformat(LONG_AGO)


def test_without_versions_the_last_is_current(works):
    """Records of one address in the order of a crawl are versions one after the other."""
    works.remember(*({"url": "https://a.example/1", "text": story(n), "id": f"r{n}"} for n in (1, 2, 3)))
    current = works.current("https://a.example/1")
    assert (current.version, current.record) == (3, "r3")


def test_what_the_mill_published_stays_current(works):
    """An old record of an address that the mill knows is remembered as a text, and is no version of its article."""
    assert works.mill(page(1)) == [("published", "")]
    old = works.written_down(2)[0] | {"url": "https://a.example/1", "canonical_url": "https://a.example/1"}
    works.remember(old | {"version": 7, "article": url_key("https://a.example/1")[:12].hex()})
    current = works.current("https://a.example/1")
    assert (current.version, current.record) == (1, "p1")
    assert works.mill(page(2, url="https://b.example/x")) == [("duplicate", "p2")]


def test_a_forged_article_takes_no_address_away(works):
    """A record that says it belongs to another article leaves alone what its own address has."""
    works.mill(page(1))
    other = url_key("https://b.example/")[:12].hex()
    works.remember({"url": "https://a.example/1", "text": story(5), "id": "forged", "article": other, "version": 9})
    assert works.current("https://a.example/1").record == "p1"
    assert works.current("https://b.example/") is None


def test_a_time_in_the_future_is_now(works):
    """Redis's clock is the last word."""
    works.remember({"url": "https://a.example/1", "text": story(1), "first_seen": "9000-01-01T00:00:00Z"})
    assert works.current("https://a.example/1").first_seen <= datetime.now(UTC)


def test_of_more_than_the_memory_holds_the_newest_fit(works):
    """The summary says how many are forgotten again, and the last records are known."""
    works.use(memory_pages=1_000)
    many = (
        {"url": f"https://a.example/{n}", "text": f"Report {n} from the {n}th wheel.", "id": f"r{n}"}
        for n in range(5_000)
    )
    summary = works.remember(*many)
    assert (summary.remembered, summary.capacity) == (5_000, 1_000)
    assert 0 < summary.forgotten < 4_000
    again = works.remember({"url": "https://c.example/", "text": "Report 4999 from the 4999th wheel."})
    assert again.known == 1
    again = works.remember({"url": "https://c.example/", "text": "Report 0 from the 0th wheel."})
    assert again.remembered == 1


def test_the_streams_and_the_ledger_stay_untouched(works):
    """Nothing is published, settled or counted, and no key appears but those of the memory."""
    before = set(works.client.keys())
    works.remember(*({"url": f"https://a.example/{n}", "text": story(n)} for n in range(3 * MOST_AT_ONCE)))
    added = {
        key.decode().removeprefix("pagemill:").partition(":")[0]
        for key in works.client.scan_iter()
        if key not in before
    }
    assert added == {"memory"}
    assert not works.store.ledger().outcomes.get("default")


def test_a_broken_corpus_is_told_in_the_summary(works):
    """By the field at fault, beside what was remembered."""
    path = works.folder / "bad.jsonl"
    path.write_text(json.dumps({"url": "https://a.example/1", "text": story(1)}) + '\n{"text": "x"}\n{')
    corpus = Corpus(works.settings.limits, lambda _: None)
    files = [str(path), str(works.folder / "none")]
    summary = remember_corpus(works.client, works.settings, corpus=corpus, files=files, tell=lambda _: None)
    assert (summary.remembered, summary.skipped, summary.broken_files) == (1, {"url": 1, "line": 1}, 1)
