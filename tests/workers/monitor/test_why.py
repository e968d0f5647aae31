"""`why`: every decision on a page, where it waits, and what it repeats; on a real server, with the real pipeline."""

import pytest

from workers.milling import mill, unpack
from workers.monitor.why import why
from workers.settings import Settings
from workers.store.contract import Settlement
from workers.store.redis_store import RedisStore

URL = "https://news.example/wheel"
TEXT = "The wheel of the old mill turns again since Monday, the miller says, and grinds the corn of the whole valley."


class Mill:
    """A store, and pages pushed, taken, milled and settled one by one."""

    def __init__(self, client, settings):
        self.client, self.settings = client, settings
        self.store = RedisStore(client, settings)
        self.store.open(["default"])

    def push(self, url, text, page_id="", title="The wheel"):
        body = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body>"
        return self.client.xadd("pagemill:pages:default", {"url": url, "id": page_id or url, "body": body}).decode()

    def settle(self, consumer="w1.abc"):
        """Mill and commit all that waits, one at a time."""
        while pages := self.store.take(consumer, ["default"], 1):
            opened = unpack(pages[0], self.settings.limits)
            settled = opened if isinstance(opened, Settlement) else mill(opened, self.settings.options)
            self.store.commit([settled])

    def bury(self, url, reason="timeout"):
        """Push a page, and give it up."""
        self.push(url, TEXT)
        (page,) = self.store.take("w1.abc", ["default"], 1)
        self.store.commit(
            [Settlement(verdict="dead", queue="default", entry=page.entry, id="d", url=url, reason=reason)]
        )

    def why(self, url=URL, **more):
        return why(self.client, self.settings.keys, url, **more)


@pytest.fixture
def works(redis_client):
    """An empty mill."""
    return Mill(redis_client, Settings())


def test_a_published_page_names_its_record(works):
    """Title, version and article, as they lie in the output."""
    works.push(URL, TEXT, "p1")
    works.settle()
    (decision,) = works.why().decisions
    assert (decision.page.outcome, decision.page.id, decision.repeats) == ("published", "p1", None)
    assert (decision.record.title, decision.record.version, decision.record.id) == ("The wheel", 1, "p1")
    assert works.client.xrange("pagemill:records", decision.record.entry, decision.record.entry)


def test_a_copy_names_what_it_repeats(works):
    """The record's address and title, though it was pushed under another URL."""
    works.push(URL, TEXT, "p1")
    works.push("https://copy.example/1", TEXT, "p2")
    works.settle()
    (decision,) = works.why("https://copy.example/1").decisions
    assert (decision.page.outcome, decision.page.of, decision.page.similarity) == ("duplicate", "p1", 1.0)
    assert (decision.repeats.url, decision.repeats.title) == (URL, "The wheel")
    assert decision.record is None


def test_every_decision_is_told_the_newest_first(works):
    """First published, then updated, then rejected: under any spelling of the address."""
    works.push(URL, TEXT, "p1")
    works.settle()
    works.push(URL, f"{TEXT} On Tuesday it stood still again, for want of water in the brook.", "p2")
    works.settle()
    works.push(URL, "", "p3", title="")
    works.settle()
    told = works.why("http://news.example:80/wheel?utm_source=feed")
    assert [decision.page.outcome for decision in told.decisions] == ["rejected", "updated", "published"]
    assert told.decisions[0].page.reason in {"empty", "too_short"}
    updated = told.decisions[1]
    assert (updated.record.version, updated.repeats.id, updated.repeats.version) == (2, "p1", 1)
    assert (told.remembered.version, told.remembered.record) == (2, "p2")


def test_a_record_that_was_trimmed_keeps_its_address(works):
    """What the output has let go has no title any more; the settled stream still knows its URL."""
    works.push(URL, TEXT, "p1")
    works.push("https://copy.example/1", TEXT, "p2")
    works.settle()
    works.client.xtrim("pagemill:records", maxlen=0)
    (decision,) = works.why("https://copy.example/1").decisions
    assert (decision.repeats.url, decision.repeats.title, decision.repeats.entry) == (URL, None, None)


def test_a_record_is_found_among_those_of_its_batch(works):
    """Records of one commit share their millisecond: the id tells them apart."""
    for i in range(40):
        works.push(
            f"https://news.example/{i}", f"{TEXT} Story {i} is another one, of {i * 7} sacks.", f"p{i}", f"Title {i}"
        )
    pages = works.store.take("w1.abc", ["default"], 64)
    works.store.commit([mill(unpack(page, works.settings.limits), works.settings.options) for page in pages])
    (decision,) = works.why("https://news.example/7").decisions
    assert decision.record.title == "Title 7"


def test_a_page_that_waits_or_is_in_hand_is_told(works):
    """Where, since when, and in whose hands; what it was blamed for too."""
    works.push(URL, TEXT, "p1")
    works.store.take("w1.abc", ["default"], 1)
    works.push(URL, TEXT, "p2")
    held = works.client.xrange("pagemill:pages:default")[0][0].decode()
    works.store.mark("w1.abc", "default", held, "strike")
    told = works.why()
    assert [(page.id, page.holder, page.strikes) for page in told.waiting] == [("p2", "", 0), ("p1", "w1", 1)]
    assert (told.looked_waiting, told.of_waiting) == (2, 2)
    works.store.hand_back("w1.abc", ["default"])
    assert [page.holder for page in works.why().waiting] == ["", ""]


def test_the_look_into_a_queue_is_bounded_at_both_ends(works, monkeypatch):
    """Of a long queue the oldest and the newest are looked at, and the answer says how many of how many."""
    monkeypatch.setattr("workers.monitor.unsettled.HEADS", 5)
    for i in range(30):
        works.push(f"https://news.example/{i}", TEXT)
    assert (works.why().looked_waiting, works.why().of_waiting) == (10, 30)
    assert works.why("https://news.example/2").waiting
    assert works.why("https://news.example/27").waiting
    assert not works.why("https://news.example/15").waiting


def test_a_dead_page_is_told_with_its_letter(works):
    """The decision with its reason, and the letter that can be replayed."""
    works.bury(URL)
    works.bury("https://other.example/")
    told = works.why()
    assert [(decision.page.outcome, decision.page.reason) for decision in told.decisions] == [("dead", "timeout")]
    assert [letter.url for letter in told.letters] == [URL]
    assert told.looked_letters == 2


def test_the_answer_says_how_far_it_looked(works):
    """A look back of two entries misses the third, and says so."""
    works.push(URL, TEXT)
    works.push("https://a.example/", f"{TEXT} And so on, and so on, says the first.")
    works.push("https://b.example/", f"{TEXT} And so on, and so on, says the second one.")
    works.settle()
    told = works.why(look_back=2)
    assert (told.decisions, told.looked_settled, told.of_settled) == ((), 2, 3)
    assert told.back_to is not None
    assert told.remembered.version == 1


def test_an_unknown_page_is_unknown(works):
    """On an empty mill nothing is found, and nothing was looked at."""
    told = works.why()
    assert (told.decisions, told.waiting, told.letters, told.remembered) == ((), (), (), None)
    assert (told.looked_settled, told.back_to) == (0, None)


def test_what_is_no_record_breaks_nothing(works):
    """Whoever may write into the output may have written anything under a page's id."""
    works.push(URL, TEXT, "p1")
    works.settle()
    (entry, _) = works.client.xrange("pagemill:records")[0]
    works.client.xdel("pagemill:records", entry)
    time, _, number = entry.decode().partition("-")
    works.client.xadd("pagemill:records", {"id": "p1", "body": b"\xff{"}, id=f"{time}-{int(number) + 1}")
    (decision,) = works.why().decisions
    assert decision.record.title is None
