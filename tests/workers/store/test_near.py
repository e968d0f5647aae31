"""What every store makes of near copies, and of versions that say nearly the same."""

import random
from itertools import cycle

import pytest

CHANCE = random.Random(6)
WORDS = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrstv"]
STORY = [CHANCE.choice(WORDS) for _ in range(200)]
OTHER = [CHANCE.choice(WORDS) for _ in range(200)]

TEXT = " ".join(STORY)
COPY = " ".join(["another", "headline", "of", "five", "words", *STORY[:150], "edited", *STORY[151:]])
NEXT = " ".join([*STORY, *OTHER[:60]])
TRIVIAL = " ".join([*STORY, "7"])


def last(bench):
    """The last settled entry, as texts."""
    return {name.decode(): value.decode() for name, value in bench.mill.settled()[-1].items()}


def test_a_near_copy_elsewhere_gives_no_record_and_says_what_it_repeats(bench):
    """It names the record, and its settled entry the similarity and the rule; the ledger counts both."""
    bench.publish("article", TEXT, name="first")
    settled = bench.publish("mirror", COPY, name="second")
    assert (settled.outcome, settled.of) == ("near_duplicate", "first")
    entry = last(bench)
    assert (entry["outcome"], entry["of"], entry["reason"]) == ("near_duplicate", "first", "resemblance")
    assert 0.8 < float(entry["similarity"]) < 1
    assert len(bench.records()) == 1
    assert bench.outcomes() == {"published": 1, "near_duplicate": 1}
    assert bench.store.ledger().reasons["default"] == {"near_duplicate|resemblance": 1}


def test_a_near_copy_that_comes_again_is_known_by_its_bytes(bench):
    """Its bytes are recalled, and repeat the record that it copied, also when its original has changed since."""
    bench.publish("article", TEXT, name="first")
    bench.publish("mirror", COPY, body="copy", name="second")
    assert bench.store.recall([bench.key("copy")]) == [True]
    assert bench.see_again("copy").of == "first"
    bench.publish("article", NEXT, name="third")
    settled = bench.see_again("copy")
    assert (settled.outcome, settled.of) == ("duplicate", "first")


def test_pages_of_one_batch_are_near_to_each_other(bench):
    """Of two near copies in one batch the first is published, and the second repeats it."""
    bench.push()
    bench.push()
    one, two = bench.take()
    told = bench.commit(bench.draft(one, "article", TEXT, name="one"), bench.draft(two, "mirror", COPY, name="two"))
    assert [(each.outcome, each.of) for each in told] == [("published", ""), ("near_duplicate", "one")]


def test_an_article_whose_text_changed_is_its_next_version_though_it_is_near(bench):
    """Under its own address a text that grew is an update, and no near duplicate."""
    bench.publish("article", TEXT, name="first")
    settled = bench.publish("article", NEXT, name="second")
    assert (settled.outcome, settled.of) == ("updated", "first")


def test_a_trivial_change_of_an_article_is_no_version(bench):
    """A counter that went on gives no record, and says of which record, with a reason of its own."""
    bench.publish("article", TEXT, body="one", name="first")
    settled = bench.publish("article", TRIVIAL, body="two", name="second")
    assert (settled.outcome, settled.of) == ("near_duplicate", "first")
    assert last(bench)["reason"] == "trivial"
    assert bench.see_again("two").of == "first"
    assert bench.publish("article", NEXT).outcome == "updated"
    assert [record.version for record in bench.records()] == [1, 2]


def test_a_trivial_change_is_measured_by_the_current_version(bench):
    """What is nearly an older version of the article is an update, as that version itself would be."""
    bench.publish("article", TEXT, name="first")
    bench.publish("article", NEXT, name="second")
    settled = bench.publish("article", TRIVIAL, name="third")
    assert (settled.outcome, settled.of) == ("updated", "second")


def test_near_copies_can_be_marked_instead(make_bench):
    """They are published, and name what they are copies of; so are trivial changes."""
    bench = make_bench(near_duplicates="mark")
    told = [
        bench.publish("article", TEXT, name="first"),
        bench.publish("mirror", COPY, name="second"),
        bench.publish("article", TRIVIAL, name="third"),
    ]
    assert [(one.outcome, one.of) for one in told] == [("published", ""), ("published", ""), ("updated", "first")]
    assert [record.near_duplicate_of for record in bench.records()] == [None, "first", "first"]


def test_near_copies_can_be_left_alone(make_bench):
    """Switched off, only the same text and the same bytes are known."""
    bench = make_bench(near_duplicates="off")
    told = [bench.publish("article", TEXT), bench.publish("mirror", COPY), bench.publish("article", TRIVIAL)]
    assert [one.outcome for one in told] == ["published", "published", "updated"]
    assert [record.near_duplicate_of for record in bench.records()] == [None] * 3


def test_an_original_that_is_copied_again_is_not_forgotten(make_bench):
    """Each near copy keeps its original known beyond the age at which that would go, with its own text."""
    bench = make_bench(memory_days=30)
    bench.publish("article", TEXT, name="first")
    for n in range(4):
        bench.sleep(days=16)
        assert bench.publish(f"mirror {n}", COPY).of == "first"
    assert bench.publish("other mirror", TEXT).outcome == "duplicate"


def test_a_near_copy_that_was_settled_before_leaves_nothing(bench):
    """A result that came second is dropped, whatever it was near to."""
    bench.publish("article", TEXT, name="first")
    page = bench.take_one()
    bench.commit(bench.settlement(page, "rejected", reason="empty"))
    assert bench.commit(bench.draft(page, "mirror", COPY, body="copy"))[0].outcome == "gone"
    assert bench.store.recall([bench.key("copy")]) == [False]
    assert bench.outcomes() == {"published": 1, "rejected": 1}


@pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)
def test_what_was_harmed_in_the_memory_stops_no_commit(bench):
    """Strings of the memory that are gone, cut or somebody else's are made anew; what they held is news."""
    bench.publish("article", TEXT)
    client = bench.mill.client
    strings = sorted(client.scan_iter("*:memory:*:[0-9]*"))
    assert len(strings) > len(("ring", "exact", "near"))
    for key, harm in zip(strings, cycle(("list", "short", "gone")), strict=False):
        client.delete(key)
        if harm == "short":
            client.set(key, "xyz")
        elif harm == "list":
            client.rpush(key, "x")
    assert bench.publish("mirror", COPY, name="second").outcome == "published"
    assert bench.publish("other mirror", COPY).of == "second"
