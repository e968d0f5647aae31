"""Pages that crash, hang, hoard, raise or give what cannot be written: only they end in the dead letters."""

import pytest


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ("segfault", "crashed"),
        ("leave", "crashed"),
        ("spin", "timeout"),
        ("memory", "memory"),
        ("fail", "raised"),
        ("panic", "raised"),
        ("unserialisable", "unserialisable"),
        ("surrogate", "unserialisable"),
    ],
)
def test_only_the_poison_dies(works, wish, reason):
    """The page is a dead letter with its reason; its neighbours in the batch are published."""
    pool = works.start(page_seconds=0.5, horse_limit_mb=300, strikes=2 if wish == "segfault" else 1)
    before, (poison,), after = works.push_around(3, wish=wish)
    works.await_settled(7)
    assert works.dead() == {poison: reason}
    assert sorted(works.records()) == sorted([*before, *after])
    works.check_books()
    assert not pool.events("worker_died")


def test_a_dead_letter_tells_why_and_keeps_the_page(works):
    """The traceback's end is in the letter, what cannot be written in it escaped; the raw fields are as pushed."""
    works.start()
    page = works.page("fail", source="feed")
    works.client.xadd(works.settings.keys.pages("default"), page)
    works.await_settled(1)
    (letter,) = works.store.dead_letters()
    assert letter.detail.rstrip().endswith("ValueError: no luck with \x1b[31m and \\ud800")
    assert {name.decode(): value.decode() for name, value in letter.fields.items()} == page


def test_entries_that_are_no_pages_die_as_malformed(works):
    """No url, an unknown version, a lying encoding, bytes that are no text: dead letters, and no horse suffers."""
    pool = works.start()
    key = works.settings.keys.pages("default")
    for fields in (
        {"body": "no url"},
        {"nonsense": b"\xff\xfe"},
        works.page(v="99"),
        works.page(content_encoding="zstd"),
        works.page(url=b"\xff\xff"),
        works.page(meta="[1"),
    ):
        works.client.xadd(key, fields)
    works.push()
    works.await_settled(7)
    assert works.store.ledger().reasons["default"] == {"dead|malformed": 6}
    assert len(works.records()) == 1
    assert not pool.events("horse_died")
    works.check_books()


def test_a_horse_that_has_grown_makes_room_for_a_fresh_one(works):
    """With a limit of one megabyte of growth each batch of large pages has a horse of its own; all are published."""
    pool = works.start(horse_growth_mb=1, batch_pages=2, claim_seconds=60)
    pages = [works.page() for _ in range(6)]
    for page in pages:
        page["body"] += "<!--" + "x" * 3_000_000 + "-->"
        works.client.xadd(works.settings.keys.pages("default"), page)
    works.await_settled(6)
    assert len(pool.claims()) >= 2
    works.check_books()
