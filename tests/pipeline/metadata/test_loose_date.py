"""The only date that stands alone on a page, or the first that it shows."""

import pytest

from pipeline.markup.parse import parse
from pipeline.metadata.dates import parse_date
from pipeline.metadata.loose_date import find_loose_date


def found(markup):
    parsed = parse(f"<html><body>{markup}</body></html>")
    assert parsed is not None
    moment = find_loose_date(parsed.tree, lambda text: parse_date(text, fetched_at=None))
    return moment and moment.isoformat()[:16]


@pytest.mark.parametrize("markup", ["<em> 1.11.2023 11:35 </em>", "<span>November 1, 2023, 11:35 a.m.</span>"])
def test_a_text_that_is_a_date_and_nothing_else_is_the_pages(markup):
    """No class and no headline has to name it."""
    assert found(f"<p>Press</p>{markup}<h1>The mill</h1><p>It was built in 1920.</p>") == "2023-11-01T11:35"


def test_a_date_that_stands_alone_is_taken_before_one_in_a_text():
    """What a text speaks of may be another day; the same day twice is one."""
    assert found("<p>Opened on 1 May 1923</p><p>2 May 2023</p><p>2 May 2023</p>") == "2023-05-02T00:00"


def test_of_several_days_the_first_is_taken_unless_they_are_a_calendar():
    """An article's date stands above those of what follows it; more than 30 days are a list of its like."""
    days = [f"<p>{day} May 2023</p><p>{day} June 2023</p>" for day in range(1, 29)]
    assert found("".join(days[:3])) == "2023-05-01T00:00"
    assert found("".join(days)) is None


@pytest.mark.parametrize("tag", ["footer", "aside", "nav", "form"])
def test_what_is_around_the_page_is_asked_last(tag):
    """A calendar beside it, an imprint below it: only where the page itself shows no date."""
    assert found(f"<{tag}>1 May 2023</{tag}><p>text</p>") == "2023-05-01T00:00"
    assert found(f"<{tag}>1 May 2023</{tag}><p>2 May 2023</p>") == "2023-05-02T00:00"


def test_a_script_shows_nothing():
    """What a script holds is no text."""
    assert found("<script>1 May 2023</script><style>1 May 2023</style><p>text</p>") is None


def test_a_date_within_a_long_text_is_what_the_text_speaks_of():
    """A line that says when a page was made is short."""
    assert found("<p>Last edited by the editors on 1 May 2023</p>") == "2023-05-01T00:00"
    assert found("<p>The mill was opened to all of the town's many visitors on 1 May 2023</p>") is None


@pytest.mark.parametrize("text", ["2023", "Copyright 2021", "May 2023", "In 1920 the mill"])
def test_a_year_is_no_date(text):
    """A date needs its day."""
    assert found(f"<p>{text}</p>") is None
