"""What can be read of an article that is remembered."""

import random

import pytest

from workers.store.articles import read_current

WORDS = random.Random(3).sample(
    [f"{a}{b}{c}{d}" for a in "bdfg" for b in "aeiou" for c in "nrst" for d in "aeiou"], 300
)
pytestmark = pytest.mark.parametrize("make_bench", ["fakeredis", "valkey"], indirect=True)


def current(bench, article):
    """The current version at an address."""
    return read_current(bench.mill.client, bench.mill.keys, bench.key(article))


def test_an_article_tells_its_version_its_record_and_since_when(bench):
    """That of the last record, and the first one's time, in either generation; an unknown one tells nothing."""
    bench.publish("article", "one", name="first")
    bench.publish("article", "two", name="5:@x")
    for _ in range(2):
        found = current(bench, "article")
        assert (found.version, found.record) == (2, "5:@x")
        bench.mill.client.rename(bench.mill.keys.articles("new"), bench.mill.keys.articles("old"))
        bench.publish("another", "three")
    assert found.first_seen == bench.records()[0].first_seen
    assert current(bench, "never seen") is None


def test_another_address_tells_the_article_that_it_belongs_to(bench):
    """The address of a fuller text, and the article's own, tell the same."""
    bench.publish("article", " ".join(WORDS[:150]), name="first")
    bench.publish("mirror", " ".join(WORDS), name="9second")
    assert current(bench, "mirror") == current(bench, "article")
    assert (current(bench, "mirror").version, current(bench, "mirror").record) == (2, "9second")
