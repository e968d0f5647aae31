"""Percentiles out of a histogram."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.monitor.meters import BOUNDS, LATENCIES, quantile, read_latency, read_sites

COUNTS = st.lists(st.integers(0, 1_000), min_size=len(LATENCIES), max_size=len(LATENCIES))


@given(COUNTS, st.floats(0.01, 1.0))
def test_a_quantile_lies_in_the_bucket_that_holds_it(counts, share):
    """So many pages were at most as slow as the bucket's end, and not so many as its beginning."""
    found = quantile(counts, share)
    if not sum(counts):
        assert found is None
        return
    place = next(i for i in range(len(counts)) if sum(counts[: i + 1]) >= share * sum(counts))
    begin, end = (0.0, *BOUNDS)[place], (*BOUNDS, BOUNDS[-1])[place]
    assert min(begin, end) <= found <= max(begin, end)


@given(COUNTS)
def test_quantiles_rise(counts):
    """p50 is at most p95, and that at most p99."""
    told = [quantile(counts, share) for share in (0.5, 0.95, 0.99)]
    assert told == [None] * 3 or told == sorted(told)


def test_percentiles_are_of_what_came_since():
    """A slow hour long ago does not hide that the mill is quick now."""
    then = {LATENCIES[15]: 1_000}
    now = {LATENCIES[15]: 1_000, LATENCIES[0]: 10, "latency|ms": 5_000}
    latency = read_latency(now, then)
    assert (latency.p50, latency.count, latency.sum) == (pytest.approx(0.0025), 1_010, 5.0)
    assert [bucket.count for bucket in latency.buckets] == [10] * 15 + [1_010] * 3


@given(st.dictionaries(st.binary(max_size=9), st.binary(max_size=130)), st.integers(0, 2**31))
def test_a_hash_may_hold_anything(values, hour):
    """Whatever somebody wrote there is read without an error."""
    assert read_sites({}, values, hour=hour).known == len(values)
