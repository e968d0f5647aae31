"""Which dead letters: the times that a person may name."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from workers.cli.dead_choice import at, moment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("15m", NOW - timedelta(minutes=15)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-02-28", datetime(2026, 2, 28, tzinfo=UTC)),
        ("2026-02-28T12:30", datetime(2026, 2, 28, 12, 30, tzinfo=UTC)),
        ("2026-02-28T12:30Z", datetime(2026, 2, 28, 12, 30, tzinfo=UTC)),
        ("2026-02-28T12:30+02:00", datetime(2026, 2, 28, 10, 30, tzinfo=UTC)),
        ("999999999d", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_a_time_is_a_date_or_an_age(text, meant):
    """ISO 8601, in UTC where it names no offset, or so long ago; an age beyond all time is the beginning of time."""
    assert at(moment(text), NOW) == meant


@pytest.mark.parametrize("text", ["", "7", "7w", "-2h", "2 h", "2h\n", "yesterday", "2026-13-01", "9" * 5_000 + "d"])
def test_what_is_no_time_is_refused(text):
    """With an example of what is."""
    with pytest.raises(click.BadParameter, match="is no time"):
        moment(text)


def test_no_time_is_no_bound():
    """An option that was not given."""
    assert at(None, NOW) is None
