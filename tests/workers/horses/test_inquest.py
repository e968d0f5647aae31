"""What a claim left behind, and who is to blame, on the MemoryStore."""

import os
import signal
from datetime import UTC, datetime

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from pagemill.outcomes import DeadReason
from workers.horses.deaths import Death
from workers.horses.hand import Held
from workers.horses.horse import EXIT_MEMORY
from workers.horses.inquest import Inquest
from workers.memory.store import MemoryStore
from workers.settings import Settings

ME = "me"
QUEUES = ("default",)
SEGFAULT, KILLED, TERMINATED = int(signal.SIGSEGV), int(signal.SIGKILL), int(signal.SIGTERM)


class Court:
    """An inquest, and horses that died over pages."""

    def __init__(self, store_class=MemoryStore, **settings):
        self.settings = Settings(**settings)
        self.store = store_class(self.settings, lambda: datetime.now(UTC))
        self.store.open(QUEUES)
        self.inquest = Inquest(self.store, self.settings, consumer=ME, queues=QUEUES)

    def push(self, count):
        for i in range(count):
            self.store.push("default", {b"url": b"https://mill.example/%d" % i, b"body": b"x", b"id": b"p%d" % i})

    def take(self):
        """The next claim's pages: orphans first, as a worker takes them."""
        self.taken = self.store.adopt(ME, QUEUES, 9) or self.store.take(ME, QUEUES, 9)
        return self.taken

    def held(self, in_hand=None):
        pages = tuple((page.queue, page.entry) for page in self.taken)
        return Held(pages, None if in_hand is None else pages[in_hand])

    def dead(self):
        return {letter.id: letter.reason for letter in self.store.dead_letters()}


def test_a_strike_is_tried_alone_and_dies_of_the_next():
    """After one segfault the page comes alone, behind its batch; after the second it is dead."""
    court = Court(strikes=2)
    court.push(3)
    court.take()
    court.inquest.hold(court.held(in_hand=1), SEGFAULT)
    assert court.dead() == {}
    company = court.take()
    assert [page.fields[b"id"] for page in company] == [b"p0", b"p2"]
    (alone,) = court.take()
    assert (alone.fields[b"id"], alone.strikes, alone.lonely) == (b"p1", 1, 1)
    court.inquest.hold(court.held(in_hand=0), SEGFAULT)
    assert court.dead() == {"p1": "crashed"}


@pytest.mark.parametrize(("strikes", "status", "reason"), [(1, SEGFAULT, "crashed"), (1, EXIT_MEMORY << 8, "memory")])
def test_the_last_strike_buries_the_page_and_no_other(strikes, status, reason):
    """The page in hand is a dead letter with its reason; the others are handed back, to be adopted at once."""
    court = Court(strikes=strikes)
    court.push(3)
    court.take()
    court.inquest.hold(court.held(in_hand=1), status)
    assert court.dead() == {"p1": reason}
    assert [page.fields[b"id"] for page in court.take()] == [b"p0", b"p2"]
    assert all(page.lonely == 0 for page in court.taken)


def test_a_suspect_is_tried_alone_until_it_is_enough():
    """SIGKILL over a page: alone each time, and lost after as many deaths alone as are set."""
    court = Court(lonely_deaths=3)
    court.push(1)
    deaths = 0
    while not court.dead():
        (page,) = court.take()
        assert page.lonely == deaths
        court.inquest.hold(court.held(in_hand=0), KILLED)
        deaths += 1
    assert court.dead() == {"p0": "lost"}
    assert deaths == 4  # the first was in company


def test_a_stop_from_outside_takes_the_trial_back():
    """SIGTERM, a cold stop, or a clean end before its turn: a page on trial has met no death by it."""
    court = Court()
    court.push(1)
    court.take()
    court.inquest.hold(court.held(in_hand=0), KILLED)
    for end in (
        lambda: court.inquest.hold(court.held(in_hand=0), TERMINATED),
        lambda: court.inquest.break_off(court.held(in_hand=0)),
        lambda: court.inquest.hold(court.held(), 0),
    ):
        (page,) = court.take()
        assert page.lonely == 1
        end()
    assert court.dead() == {}


def test_a_death_with_no_page_in_hand_blames_none():
    """The horse died between two pages: all are handed back without a blot."""
    court = Court(strikes=1)
    court.push(2)
    court.take()
    court.inquest.hold(court.held(), SEGFAULT)
    assert [page.lonely for page in court.take()] == [0, 0]


def test_a_page_that_another_took_is_not_blamed():
    """Its lease had run out: whoever holds it now knows nothing of our horse."""
    court = Court(strikes=1)
    court.push(1)
    (page,) = court.take()
    court.store.hand_back(ME, QUEUES)
    court.store.adopt("other", QUEUES, 9)
    court.inquest.hold(court.held(in_hand=0), SEGFAULT)
    assert court.dead() == {}
    assert court.store.queues["default"].running[page.entry].consumer == "other"


def test_a_page_that_ends_the_horse_cleanly_has_a_strike():
    """Status 0 with a page in hand is the page's doing."""
    court = Court(strikes=1)
    court.push(1)
    court.take()
    court.inquest.hold(court.held(in_hand=0), 0)
    assert court.dead() == {"p0": "crashed"}


def test_a_worker_that_knows_better_is_believed():
    """It ended the horse itself: the reason is its own, whatever the wait status says; the letter has the stack."""
    court = Court(strikes=1)
    court.push(1)
    court.take()
    known = Death("strike", DeadReason.TIMEOUT, "the page did nothing for 30 s")
    court.inquest.hold(court.held(in_hand=0), KILLED, known=known, words="File x.py, line 1")
    (letter,) = court.store.dead_letters()
    assert (letter.reason, letter.detail) == ("timeout", "the page did nothing for 30 s\n\nFile x.py, line 1")


class Away(MemoryStore):
    """Redis away, or in trouble of another kind."""

    error = RedisConnectionError("away")

    def mark(self, *_):
        raise self.error

    def hand_back(self, *_, **__):
        raise self.error


def test_without_redis_leases_run_out_by_themselves():
    """Nothing is raised: the worker lives on, and the pages come back in time."""
    court = Court(Away)
    court.push(1)
    court.take()
    court.inquest.hold(court.held(in_hand=0), SEGFAULT)
    assert court.store.ledger().queues[0].running == 1


def test_a_fault_that_stays_is_raised():
    """A key of a wrong type is not waited out."""
    court = Court(Away)
    court.store.error = ResponseError("WRONGTYPE")
    with pytest.raises(ResponseError):
        court.inquest.hand_back()


def test_statuses_are_what_the_system_says():
    """The numbers of this file are wait statuses."""
    assert os.WTERMSIG(SEGFAULT) == signal.SIGSEGV
    assert os.WEXITSTATUS(EXIT_MEMORY << 8) == EXIT_MEMORY
