"""Bars that tell numbers."""

from hypothesis import given
from hypothesis import strategies as st

from workers.cli.sparkline import sparkline


@given(st.lists(st.none() | st.integers(0, 10**12)))
def test_each_number_is_a_character_and_a_larger_one_is_no_lower(numbers):
    """A blank for what is not known, the lowest bar for nothing and for nothing else."""
    bars = sparkline(numbers)
    assert len(bars) == len(numbers)
    known = sorted((number, bar) for number, bar in zip(numbers, bars, strict=True) if number is not None)
    assert [bar for _, bar in known] == sorted(bar for _, bar in known)
    assert all((bar == " ") == (number is None) for number, bar in zip(numbers, bars, strict=True))
    assert all((bar == "▁") == (number == 0) for number, bar in known)
