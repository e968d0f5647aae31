"""What a horse has in hand, as its worker sees it."""

import itertools
import multiprocessing

from hypothesis import given
from hypothesis import strategies as st

from workers.horses.hand import MOST_PAGES, Hand

QUEUES = ("high", "low")

number = st.integers(min_value=0, max_value=2**64 - 1)
entry = st.builds("{}-{}".format, number, number)
batch = st.lists(st.tuples(st.sampled_from(QUEUES), entry), max_size=80)


@given(batches=st.lists(batch, min_size=1, max_size=4), data=st.data())
def test_the_worker_sees_what_the_horse_holds(batches, data):
    """After any sequence of batches a look shows the last one, and the page in hand, whatever its entry id."""
    hand = Hand(QUEUES)
    for pages in batches:
        hand.hold(pages)
        assert hand.look().pages == tuple(pages)
        assert hand.look().page is None
    if pages:
        i = data.draw(st.integers(min_value=0, max_value=len(pages) - 1))
        hand.work_on(i)
        assert hand.look().page == pages[i]
        hand.beat()
    assert hand.look().page is None


def test_a_fresh_hand_is_empty():
    """Nothing is held before the first batch, nor after a claim is cleared."""
    hand = Hand(QUEUES)
    assert (hand.look().pages, hand.look().page, hand.look().settled) == ((), None, 0)
    hand.hold([("low", "1-0")])
    hand.settled(3)
    hand.clear()
    assert (hand.look().pages, hand.look().page, hand.look().settled) == ((), None, 0)


def test_each_step_moves_the_beat():
    """Holding, working and beating each tell the worker that something moves."""
    hand = Hand(QUEUES)
    beats = [hand.look().beat]
    for step in (lambda: hand.hold([("low", "1-0")]), lambda: hand.work_on(0), hand.beat, lambda: hand.settled(1)):
        step()
        beats.append(hand.look().beat)
    assert beats == sorted(beats)
    assert len(set(beats)) == len(beats)


def test_what_was_settled_adds_up():
    """Pages settled since the claim began are summed."""
    hand = Hand(QUEUES)
    for count in (2, 5):
        hand.settled(count)
    assert hand.look().settled == 7


def test_a_batch_beyond_the_mapping_is_cut():
    """More pages than fit are not written over its end: the first ones are held."""
    hand = Hand(QUEUES)
    pages = [("low", f"{i}-0") for i in range(MOST_PAGES + 5)]
    hand.hold(pages)
    assert hand.look().pages == tuple(pages[:MOST_PAGES])


def test_a_horse_that_died_between_two_writes_held_nothing():
    """An odd turn that never ends is a horse that died while it wrote: no page was in hand."""
    hand = Hand(QUEUES)
    hand.hold([("low", "1-0")])
    hand._turn += 1
    hand._write_head(0)
    seen = hand.look()
    assert (seen.pages, seen.page) == ((), None)


def _work(hand):
    for turn in itertools.count():
        hand.hold([(QUEUES[turn % 2], f"{turn}-{i}") for i in range(1 + turn % 7)])
        for i in range(1 + turn % 7):
            hand.work_on(i)


def _turn(held):
    """The one batch that a look is of; all of it."""
    (turn,) = {int(page.partition("-")[0]) for _, page in held.pages}
    assert len(held.pages) == 1 + turn % 7
    assert held.page is None or held.page in held.pages
    return turn


def test_a_look_never_mixes_two_batches():
    """While another process writes batch after batch, each look is of one batch; when it is killed, of its last."""
    hand = Hand(QUEUES)
    horse = multiprocessing.get_context("fork").Process(target=_work, args=(hand,))
    horse.start()
    turns = set()
    while len(turns) < 100:
        held = hand.look()
        if held.pages:
            turns.add(_turn(held))
    horse.kill()
    horse.join()
    last = hand.look()
    assert not last.pages or _turn(last) >= max(turns)
