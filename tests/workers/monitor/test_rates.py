"""Rates and histories are differences of counters, whatever was noted when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.monitor.rates import Counts, Flow, Mark, Past, base, history
from workers.monitor.snapshot import Rate


def counts(at, **values):
    return Counts(at=at, values=values)


def flow(oldest_age=None):
    return Flow(pushed="pushed", settled=("settled",), oldest_age=oldest_age)


def test_a_rate_is_the_growth_over_the_time_since_it_was_noted():
    """Not over the time that was asked for: a note a minute old may be a little older."""
    past = Past(minute=counts(930.0, a=100), quarter_hour=counts(0.0, a=0))
    assert past.rate(counts(1_000.0, a=170, b=30), ["a", "b"]) == Rate(minute=100 / 70, quarter_hour=0.2)


def test_a_rate_counts_from_the_last_note_before_its_window():
    """Or from the first within it, where the mill is young, or stood for long and has just begun again."""
    old, lately, fresh = counts(0.0), counts(930.0), counts(960.0)
    assert base(lately, fresh, 60.0) is lately
    assert base(old, fresh, 60.0) is fresh
    assert base(None, fresh, 60.0) is fresh
    assert base(old, None, 60.0) is old
    assert base(None, None, 60.0) is None


def test_without_a_note_no_rate_is_known():
    """It is 0, as in a mill where nothing was done yet."""
    assert Past().rate(counts(1_000.0, a=170), ["a"]) == Rate()


def test_counters_that_went_back_are_no_negative_rate():
    """Somebody emptied Redis."""
    assert Past(minute=counts(0.0, a=9)).rate(counts(60.0, a=1), ["a"]).minute == 0


@pytest.mark.parametrize(
    ("now", "oldest_age", "rate"),
    [
        (counts(90_000.0, pushed=700, settled=100), 100.0, 6.0),
        (counts(90_000.0, pushed=700, settled=100), 3.0, 10.0),
        (counts(90_000.0, pushed=700, settled=200), 100.0, 600 / 90_000),
    ],
    ids=["since the oldest page came", "within a minute", "some were settled, so somebody noted"],
)
def test_while_no_worker_runs_the_pages_own_ages_tell_how_fast_they_are_pushed(now, oldest_age, rate):
    """The last note may be a day old: all that came since lies there, and none is older than the oldest."""
    past = Past(minute=counts(0.0, pushed=100, settled=100))
    assert past.pushed_rate(now, [flow(oldest_age)]).minute == pytest.approx(rate)


def test_a_mill_that_never_worked_has_a_rate_of_pushed_pages_too():
    """Nobody ever noted anything."""
    rate = Past().pushed_rate(counts(1e9, pushed=600), [flow(100.0)])
    assert (rate.minute, rate.quarter_hour) == (6.0, 600 / 900)


def test_a_history_is_interpolated_between_notes():
    """Marks stand on whole minutes from now, notes where a worker took them."""
    noted = [Mark(30.0, 0, 0, 0), Mark(150.0, 1_200, 600, 600)]
    found = history(noted, Mark(240.0, 1_200, 1_500, 0), step=60.0, count=4)
    assert found == [
        None,
        Mark(60.0, 300, 150, 150),
        Mark(120.0, 900, 450, 450),
        Mark(180.0, 1_200, 900, 400),
        found[-1],
    ]


@given(
    st.lists(st.tuples(st.integers(1, 4_000), st.integers(0, 50), st.integers(0, 50)), max_size=30),
    st.integers(4_001, 5_000),
)
def test_what_a_history_counts_is_what_was_counted(steps, end):
    """From its first known mark to its last, the parts add up to the difference, and none goes back."""
    noted, pushed, settled = [], 0, 0
    for at, more, done in sorted(steps):
        pushed, settled = pushed + more, settled + done
        noted.append(Mark(float(at), pushed, settled, 0))
    marks = [mark for mark in history(noted, Mark(float(end), pushed, settled, 0), step=60.0, count=60) if mark]
    for column in ("pushed", "settled"):
        numbers = [getattr(mark, column) for mark in marks]
        assert numbers == sorted(numbers)
        assert numbers[-1] == (pushed if column == "pushed" else settled)
