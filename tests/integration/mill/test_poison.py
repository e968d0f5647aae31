"""Pages that crash, hang, hoard, raise or give what cannot be written: only they end in the dead letters."""

import pytest

REASONS = {
    "segfault": "crashed",
    "abort": "crashed",
    "bus": "crashed",
    "illegal": "crashed",
    "divide": "crashed",
    "leave": "crashed",
    "spin": "timeout",
    "block": "timeout",
    "doze": "timeout",
    "memory": "memory",
    "greed": "memory",
    "fail": "raised",
    "panic": "raised",
    "unserialisable": "unserialisable",
    "surrogate": "unserialisable",
}
STACKS = {
    "segfault": "Segmentation fault",
    "abort": "Aborted",
    "bus": "Bus error",
    "illegal": "Illegal instruction",
    "divide": "Floating point exception",
}


def test_only_the_poison_dies(works):
    """Of a batch with a page of each kind of poison among others: those are dead, with their reasons, and no other."""
    pool = works.start(page_seconds=0.5, horse_limit_mb=300, strikes=1)
    pages = [works.page(wish) for poison in REASONS for wish in (poison, "")]
    ids = works.push_pages(pages)
    works.await_settled(len(ids))
    assert works.dead() == dict(zip(ids[::2], REASONS.values(), strict=True))
    assert sorted(works.records()) == sorted(ids[1::2])
    works.check_books()
    assert not pool.events("worker_died")


@pytest.mark.parametrize("wish", ["segfault", "doze", "fail", "memory"])
def test_a_page_has_as_many_strikes_as_are_set(works, wish):
    """It is tried alone after the first; its neighbours in the batch are published, and met no death with it."""
    pool = works.start(page_seconds=0.5, horse_limit_mb=300, strikes=2)
    before, (poison,), after = works.push_around(3, wish=wish)
    works.await_settled(7)
    assert works.dead() == {poison: REASONS[wish]}
    assert sorted(works.records()) == sorted([*before, *after])
    works.check_books()
    assert len(pool.events("horse_died")) == (0 if wish == "fail" else 2)


def test_the_letter_of_a_page_that_died_in_c_shows_the_stack(works):
    """Signal and stack are in the letter, of crashes, of a hang without processor time and of one with."""
    works.start(page_seconds=0.5, horse_limit_mb=300, strikes=1)
    wishes = [*STACKS, "spin", "block", "doze", "memory"]
    names = dict(zip(works.push_pages([works.page(wish) for wish in wishes]), wishes, strict=True))
    works.await_settled(len(wishes))
    for letter in works.store.dead_letters():
        wish = names[letter.id]
        assert f"in {wish}" in letter.detail
        assert STACKS.get(wish, "") in letter.detail
        assert "Extension modules" not in letter.detail


def test_a_page_that_raised_once_is_published(works):
    """It is tried again alone, in another horse: what came before it in the first may have been to blame."""
    pool = works.start()
    ids = works.push_batch(3, wish="once")
    works.await_settled(3)
    assert sorted(works.records()) == sorted(ids)
    assert works.dead() == {}
    assert len(pool.claims()) >= 2
    works.check_books()


def test_a_page_that_closes_the_connection_harms_nobody(works):
    """All that the horse had open is closed under it: it connects again, and settles all pages."""
    works.start()
    ids = works.push_batch(5, wish="close") + works.push(5)
    works.await_settled(10)
    assert sorted(works.records()) == sorted(ids)
    works.check_books()


def test_a_page_that_takes_its_machine_down_is_lost_in_the_end(works):
    """Each time the worker dies with its horse, and nobody is left to tell: the page ends up alone, and dead."""
    pool = works.start(suspect_deliveries=2, lonely_deaths=2)
    before, (poison,), after = works.push_around(2, wish="parricide")
    works.await_settled(5)
    assert works.dead() == {poison: "lost"}
    assert sorted(works.records()) == sorted([*before, *after])
    works.check_books()
    assert len(pool.events("worker_died")) >= 3


def test_a_strike_is_remembered_by_those_who_come_later(works):
    """With some strikes from a pool that was killed, one more under the next pool is enough."""
    pool = works.start(strikes=1_000)
    works.push(wish="segfault")
    works.until(works.trials, "the first strike")
    pool.kill()
    (held,) = works.trials().values()
    strikes = int(held.partition(":")[0])
    other = works.start(strikes=strikes + 1)
    works.await_settled(1)
    assert works.dead() == {"p1": "crashed"}
    assert len(other.events("horse_died")) == 1
    works.check_books()


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
