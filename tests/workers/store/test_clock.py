"""Redis's clock, as the scripts read it."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies

from workers.scripts import Script

CLOCK = Script("clock").text
EVERY_TIME = CLOCK + "local told = {} for i, ms in ipairs(ARGV) do told[i] = iso_time(tonumber(ms)) end return told"
MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime.fromtimestamp(0, UTC)

pytestmark = pytest.mark.parametrize("make_bench", ["fakeredis", "valkey", "redis-7.0"], indirect=True)


def in_lua(bench, times):
    """Each time as the script writes it."""
    return [told.decode() for told in bench.mill.client.eval(EVERY_TIME, 0, *(time // MILLISECOND for time in times))]


def in_python(times):
    return [(EPOCH + time).isoformat(timespec="milliseconds").replace("+00:00", "Z") for time in times]


def test_dates_are_those_of_the_calendar_over_eight_centuries(bench):
    """The last and the first millisecond around each month's begin, leap days and turns of centuries among them."""
    months = [datetime(year, month, 1, tzinfo=UTC) - EPOCH for year in range(1971, 2771) for month in range(1, 13)]
    times = [time for month in months for time in (month - MILLISECOND, month)]
    assert in_lua(bench, times) == in_python(times)


def test_times_of_day_are_exact_to_the_millisecond(bench):
    """Any millisecond up to the year 9999."""
    last = datetime.max.replace(tzinfo=UTC) - EPOCH

    @given(strategies.lists(strategies.timedeltas(timedelta(0), last), min_size=1, max_size=100))
    def law(times):
        times = [time // MILLISECOND * MILLISECOND for time in times]
        assert in_lua(bench, times) == in_python(times)

    law()


def test_now_is_the_servers_time(bench):
    """The script's milliseconds and its text tell the same moment, which is the server's."""
    before = time.time_ns() // 1_000_000
    milliseconds, told = bench.mill.client.eval(CLOCK + "return {string.format('%d', NOW), NOW_ISO}", 0)
    assert in_python([int(milliseconds) * MILLISECOND]) == [told.decode()]
    assert abs(int(milliseconds) - before) < 60_000
