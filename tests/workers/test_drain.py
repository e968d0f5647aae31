"""What a horse does in its claim, on the MemoryStore."""

import signal
import threading
from datetime import UTC, datetime

import pytest
import zstandard
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

import workers.drain
import workers.milling
from workers.drain import Drain
from workers.horses.hand import Hand
from workers.memory.store import MemoryStore
from workers.settings import Settings
from workers.store.contract import OutputFull

QUEUES = ("high", "default")
ME = "me"


@pytest.fixture(autouse=True)
def _no_limit_left():
    """A drain bounds the processor time of its process, page by page: nothing of it is left, or this one would end."""
    yield
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)


class Horse:
    """A drain on a store, with pages to give it."""

    def __init__(self, store_class=MemoryStore, **settings):
        self.settings = Settings(**{"page_seconds": 3600, "claim_seconds": 60, **settings})
        self.store = store_class(self.settings, lambda: datetime.now(UTC))
        self.store.open(QUEUES)
        self.hand = Hand(QUEUES)
        self.drain = Drain(self.store, self.settings, consumer=ME, queues=QUEUES, hand=self.hand)
        self._pushed = 0

    def push(self, count=1, *, queue="default", **fields):
        """Push pages unlike all others."""
        for _ in range(count):
            self._pushed += 1
            page = {"url": f"https://mill.example/{self._pushed}", "body": body(self._pushed), **fields}
            self.store.push(queue, {name.encode(): _bytes(value) for name, value in page.items()})

    def run(self, most=64, *, linger=False):
        """One claim on what is there; answers the outcomes."""
        return self.drain.run(self.store.take(ME, QUEUES, most), linger=linger)

    def again(self):
        """A fresh drain, as the next claim's horse has."""
        self.drain = Drain(self.store, self.settings, consumer=ME, queues=QUEUES, hand=self.hand)
        return self


def body(number, told=""):
    return f"<h1>Story {number}</h1><p>" + " ".join(f"Wheel {i * number} of {number}{told}." for i in range(9)) + "</p>"


def _bytes(value):
    return value if isinstance(value, bytes) else value.encode()


def test_a_claim_drains_its_queues():
    """Batch after batch until nothing is left; nothing is held at the end."""
    horse = Horse(batch_pages=4)
    horse.push(11)
    assert horse.run(most=4) == {"published": 11}
    assert (horse.hand.look().pages, horse.hand.look().settled) == ((), 11)


def test_urgent_pages_come_after_the_batch_in_hand():
    """With every batch the first queue is looked at first."""
    horse = Horse(batch_pages=2)
    horse.push(4)
    first = horse.store.take(ME, QUEUES, 2)
    horse.push(queue="high")
    horse.drain.run(first, linger=False)
    assert [fields[b"url"][-1:] for fields in horse.store.settled] == [b"1", b"2", b"5", b"3", b"4"]


def test_a_claim_ends_after_its_pages():
    """The rest is for the next one; nothing of it is taken."""
    horse = Horse(claim_pages=6, batch_pages=2)
    horse.push(20)
    assert horse.run(most=2) == {"published": 6}
    default = horse.store.ledger().queues[0]
    assert (default.waiting, default.running) == (14, 0)


def test_a_claim_lingers_for_its_time_alone():
    """Pages that come while it waits are milled by it; one that does not linger ends at once."""
    horse = Horse(claim_seconds=3)
    horse.push()
    late = threading.Timer(0.3, horse.push)
    late.start()
    assert horse.run(linger=True) == {"published": 2}
    late.join()


def test_the_same_bytes_are_not_parsed_again():
    """Recognised before the pipeline is asked, and settled as a duplicate of the record."""
    horse = Horse()
    horse.push(url="https://mill.example/a", body=body(1))
    horse.run()
    horse.push(url="https://mill.example/a", body=body(1))
    assert horse.again().run() == {"duplicate": 1}


def test_bytes_of_an_older_version_are_processed_after_all():
    """They are remembered, but the article has moved on: the commit says stale, and the page becomes version 3."""
    horse = Horse()
    for told in ("", " anew", ""):
        horse.push(url="https://mill.example/a", body=body(1, told))
        outcomes = horse.again().run()
    assert outcomes == {"stale": 1, "updated": 1}
    assert horse.store.ledger().outcomes["default"] == {"published": 1, "updated": 2}
    assert horse.store.ledger().queues[0].running == 0


def test_a_page_that_others_settled_meanwhile_is_gone():
    """The lease ran out, another worker was quicker: this result is dropped, and counted nowhere."""
    horse = Horse()
    horse.push(3)
    pages = horse.store.take(ME, QUEUES, 64)
    horse.store.hand_back(ME, QUEUES)
    other = Drain(horse.store, horse.settings, consumer="other", queues=QUEUES, hand=Hand(QUEUES))
    assert other.run(horse.store.adopt("other", QUEUES, 64), linger=False) == {"published": 3}
    assert horse.drain.run(pages, linger=False) == {"gone": 3}
    assert horse.store.ledger().records == 3


def test_a_page_that_met_too_many_deaths_is_lost():
    """Alone, again and again, and nobody knows of what: a dead letter, without another try."""
    horse = Horse(lonely_deaths=2)
    horse.push()
    (page,) = horse.store.take(ME, QUEUES, 1)
    horse.store.mark(ME, page.queue, page.entry, "suspect")
    for trial in (1, 2, 3):
        horse.store.hand_back(ME, QUEUES)
        (page,) = horse.store.adopt(ME, QUEUES, 1)
        assert page.lonely == trial
    assert horse.drain.run([page], linger=False) == {"dead": 1}
    (letter,) = horse.store.dead_letters()
    assert (letter.reason, letter.detail) == ("lost", "tried alone, it met 2 deaths that nobody can explain")


def test_what_came_back_is_taken_up_under_a_backlog(monkeypatch):
    """Pages that another handed back, or that are to be tried alone, do not wait for the claim's end."""
    monkeypatch.setattr(workers.drain, "LOOK_FOR_ORPHANS", 0)
    horse = Horse(batch_pages=2)
    horse.push(3)
    for page in horse.store.take("other", QUEUES, 3)[:2]:
        horse.store.mark("other", page.queue, page.entry, "suspect")
    horse.push(10)
    pages = horse.store.take(ME, QUEUES, 2)
    horse.store.hand_back("other", QUEUES)
    records = horse.drain.run(pages, linger=False)
    assert records == {"published": 13}
    order = [fields[b"url"].decode().rpartition("/")[2] for fields in horse.store.settled]
    assert order[:5] == ["4", "5", "1", "2", "3"]


def test_a_page_that_raises_is_left_for_a_trial_alone(monkeypatch):
    """It has a strike, the claim ends with its batch, and only when it raises again, alone, it is dead."""
    real = workers.milling.read_page

    def read_page(page, *arguments):
        if page.url.endswith("/2"):
            raise ValueError
        return real(page, *arguments)

    monkeypatch.setattr(workers.milling, "read_page", read_page)
    horse = Horse(batch_pages=2, strikes=2)
    horse.push(6)
    assert horse.run(most=2) == {"published": 1}
    horse.store.hand_back(ME, QUEUES)
    (page,) = horse.store.adopt(ME, QUEUES, 64)
    assert (page.strikes, page.lonely) == (1, 1)
    assert horse.again().drain.run([page], linger=False) == {"dead": 1, "published": 4}
    (letter,) = horse.store.dead_letters()
    assert (letter.url[-2:], letter.reason) == ("/2", "raised")


def test_a_bomb_does_not_gather_with_others():
    """Bodies that are small on the wire are milled in portions that stay within a batch's bytes when they are open."""

    class Recalling(MemoryStore):
        portions = ()

        def recall(self, bytes_keys):
            self.portions = (*self.portions, len(bytes_keys))
            return super().recall(bytes_keys)

    horse = Horse(Recalling, batch_bytes=1_000_000)
    large = zstandard.ZstdCompressor().compress(b"<p>" + b"a " * 300_000)
    horse.push(7, body=large, content_encoding="zstd")
    horse.run()
    assert horse.store.portions == (2, 2, 2, 1)


def test_batches_shrink_where_pages_are_large():
    """The next take asks for no more pages than fit into a batch's bytes."""

    class Taking(MemoryStore):
        asked = ()

        def take(self, consumer, queues, most, *, wait=0):
            self.asked = (*self.asked, most)
            return super().take(consumer, queues, most, wait=wait)

    horse = Horse(Taking, batch_bytes=100_000, batch_pages=64)
    horse.push(6, body="<p>" + "word " * 6_000)
    horse.run(most=1)
    assert horse.store.asked[1] == 3
    assert horse.store.ledger().queues[0].waiting == 0


class Stopping(MemoryStore):
    """Stops the drain at a moment that the test chooses, as a signal handler does."""

    drain = None
    at = ""

    def recall(self, bytes_keys):
        self._stop("recall")
        return super().recall(bytes_keys)

    def take(self, consumer, queues, most, *, wait=0):
        if wait:
            self._stop("wait")
        return super().take(consumer, queues, most, wait=wait)

    def adopt(self, consumer, queues, most):
        found = super().adopt(consumer, queues, most)
        self._stop("adopt")
        return found

    def commit(self, settlements):
        settled = super().commit(settlements)
        self._stop("commit")
        return settled

    def _stop(self, moment):
        if self.at == moment and self.drain:
            self.drain.stop()


@pytest.mark.parametrize(("moment", "settled"), [("recall", 0), ("commit", 4), ("wait", 4), ("adopt", 4)])
def test_a_stop_at_any_moment_loses_no_page(moment, settled):
    """What is not settled is handed back, and then published by the next horse; a stop while it waits ends the wait."""
    horse = Horse(Stopping, claim_seconds=3600, batch_pages=4)
    horse.push(4)
    horse.store.drain, horse.store.at = horse.drain, moment
    outcomes = horse.run(most=4, linger=True)
    assert outcomes.total() == settled
    horse.store.hand_back(ME, QUEUES)
    horse.store.at = ""
    horse.push(2)
    rest = horse.again().drain.run(horse.store.adopt(ME, QUEUES, 9) or horse.store.take(ME, QUEUES, 9), linger=False)
    assert outcomes.total() + rest.total() == 6


def test_a_stop_settles_what_is_finished():
    """Of a batch the pages before the stop are committed, and the others are not begun."""
    horse = Horse()
    horse.push(5)
    pages = horse.store.take(ME, QUEUES, 64)
    real = horse.hand.work_on

    def work_on(i):
        real(i)
        if horse.drain._finished and len(horse.drain._finished) == 2:
            horse.drain.stop()

    horse.hand.work_on = work_on
    assert horse.drain.run(pages) == {"published": 3}
    assert horse.hand.look().page is None
    assert horse.store.ledger().queues[0].running == 2


def test_a_stopped_trial_stays_in_the_hand():
    """A page that is tried alone and was not begun is there for the worker to see, who takes its trial back."""
    horse = Horse(Stopping)
    horse.push()
    (page,) = horse.store.take(ME, QUEUES, 1)
    horse.store.mark(ME, page.queue, page.entry, "suspect")
    horse.store.hand_back(ME, QUEUES)
    horse.store.drain, horse.store.at = horse.drain, "adopt"
    horse.drain.run(horse.store.adopt(ME, QUEUES, 1))
    assert horse.hand.look().pages == ((page.queue, page.entry),)


class Away(MemoryStore):
    """Redis away for a while at each commit, before or after it has done its work."""

    faults = 3
    reply_lost = False

    def commit(self, settlements):
        if self.reply_lost and settlements:
            self.reply_lost = False
            super().commit(settlements)
            raise RedisConnectionError
        if self.faults:
            self.faults -= 1
            raise RedisConnectionError
        return super().commit(settlements)


def test_a_commit_waits_for_redis():
    """The batch is committed when Redis is there again; nothing is processed twice."""
    horse = Horse(Away)
    horse.push(3)
    assert horse.run() == {"published": 3}


def test_a_commit_whose_reply_was_lost_publishes_nothing_twice():
    """It is repeated, and finds the pages gone: one record each."""
    horse = Horse(Away)
    horse.store.faults, horse.store.reply_lost = 0, True
    horse.push(3)
    outcomes = horse.run()
    assert outcomes["gone"] > 0  # the first commit's; where the machine is slow that is not the only one
    assert outcomes.total() == 3
    assert horse.store.ledger().outcomes["default"] == {"published": 3}


def test_a_fault_that_stays_ends_the_claim():
    """A wrong type of a key is raised, for the exit status to tell; no page is blamed."""

    class Wrong(MemoryStore):
        def commit(self, settlements):
            raise ResponseError("WRONGTYPE")

    horse = Horse(Wrong)
    horse.push()
    with pytest.raises(ResponseError):
        horse.run()
    assert horse.hand.look().page is None


def test_a_full_output_is_waited_for():
    """Nothing is lost or done twice while a group does not read; when it has read, the claim goes on."""
    horse = Horse(records_limit=2, batch_pages=2, claim_seconds=3600)
    horse.store.output.add_group("slow")
    horse.push(6)

    def read():
        while horse.store.ledger().outcomes["default"].get("published", 0) < 6:
            done.wait(0.01)
            horse.store.output.acknowledge("slow", [entry for entry, _ in horse.store.output.read("slow", 10)])

    done = threading.Event()
    reader = threading.Thread(target=read)
    reader.start()
    assert horse.run(most=2) == {"published": 6}
    reader.join()


def test_a_stop_ends_the_wait_for_a_full_output():
    """Stopped at its first refusal: the page is not settled, and it is not in hand."""

    class Full(Stopping):
        def commit(self, settlements):
            try:
                return super().commit(settlements)
            except OutputFull:
                self.drain.stop()
                raise

    horse = Horse(Full, records_limit=1, batch_pages=1)
    horse.store.drain = horse.drain
    horse.store.output.add_group("slow")
    horse.push(2)
    assert horse.run(most=1) == {"published": 1}
    assert horse.hand.look().page is None
    assert horse.store.ledger().queues[0].running == 1
