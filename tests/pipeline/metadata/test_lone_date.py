"""The only date that stands alone on a page."""

import pytest

from pipeline.markup.parse import parse
from pipeline.metadata.dates import parse_date
from pipeline.metadata.lone_date import find_lone_date


def found(markup):
    parsed = parse(f"<html><body>{markup}</body></html>")
    assert parsed is not None
    moment = find_lone_date(parsed.tree, lambda text: parse_date(text, fetched_at=None))
    return moment and moment.isoformat()[:16]


@pytest.mark.parametrize("markup", ["<em> 1.11.2023 11:35 </em>", "<span>November 1, 2023, 11:35 a.m.</span>"])
def test_a_text_that_is_a_date_and_nothing_else_is_the_pages(markup):
    """No class and no headline has to name it."""
    assert found(f"<p>Press</p>{markup}<h1>The mill</h1><p>It was built in 1920.</p>") == "2023-11-01T11:35"


def test_of_several_days_none_is_taken():
    """A list of teasers says nothing of this page; the same day twice does."""
    assert found("<p>1 May 2023</p><p>2 May 2023</p>") is None
    assert found("<p>1 May 2023</p><p>1 May 2023</p>") == "2023-05-01T00:00"


@pytest.mark.parametrize("tag", ["footer", "aside", "nav", "form", "script"])
def test_what_is_around_the_page_is_passed_over(tag):
    """A calendar beside it, an imprint below it, a field to be filled in."""
    assert found(f"<{tag}>1 May 2023</{tag}><p>text</p>") is None


def test_a_date_within_a_sentence_is_no_lone_date():
    """It is what the sentence speaks of."""
    assert found("<p>The mill was opened to visitors on 1 May 2023</p>") is None
