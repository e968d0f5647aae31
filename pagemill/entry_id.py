"""The ids of a Redis Stream's entries, `MILLISECONDS-NUMBER`: when each was added, by the clock of Redis.

Whoever adds an entry may choose its id, so the time may be none of any calendar.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds_of(entry: str | bytes) -> int:
    """Since 1970."""
    text = entry if isinstance(entry, str) else entry.decode("ascii")
    return int(text.partition("-")[0])


def time_of(entry: str | bytes) -> datetime | None:
    """The same as a time in UTC; None beyond the year 9999."""
    try:
        return _EPOCH + milliseconds_of(entry) * _MILLISECOND
    except OverflowError:
        return None


def milliseconds_at(moment: datetime) -> int:
    """What ids of entries that are added at `moment` begin with; 0 before 1970."""
    return max(0, (moment - _EPOCH) // _MILLISECOND)
