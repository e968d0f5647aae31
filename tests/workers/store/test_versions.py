"""What every store makes of an article that changes: at its own address, and at another one that says more."""

import random

import pytest

CHANCE = random.Random(9)
WORDS = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrstv"]
STORY = [CHANCE.choice(WORDS) for _ in range(400)]
OTHER = [CHANCE.choice(WORDS) for _ in range(400)]

TEASER = " ".join(STORY[:150])
FULL = " ".join(STORY[:300])
FULLEST = " ".join(STORY)
LITTLE_MORE = " ".join(STORY[:170])
ANOTHER = " ".join(OTHER)


def last(bench):
    """The last settled entry, as texts."""
    return {name.decode(): value.decode() for name, value in bench.mill.settled()[-1].items()}


def told(record):
    """What a record says of its place among the versions."""
    return record.article, record.kind, record.version, record.supersedes


def test_an_update_says_how_much_changed(bench):
    """A text to which a third was added tells so, as well as a sketch can; a first one tells nothing."""
    bench.publish("article", FULL)
    bench.publish("article", FULLEST)
    bench.publish("article", FULL)
    first, longer, shorter = bench.records()
    assert first.estimated_change is None
    assert longer.estimated_change.added == pytest.approx(0.25, abs=0.08)
    assert longer.estimated_change.removed == pytest.approx(0, abs=0.08)
    assert shorter.estimated_change.added == longer.estimated_change.removed
    assert shorter.estimated_change.removed == longer.estimated_change.added


def test_a_text_that_is_another_changed_wholly(bench):
    """Of two texts that share nothing all was removed, and all added."""
    bench.publish("article", FULL)
    bench.publish("article", ANOTHER)
    changed = bench.records()[-1].estimated_change
    assert min(changed.added, changed.removed) > 0.9


def test_every_version_tells_when_the_first_was_seen(bench):
    """It is the moment of the first version's commit, whatever became of the article since."""
    bench.publish("article", FULL)
    bench.publish("article", ANOTHER)
    bench.publish("article", FULLEST)
    first, *others = bench.records()
    assert first.first_seen == first.processed_at
    assert [record.first_seen for record in others] == [first.first_seen] * 2


def test_a_fuller_text_elsewhere_is_the_articles_next_version(bench):
    """It has the article of the text that it replaces, names that, and the ledger counts why."""
    bench.publish("article", TEASER, name="first")
    settled = bench.publish("mirror", FULL, name="second")
    assert (settled.outcome, settled.of) == ("updated", "first")
    assert last(bench)["reason"] == "fuller"
    assert bench.store.ledger().reasons["default"] == {"updated|fuller": 1}
    first, second = bench.records()
    assert told(second) == (first.article, "updated", 2, "first")
    assert second.canonical_url == "https://example.org/mirror"
    assert second.first_seen == first.first_seen
    assert second.estimated_change.added > 0.4


def test_a_little_more_is_no_fuller_text(bench):
    """A copy that says a little more than the article is a near copy."""
    bench.publish("article", TEASER, name="first")
    assert bench.publish("mirror", LITTLE_MORE).outcome == "near_duplicate"


def test_the_first_text_can_be_kept_instead(make_bench):
    """By the setting a fuller text is a near copy as any other; at the article's own address it is an update still."""
    bench = make_bench(near_keeps="first")
    bench.publish("article", TEASER, name="first")
    settled = bench.publish("mirror", FULL)
    assert (settled.outcome, settled.of) == ("near_duplicate", "first")
    assert bench.publish("article", FULL).outcome == "updated"


def test_a_teaser_that_comes_again_takes_nothing_back(bench):
    """The address that still has the teaser gives no version, read or unread, while another one says more."""
    bench.publish("article", TEASER, body="teaser", name="first")
    bench.publish("mirror", FULL, name="second")
    settled = bench.see_again("teaser")
    assert (settled.outcome, settled.of) == ("duplicate", "first")
    settled = bench.publish("article", LITTLE_MORE)
    assert (settled.outcome, settled.of) == ("near_duplicate", "second")
    assert bench.publish("third", TEASER).outcome == "duplicate"
    assert len(bench.records()) == 2


def test_the_address_of_the_fuller_text_belongs_to_the_article(bench):
    """What changes there is the next version; what is nearly the same there is trivial."""
    bench.publish("article", TEASER, name="first")
    bench.publish("mirror", FULL, name="second")
    settled = bench.publish("mirror", FULL + " " + STORY[0])
    assert (settled.outcome, settled.of, last(bench)["reason"]) == ("near_duplicate", "second", "trivial")
    settled = bench.publish("mirror", " ".join(STORY[20:330]), name="third")
    assert (settled.outcome, settled.of) == ("updated", "second")
    assert bench.publish("mirror", FULL, name="fourth").of == "third"
    assert [told(record)[2:] for record in bench.records()] == [
        (1, None), (2, "first"), (3, "second"), (4, "third"),
    ]  # fmt: skip
    assert len({record.article for record in bench.records()}) == 1


def test_the_articles_own_address_catches_up(bench):
    """A text there that says more than the mirror's is the next version, and so is one that is wholly new."""
    bench.publish("article", TEASER)
    bench.publish("mirror", FULL, name="second")
    assert bench.publish("article", FULLEST, name="third").of == "second"
    assert bench.publish("mirror", FULL + " more").of == "third"
    assert bench.publish("article", ANOTHER).outcome == "updated"
    assert [record.version for record in bench.records()] == [1, 2, 3, 4]


def test_an_address_that_says_something_else_is_an_article_of_its_own(bench):
    """What another site prints at the address of a fuller text, years later, is no version of that."""
    bench.publish("article", TEASER, name="first")
    bench.publish("mirror", FULL, name="second")
    bench.publish("article", FULLEST, name="third")
    assert bench.publish("mirror", ANOTHER, name="fourth").outcome == "published"
    first, *_, fourth = bench.records()
    assert fourth.article != first.article
    assert bench.publish("mirror", ANOTHER + " " + FULL).of == "fourth"


def test_a_copy_of_an_older_version_is_held_against_the_current_one(bench):
    """What is fuller than the teaser, and less than the article says now, is a near copy."""
    bench.publish("article", TEASER)
    bench.publish("mirror", FULLEST)
    assert bench.publish("third", FULL).outcome == "near_duplicate"


def test_fuller_texts_in_one_batch(bench):
    """Teaser, fuller text, teaser again and the fullest text in one batch are three versions and a copy."""
    for _ in range(4):
        bench.push()
    pages = bench.take()
    texts = (("article", TEASER), ("mirror", FULL), ("article", LITTLE_MORE), ("third", FULLEST))
    settled = bench.commit(
        *(bench.draft(page, *text, name=str(n)) for n, (page, text) in enumerate(zip(pages, texts, strict=True)))
    )
    assert [(one.outcome, one.of) for one in settled] == [
        ("published", ""), ("updated", "0"), ("near_duplicate", "1"), ("updated", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["x", "00ff" * 8, "a:b@c", "\n", "é" * 60])
def test_the_ids_of_versions_are_any(bench, name):
    """An id is told as it was given, wherever its version came from."""
    bench.publish("article", TEASER, name="first")
    bench.publish("mirror", FULL, name=name)
    assert bench.publish("mirror", FULLEST).of == name


def test_marked_copies_are_never_joined(make_bench):
    """Where near copies are marked, a fuller text is an article of its own, and names what it copies."""
    bench = make_bench(near_duplicates="mark")
    bench.publish("article", TEASER, name="first")
    assert bench.publish("mirror", FULL).outcome == "published"
    assert bench.records()[-1].near_duplicate_of == "first"


def test_an_article_lives_on_by_any_of_its_addresses(make_bench):
    """What is met at either address keeps both known, beyond the age at which they would go."""
    bench = make_bench(memory_days=30)
    bench.publish("article", TEASER)
    bench.publish("mirror", FULL, name="second")
    for _ in range(4):
        bench.sleep(days=16)
        assert bench.publish("mirror", FULL).of == "second"
    assert bench.publish("article", FULLEST).of == "second"
    assert bench.records()[-1].version == 3


def test_what_a_mirror_fills_up_is_forgotten_as_any_other(make_bench):
    """An article that nobody met for its whole time is new again, at both of its addresses."""
    bench = make_bench(memory_days=30)
    bench.publish("article", TEASER)
    bench.publish("mirror", FULL)
    bench.sleep(days=61)
    assert bench.publish("mirror", FULL).outcome == "published"
    assert bench.publish("article", ANOTHER).outcome == "published"
    assert [record.version for record in bench.records()[2:]] == [1, 1]


def test_the_bars_of_a_fuller_text_are_settings(make_bench):
    """What counts as much more, and as contained, can be set."""
    bench = make_bench(near_fuller_growth=1050)
    bench.publish("article", TEASER)
    assert bench.publish("mirror", LITTLE_MORE).outcome == "updated"
    bench = make_bench(near_resemblance=1000, near_containment=1000, near_long_containment=1000)
    bench.publish("article", TEASER)
    assert bench.publish("mirror", " ".join(STORY[10:300])).outcome == "published"
