"""Tables and words for people."""

import io

import pytest
from rich.text import Text

from workers.cli.render import console, counted, duration, shown, size, table


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7_500, "2 h 5 min"),
        (180_000, "2 d 2 h"),
    ],
)
def test_durations_are_said_as_people_do(seconds, words):
    """Two units at most."""
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (12_000_000, "12 MB"), (5 * 10**15, "5000.0 TB")],
)
def test_sizes_are_said_as_people_do(count, words):
    """In powers of a thousand."""
    assert size(count) == words


def test_one_thing_is_singular():
    """1 page, 2,000 pages."""
    assert (counted(1, "page"), counted(2_000, "page")) == ("1 page", "2,000 pages")


def test_a_table_shows_hostile_text_as_text():
    """Neither rich's markup nor control codes in a cell have any effect; numbers are grouped."""
    stream = io.StringIO()
    console(stream).print(table(("name", "pages"), [("[red]\x1b[2Jx\n", 1_000), (Text("plain"), None)]))
    lines = stream.getvalue().splitlines()
    assert lines[2].split() == [r"[red]\x1b[2Jx\n", "1,000"]
    assert lines[3].startswith("plain")
    assert "\x1b" not in stream.getvalue()


def test_a_pipe_is_never_folded():
    """A long cell stays on its line."""
    stream = io.StringIO()
    console(stream).print(table(("url", "x"), [("u" * 500, 1)]))
    assert "u" * 500 in stream.getvalue()


def test_nothing_is_a_dash():
    """None is told from 0."""
    assert (shown(None), shown(0)) == ("\u2013", "0")
