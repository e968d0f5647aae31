"""What a horse knows of sites, and what of it the record tells."""

from datetime import UTC, datetime

import msgspec
import pytest

from pagemill.record import Record
from pipeline.site_profile import SiteProfile, read_profile
from workers.drain import Drain
from workers.horses.hand import Hand
from workers.memory.store import MemoryStore
from workers.settings import Settings
from workers.site_profiles import SiteProfiles, site_name
from workers.store.contract import Settlement

QUEUES = ("default",)
MENU = "".join(f"<li><a href=/{word}>{word}</a>" for word in ("News", "Weather", "Prices", "Contact"))


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.Example.ORG:8443/a", "example.org"),
        ("https://news.example.org/a", "news.example.org"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://user:word@example.org/", "example.org"),
        ("file:///tmp/a.html", ""),
        ("no address", ""),
        (f"https://{'a.' * 150}example/", ""),
    ],
)
def test_a_site_is_a_host(url, name):
    """As a browser would ask for it, without `www.`; a file has none, nor a name that is too long for one."""
    assert site_name(url) == name


def left(article, text):
    """The settlement of a page that leaves an imprint, with a text of its own or another's."""
    imprint = SiteProfile().look(["The mill", article], article.encode() * 16).imprint
    return Settlement(
        verdict="draft", queue="default", entry="1-1", id=article, url="u", text_key=text.encode() * 16, imprint=imprint
    )


def test_what_a_page_leaves_is_seen_by_the_next():
    """Before it is committed, and only on its own site."""
    profiles = SiteProfiles(["one.example", "two.example"], [b"", b""], articles=8)
    profiles.learn("one.example", left("a", "a"))
    profiles.learn("one.example", left("b", "b"))
    assert list(profiles.of("one.example").look(["The mill", "a"], b"c" * 16).times) == [2, 1]
    assert profiles.of("two.example").imprints == ()


def test_a_text_that_comes_again_leaves_nothing():
    """The commit will find that the second page is a duplicate."""
    profiles = SiteProfiles(["one.example"], [b""], articles=8)
    profiles.learn("one.example", left("a", "same"))
    profiles.learn("one.example", left("b", "same"))
    assert len(profiles.of("one.example").imprints) == 1


def test_a_site_that_was_not_asked_for_is_not_known():
    """So a page without a host is judged alone, and leaves nothing."""
    profiles = SiteProfiles(["one.example"], [b""], articles=8)
    profiles.learn("", left("a", "a"))
    assert profiles.of("") is profiles.of("other.example") is None


def mill(numbers, store, settings):
    """One claim on pages of these numbers, all of one site; answers all records that lie in the store."""
    for number in numbers:
        lines = "".join(f"<p>The wheel turns {word} for the sake of story {number}.</p>" for word in STORY)
        page = {b"url": b"https://www.mill.example/%d" % number, b"body": f"{MENU}<main>{lines}</main>".encode()}
        store.push("default", page)
    drain = Drain(store, settings, consumer="me", queues=QUEUES, hand=Hand(QUEUES))
    drain.run(store.take("me", QUEUES, 64), linger=False)
    return [msgspec.json.decode(entry[b"body"], type=Record) for entry in store.output.entries.values()]


STORY = ("slowly", "at noon", "in the rain", "without a sound", "against all advice", "once more", "for nobody")


@pytest.mark.parametrize("extractor", ["blocks", "trafilatura"])
def test_records_name_the_profile_that_they_were_made_with(extractor):
    """Within a batch and from batch to batch; trafilatura knows none. What was committed is what was learned."""
    settings = Settings(extractor=extractor, page_seconds=3600, profile_articles=3)
    store = MemoryStore(settings, lambda: datetime.now(UTC))
    store.open(QUEUES)
    mill([1, 2], store, settings)
    profiles = [record.extraction.profile for record in mill([3, 4, 5], store, settings)]
    known = [name and name.partition("-")[0] for name in profiles]
    assert known == ([None, "1", "2", "3", "3"] if extractor == "blocks" else [None] * 5)
    (packed,) = store.profiles(["mill.example"])
    assert len(read_profile(packed).imprints) == (3 if extractor == "blocks" else 0)


def test_a_mill_without_profiles_learns_nothing():
    """site_profile = false."""
    settings = Settings(extractor="blocks", site_profile=False, page_seconds=3600)
    store = MemoryStore(settings, lambda: datetime.now(UTC))
    store.open(QUEUES)
    records = mill([1, 2], store, settings)
    assert [record.extraction.profile for record in records] == [None, None]
    assert store.profiles(["mill.example"]) == [b""]
