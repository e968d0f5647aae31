"""The quality alarm: sure of what changed, deaf to noise."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workers.monitor.quality import LEAST_PAST, LEAST_RECENT, LEAST_RISE, SCORE, quality_alarms, said, score_of
from workers.monitor.snapshot import Quality, Site

FULL = Quality(pages=1_000, drafts=1_000)
counts = st.tuples(st.integers(1, 2_000), st.floats(0, 1)).map(lambda told: (round(told[0] * told[1]), told[0]))


def quality(bad, of, measure="without_date"):
    """A window in which so many of so many pages are bad."""
    if measure in {"rejected", "dead"}:
        return Quality(pages=of, drafts=of - bad, **{measure: bad})
    return Quality(pages=of, drafts=of, **{measure: bad})


def alarms(recent, past, measure="without_date"):
    """The alarms of one source, each window as (bad, of)."""
    return quality_alarms([Site(name="feed", recent=quality(*recent, measure), past=quality(*past, measure))])


@pytest.mark.parametrize("measure", ["rejected", "dead", "without_title", "without_date", "without_authors"])
def test_a_template_that_changed_raises_an_alarm(measure):
    """From 4 of 100 pages to 60 of 100: each measure tells its own."""
    (alarm,) = alarms((60, 100), (40, 1_000), measure)
    assert (alarm.name, alarm.measure, alarm.recent, alarm.past, alarm.pages) == ("feed", measure, 0.6, 0.04, 100)
    assert said(alarm).startswith("60% of 100 pages ")
    assert said(alarm).endswith(", 4% before")


@given(st.integers(LEAST_RECENT, 10_000), st.integers(LEAST_PAST, 10_000), st.floats(0, 0.1))
def test_a_field_that_is_gone_is_always_seen(of, past_of, share):
    """However few pages are enough: when all lack what at most a tenth lacked, it is an alarm."""
    assert alarms((of, of), (int(past_of * share), past_of))


@given(counts, counts)
def test_an_alarm_says_what_it_saw(recent, past):
    """None without enough pages, and none without a rise that matters and is no accident."""
    for alarm in alarms(recent, past):
        assert (recent[1] >= LEAST_RECENT, past[1] >= LEAST_PAST) == (True, True)
        assert alarm.recent - alarm.past >= LEAST_RISE
        assert alarm.score >= SCORE


@given(counts, counts)
def test_what_got_better_is_no_alarm(recent, past):
    """A share that fell, or stayed, is none."""
    assume(recent[0] / recent[1] <= past[0] / past[1])
    assert not alarms(recent, past)


@given(counts, counts)
def test_one_more_bad_page_never_calms(recent, past):
    """The score rises with the recent bad pages."""
    bad, of = recent
    assume(bad < of)
    assert score_of(bad, of, *past) <= score_of(bad + 1, of, *past) + 1e-9


@given(counts, counts, st.integers(2, 9))
def test_more_of_the_same_is_more_sure(recent, past, times):
    """The same shares over more pages score further from zero."""
    once = score_of(*recent, *past)
    more = score_of(*(times * number for number in (*recent, *past)))
    assert abs(more) >= abs(once) - 1e-6


def test_steady_sources_raise_no_alarm():
    """20,000 sources with shares of their own and 20 to 400 recent pages, all by chance: not one."""
    dice = random.Random(4)

    def window(share, of):
        return quality(sum(dice.random() < share for _ in range(of)), of)

    sites = []
    for i in range(20_000):
        share, of = dice.random() ** 2, dice.choice((20, 40, 60, 100))
        sites.append(Site(name=str(i), recent=window(share, of), past=window(share, 2 * of + 50)))
    assert not quality_alarms(sites)


def test_repetitions_that_were_not_parsed_count_on_neither_side():
    """A feed that sends old pages again has no worse template."""
    recent = Quality(pages=10_000, drafts=30, rejected=1)
    assert not quality_alarms([Site(name="feed", recent=recent, past=FULL)])


def test_a_rise_in_rejects_names_the_reason_that_leads():
    """What most of the rejected pages were rejected for, beside the share."""
    recent = Quality(pages=100, drafts=20, rejected=80, reasons={"empty": 70, "too_short": 10})
    (alarm,) = quality_alarms([Site(name="feed", recent=recent, past=FULL)])
    assert alarm.reason == "empty"
    assert said(alarm) == "80% of 100 pages are rejected (empty), 0% before"


def test_the_surest_alarm_comes_first():
    """Sorted by score, so that a page or a pager shows the worst."""
    worse = Site(name="worse", recent=quality(90, 100), past=FULL)
    bad = Site(name="bad", recent=quality(40, 100), past=FULL)
    assert [alarm.name for alarm in quality_alarms([bad, worse])] == ["worse", "bad"]
