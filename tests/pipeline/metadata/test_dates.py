# ruff: noqa: RUF001  the scripts are the facts under test

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metadata.dates import EARLIEST, parse_date

FETCHED = datetime(2023, 12, 1, 12, 0, tzinfo=UTC)
EVENING = datetime(2023, 11, 26, 22, 13, tzinfo=UTC)
DAY = datetime(2023, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-26T22:13:00Z",
        "2023-11-26T22:13:00.000+0000",
        "2023-11-26 22:13",
        "20231126T221300Z",
        "20231126221300",
        "1701036780",
        "1701036780000",
        "2023-11-26T23:13:00+01:00[Europe/Vienna]",
        "Sun, 26 Nov 2023 23:13:00 +0100",
        "Sun Nov 26 22:13:00 +0000 2023",
        "Sun Nov 26 2023 23:13:00 GMT+0100 (CET)",
        "November 26, 2023 at 22:13 GMT +00:00",
        "26 Nov 2023 05:13 PM EST",
        "Published: 5:13 p.m. ET, Sunday, November 26th, 2023",
        "26.11.2023, 22:13 Uhr",
        "26.11.2023 klo 22.13",
        "26 novembre 2023 à 22h13",
        "2023年11月26日 22:13",
        "2023年11月26日 下午10:13",
        "2023년 11월 26일 오후 10:13",
        "ngày 26 tháng 11 năm 2023 22:13",
        "26 November 2023 22:13 (UTC)",
        "２０２３-１１-２６ ２２：１３",
    ],
)
def test_a_date_with_a_time_is_read_to_the_minute_in_utc(text):
    """ISO 8601, RFC 2822, epochs and what newspapers print name the same moment."""
    assert parse_date(text, fetched_at=FETCHED) == EVENING


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-26",
        "20231126",
        "2023-W47-7",
        "11/26/2023",
        "26/11/23",
        "26-Nov-23",
        "26 listopada 2023",
        "26 Kasım 2023",
        "26 de noviembre de 2023",
        "26 de novembre de 2023",
        "26 ноября 2023 г.",
        "26 Νοεμβρίου 2023",
        "ΝΟΕΜΒΡΙΟΥ 26, 2023",
        "٢٦ نوفمبر ٢٠٢٣",
        "26 בנובמבר 2023",
        "26 พฤศจิกายน 2566",
        "2023. november 26.",
        "2023. gada 26. novembris",
        "26 नवंबर 2023",
    ],
)
def test_a_date_without_a_time_is_midnight_utc(text):
    """Month names of many languages, digits of many scripts and the Buddhist calendar are read."""
    assert parse_date(text, fetched_at=FETCHED) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 March",
        "Sunday",
        "2023",
        "November 2023",
        "22:13",
        "31.2.2023",
        "no date",
        "99999999999",
    ],
)
def test_what_lacks_a_day_a_month_or_a_year_is_no_date(text):
    """Nothing is ever filled in from the day of the reading."""
    assert parse_date(text, fetched_at=FETCHED) is None


def test_a_relative_date_counts_from_the_fetch_and_only_from_it():
    """Without the time of the fetch, an age is no date."""
    for text in ("2 hours ago", "vor 2 Stunden", "il y a 2 heures", "hace 2 horas", "2時間前", "2 часа назад"):
        assert parse_date(text, fetched_at=FETCHED) == FETCHED - timedelta(hours=2), text
        assert parse_date(text, fetched_at=None) is None, text


def test_a_date_later_than_two_days_after_the_fetch_is_none():
    """A year misread, or an event announced, is not taken for a publication."""
    assert parse_date("2023-12-03T11:59Z", fetched_at=FETCHED) is not None
    assert parse_date("2023-12-03T12:01Z", fetched_at=FETCHED) is None
    assert parse_date("2099-12-31", fetched_at=None) is not None
    assert parse_date("2100-01-02", fetched_at=None) is None
    assert parse_date("1989-12-31", fetched_at=None) is None


def test_the_language_decides_between_day_and_month():
    """3/4 is in March for American English, with its twelve-hour clock too, and in April elsewhere."""
    march, april = datetime(2023, 3, 4, tzinfo=UTC), datetime(2023, 4, 3, tzinfo=UTC)
    assert parse_date("3/4/2023", fetched_at=FETCHED, language="en-US") == march
    assert parse_date("3/4/2023", fetched_at=FETCHED, language="en-GB") == april
    assert parse_date("3/4/2023", fetched_at=FETCHED) == april
    assert parse_date("3/4/2023 12:00 AM", fetched_at=FETCHED) == march


def test_listopad_is_october_in_croatian_and_november_in_polish():
    """A month's name that two languages share is read in the page's language."""
    assert parse_date("26. listopada 2023.", fetched_at=FETCHED, language="hr") == datetime(2023, 10, 26, tzinfo=UTC)
    assert parse_date("26 listopada 2023", fetched_at=FETCHED, language="pl") == DAY


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001  hypothesis wants naive bounds
    st.integers(-14 * 60, 14 * 60),
)
def test_every_iso_date_survives_the_round_trip(moment, minutes):
    """Any moment written in ISO 8601, in any zone, is read as that moment."""
    zoned = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_date(zoned.isoformat(), fetched_at=None) == moment


@given(st.text(max_size=300))
def test_no_text_raises(text):
    """Whatever stands in a page, the answer is a moment within bounds or None."""
    moment = parse_date(text, fetched_at=FETCHED)
    assert moment is None or EARLIEST <= moment <= FETCHED + timedelta(days=2)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2020-11-27T00:00:00+08:00", "2020-11-27T00:00:00+08:00"),
        ("26 Nov 2023, 22:13 EST", "2023-11-26T22:13:00-05:00"),
        ("2023-11-26T22:13:00Z", "2023-11-26T22:13:00+00:00"),
        ("2023-11-26 22:13", "2023-11-26T22:13:00+00:00"),
        ("2023-11-26T22:13:00+05:53:28", "2023-11-26T16:19:32+00:00"),
        ("2023-11-26T22:13:00+23:00", "2023-11-25T23:13:00+00:00"),
    ],
)
def test_a_date_keeps_the_zone_that_it_is_written_in(text, written):
    """Its day stays the one that readers see; a zone that no place has, and none at all, becomes UTC."""
    assert parse_date(text, fetched_at=FETCHED).isoformat() == written
