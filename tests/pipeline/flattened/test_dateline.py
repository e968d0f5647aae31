from datetime import UTC, datetime

import pytest

from pipeline.flattened.dateline import read_head

LEAD = "The lower bridge of the valley was closed before dawn when the river rose by two metres, the mayor said."
NEXT = "Schools of the valley will open again on Monday, and the bridge a day later if the river falls."
HEADLINE = "Lower bridge closed as river rises"
FETCHED = datetime(2024, 6, 1, tzinfo=UTC)


def head(*above, below=()):
    lines = [*above, LEAD, NEXT, *below]
    chosen = [line in (LEAD, NEXT) for line in lines]
    return read_head(lines, chosen, fetched_at=FETCHED)


def test_the_headline_is_the_line_above_whose_words_come_again():
    """Menus, sections and teasers of other articles do not speak of what the article says."""
    found = head("Home", "Bakery wins prize for rye bread in the capital", "Politics", HEADLINE, "3 May 2024")
    assert found.title == HEADLINE


@pytest.mark.parametrize("duration", ["04:12", "1:02:33", " [04:12]", "(12:07)"])
def test_a_duration_glued_to_a_headline_is_no_part_of_it(duration):
    """Players print a video's length without a blank after its title."""
    found = head("Home", HEADLINE + duration, "Watch")
    assert found.title == HEADLINE
    assert found.titles == {1}


def test_a_clock_time_that_a_headline_names_stays():
    """Only what is glued on is a duration."""
    assert head("Home", "Bridge closed since 04:12").title == "Bridge closed since 04:12"


def test_a_page_of_menus_has_no_headline():
    """No title is better than a wrong one."""
    assert head("Home", "Politics", "Log in").title is None


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("November 26, 2023 at 22:13 GMT +00:00 · Published", datetime(2023, 11, 26, 22, 13, tzinfo=UTC)),
        ("2023-11-26T22:13:00+02:00", datetime(2023, 11, 26, 20, 13, tzinfo=UTC)),
        ("Sun, 26 Nov 2023 22:13:00 GMT", datetime(2023, 11, 26, 22, 13, tzinfo=UTC)),
        ("26.11.2023, 22:13 Uhr", datetime(2023, 11, 26, 22, 13, tzinfo=UTC)),
        ("Published 26 Nov 2023 10:13 PM EST", datetime(2023, 11, 27, 3, 13, tzinfo=UTC)),
        ("2023年11月26日 22:13", datetime(2023, 11, 26, 22, 13, tzinfo=UTC)),
    ],
)
def test_a_dateline_gives_the_moment_in_utc(line, moment):
    """Datelines under a headline are read in the shapes that pages print."""
    assert head("Home", HEADLINE, line).published_at == moment


def test_the_line_that_says_published_is_believed():
    """A page may print today's date, the change and the publication: the publication counts."""
    found = head("Saturday, 1 June 2024", HEADLINE, "Updated 4 May 2024", "Published 3 May 2024")
    assert found.published_at == datetime(2024, 5, 3, tzinfo=UTC)


def test_a_date_below_a_repeated_headline_counts():
    """Where the body is printed twice the dateline may stand above the second."""
    found = head(HEADLINE, below=(HEADLINE, "Lowtown", "3 May 2024 · Published"))
    assert found.published_at == datetime(2024, 5, 3, tzinfo=UTC)


def test_a_copyright_year_is_no_date():
    """The foot of a page says nothing of its article."""
    assert head(HEADLINE, below=("© 3 May 2024 The Valley Paper",)).published_at is None
