"""Faults of Redis that pass are waited out; others are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import BusyLoadingError, ConnectionError, ReadOnlyError, ResponseError, TimeoutError  # noqa: A004

from workers.patience import LONGEST_PAUSE, patiently

PASSING = (
    ConnectionError(),
    TimeoutError(),
    BusyLoadingError(),
    ReadOnlyError(),
    ResponseError("OOM command not allowed"),
)


def failing(*errors):
    """A call that fails with each of these, then answers."""
    left = list(errors)

    def call():
        if left:
            raise left.pop(0)
        return "answer"

    return call


@given(errors=st.lists(st.sampled_from(PASSING), max_size=40))
def test_the_answer_comes_after_any_faults_that_pass(errors):
    """As many pauses as faults, none longer than the longest, and then the answer."""
    pauses = []
    assert patiently(failing(*errors), pause=pauses.append) == "answer"
    assert len(pauses) == len(errors)
    assert all(0 < pause <= LONGEST_PAUSE for pause in pauses)


def test_pauses_grow():
    """The first pauses are short and the last are long."""
    pauses = []
    patiently(failing(*[ConnectionError()] * 12), pause=pauses.append)
    assert pauses[0] < 0.2
    assert pauses[-1] > LONGEST_PAUSE / 2 - 0.01


@pytest.mark.parametrize("error", [ResponseError("WRONGTYPE key"), ResponseError("ERR unknown"), ValueError("ours")])
def test_a_fault_that_does_not_pass_is_raised_at_once(error):
    """A wrong type will be wrong for ever, and our bugs are no weather."""
    pauses = []
    with pytest.raises(type(error), match=str(error)):
        patiently(failing(error), pause=pauses.append)
    assert pauses == []


def test_a_pause_may_give_up():
    """What the pause raises ends the wait: a warm stop does."""

    def pause(_seconds):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        patiently(failing(ConnectionError()), pause=pause)
