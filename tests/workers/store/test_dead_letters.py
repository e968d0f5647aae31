"""How every store keeps the pages that were given up."""

from datetime import UTC, datetime, timedelta

import pytest

A_MOMENT = timedelta(milliseconds=100)
"""Redis looks at its clock once a command, in whole milliseconds."""


def test_a_dead_letter_keeps_the_page_and_the_reason(bench):
    """It holds the raw entry's fields, why the page was given up, and where and when."""
    page = bench.take_one(queue="urgent", url="https://example.org/x", body=b"\x00\xff<html>")
    before = datetime.now(UTC)
    bench.commit(
        bench.settlement(page, "dead", reason="raised", detail="KeyError: 'x'\n  at\x1b[31m", id="i", url="u", host="h")
    )
    (letter,) = bench.store.dead_letters()
    assert letter.fields == {b"url": b"https://example.org/x", b"body": b"\x00\xff<html>"}
    assert (letter.reason, letter.detail, letter.queue) == ("raised", "KeyError: 'x'\n  at\x1b[31m", "urgent")
    assert (letter.id, letter.url, letter.host) == ("i", "u", "h")
    assert before - A_MOMENT <= letter.at <= datetime.now(UTC) + A_MOMENT
    assert letter.size == len(b"urlhttps://example.org/xbody\x00\xff<html>")
    assert bench.store.dead_letter(letter.letter) == letter
    assert bench.records() == []


def test_fields_named_like_ours_are_kept_and_fool_nobody(bench):
    """An entry that holds dead_reason and such keeps them, and the letter tells our own."""
    hostile = {"dead_reason": "none", "dead_bytes": "-5", "dead__id": "x", "dead_": "", "dead_queue": "urgent"}
    page = bench.take_one(**hostile)
    bench.commit(bench.settlement(page, "dead", reason="malformed"))
    (letter,) = bench.store.dead_letters()
    assert letter.fields == page.fields
    assert (letter.reason, letter.queue) == ("malformed", "default")
    bench.store.replay(letter.letter)
    (again,) = bench.take()
    assert again.fields == page.fields


def test_an_entry_of_thousands_of_fields_is_kept(bench):
    """A hostile entry of 3,000 fields is kept whole, and can be replayed."""
    page = bench.take_one(**{f"field {n}": n for n in range(3_000)})
    assert bench.commit(bench.settlement(page, "dead", reason="malformed"))[0].outcome == "dead"
    (letter,) = bench.store.dead_letters()
    assert len(letter.fields) == 3_002
    assert bench.store.replay(letter.letter)
    assert bench.take()[0].fields == page.fields


def test_an_entry_of_any_number_of_fields_is_settled(bench):
    """A hostile entry of 50,000 fields cannot stop the commit, nor harm its neighbours."""
    first = bench.take_one(**{f"field {n}": n for n in range(50_000)})
    second = bench.take_one()
    settled = bench.commit(bench.settlement(first, "dead", reason="malformed"), bench.draft(second, "a", "t"))
    assert [one.outcome for one in settled] == ["dead", "published"]
    assert bench.store.dead_letters()[0].fields[b"url"] == first.fields[b"url"]


def test_replay_puts_the_page_back_as_a_new_one(bench):
    """The letter goes, the page is pushed anew onto its own queue, and what was counted stays counted."""
    page = bench.take_one(queue="urgent", body="the page")
    bench.commit(bench.settlement(page, "dead", reason="crashed"))
    (letter,) = bench.store.dead_letters()
    entry = bench.store.replay(letter.letter)
    (again,) = bench.take()
    assert (again.queue, again.entry, again.fields) == ("urgent", entry, page.fields)
    assert entry != page.entry
    books = bench.store.ledger()
    assert (books.dead, books.dead_bytes, books.dead_replayed, books.dead_expired) == (0, 0, 1, 0)
    assert books.outcomes["urgent"] == {"dead": 1}
    assert next(one.pushed for one in books.queues if one.queue == "urgent") == 2


def test_a_letter_is_replayed_or_dropped_once(bench):
    """A letter that is gone is no letter: the second replay, or drop, says so and does nothing."""
    bench.settle("dead", "crashed")
    bench.settle("dead", "crashed")
    one, two = (letter.letter for letter in bench.store.dead_letters())
    assert bench.store.replay(one)
    assert bench.store.drop(two) is True
    before = bench.store.ledger()
    assert bench.store.replay(one) is bench.store.replay(two) is None
    assert bench.store.drop(one) is bench.store.drop(two) is False
    assert bench.store.dead_letter(one) is None
    assert bench.store.ledger() == before
    assert (before.dead, before.dead_bytes, before.dead_replayed, before.dead_dropped) == (0, 0, 1, 1)


@pytest.mark.parametrize("letter", ["", "nonsense", "1-2-3", "-", "+", "*", "99999999999999999999999-1"])
def test_a_letter_that_never_was_is_none(bench, letter):
    """Whatever a person types for a letter's name, the answer is that there is none."""
    bench.settle("dead", "crashed")
    assert bench.store.dead_letter(letter) is None
    assert bench.store.replay(letter) is None
    assert bench.store.drop(letter) is False
    assert bench.store.ledger().dead == 1


def test_letters_are_listed_oldest_first_page_by_page(bench):
    """`after` goes on behind the last letter of the list before."""
    for n in range(5):
        bench.settle("dead", "crashed", url=f"https://example.org/{n}")
    first = bench.store.dead_letters(most=2)
    rest = bench.store.dead_letters(after=first[-1].letter)
    assert [letter.fields[b"url"][-1:] for letter in first + rest] == [b"0", b"1", b"2", b"3", b"4"]


def test_dead_letters_are_bounded_by_bytes(make_bench):
    """The oldest go first, and are counted as expired."""
    bench = make_bench(dead_bytes=1_000)
    for n in range(10):
        bench.settle("dead", "crashed", url=str(n), body="x" * 292)
    books = bench.store.ledger()
    assert [letter.fields[b"url"] for letter in bench.store.dead_letters()] == [b"7", b"8", b"9"]
    assert (books.dead, books.dead_bytes, books.dead_expired) == (3, 900, 7)
    assert books.outcomes["default"] == {"dead": 10}


def test_dead_letters_are_bounded_by_age(make_bench):
    """What is over age goes with the next commit, whatever that settles, and only that."""
    bench = make_bench(dead_days=14)
    bench.settle("dead", "crashed")
    bench.sleep(days=13)
    bench.settle("rejected", "empty")
    assert bench.store.ledger().dead == 1
    bench.sleep(days=2)
    bench.settle("rejected", "empty")
    books = bench.store.ledger()
    assert (books.dead, books.dead_bytes, books.dead_expired) == (0, 0, 1)


def test_a_letter_without_a_page_is_kept_and_let_go(make_bench):
    """An entry that vanished before it was given up leaves a letter of no bytes, which ages like any other."""
    bench = make_bench(dead_days=14)
    page = bench.take_one()
    bench.mill.delete("default", page.entry)
    bench.commit(bench.settlement(page, "dead", reason="lost"))
    bench.settle("dead", "crashed")
    (letter, _) = bench.store.dead_letters()
    assert (letter.size, letter.fields) == (0, {})
    bench.sleep(days=15)
    assert bench.settle("rejected", "empty").outcome == "rejected"
    assert bench.store.ledger().dead_expired == 2


def test_a_letter_without_a_page_can_be_dropped(bench):
    """A letter of no bytes changes no count but its own."""
    page = bench.take_one()
    bench.mill.delete("default", page.entry)
    bench.commit(bench.settlement(page, "dead", reason="lost"))
    assert bench.store.drop(bench.store.dead_letters()[0].letter)
    assert (bench.store.ledger().dead_bytes, bench.store.ledger().dead_dropped) == (0, 1)
