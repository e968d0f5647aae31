"""The ids of stream entries."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pagemill.entry_id import milliseconds_at, milliseconds_of, time_of

LAST = 253_402_300_799_999  # the last millisecond of the year 9999


@given(milliseconds=st.integers(0, LAST), as_bytes=st.booleans())
def test_an_entry_id_is_the_time_of_the_push(milliseconds, as_bytes):
    """The part before the dash is milliseconds since 1970, in UTC, exactly; as text or as Redis gives it."""
    entry = f"{milliseconds}-7".encode() if as_bytes else f"{milliseconds}-7"
    assert time_of(entry) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert milliseconds_of(entry) == milliseconds == milliseconds_at(time_of(entry))


@given(milliseconds=st.integers(LAST + 1, 2**64 - 1))
def test_an_id_beyond_any_calendar_has_no_time(milliseconds):
    """Whoever adds an entry may choose its id."""
    assert time_of(f"{milliseconds}-0") is None


def test_what_was_before_1970_begins_with_zero():
    """No entry is older."""
    assert milliseconds_at(datetime(1960, 1, 1, tzinfo=UTC)) == 0
