# ruff: noqa: RUF001  the scripts are the facts under test

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.metadata.authors import LONGEST, MAX_AUTHORS, clean_authors, looks_like_person


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("By Ada Moor", ("Ada Moor",)),
        ("Von Ada Moor und Bo Lind", ("Ada Moor", "Bo Lind")),
        ("Written by Ada Moor, Bo Lind and Cy Hart", ("Ada Moor", "Bo Lind", "Cy Hart")),
        ("Ada Moor & Bo Lind; Ada Moor", ("Ada Moor", "Bo Lind")),
        ("Ada Moor, Senior Reporter", ("Ada Moor",)),
        ("Ada Moor, MD, PhD", ("Ada Moor",)),
        ("Ada Moor <ada@example.org>", ("Ada Moor",)),
        ("By Ada Moor Nov 26, 2023 4 min read", ("Ada Moor",)),
        ("Ada Moor (The Valley Post)", ("Ada Moor",)),
        ("Moor, Ada", ("Ada Moor",)),
        ("Ada Ortega y Gasset", ("Ada Ortega y Gasset",)),
        ("Ada Moor et Bo Lind", ("Ada Moor", "Bo Lind")),
        ("Von Miller", ("Von Miller",)),
        ("作者：林小明", ("林小明",)),
        ("Ada&nbsp;Moor\u200b\u202e", ("Ada Moor",)),
    ],
)
def test_a_statement_becomes_names(statement, names):
    """Prefixes, roles, degrees, dates, addresses and marks go; several names are split."""
    assert clean_authors([statement]) == names


@pytest.mark.parametrize(
    "statement",
    [
        "admin",
        "Par la rédaction, publié le 5 novembre 2024",
        "https://example.org/authors/ada",
        "ada@example.org",
        "Staff Writer",
        "",
        "by",
        "12345678",
        "@ada",
        "page.author",
        "Head of News",
    ],
)
def test_what_is_no_name_gives_none(statement):
    """Place-holders, addresses and roles are nobody's name."""
    assert clean_authors([statement]) == ()


def test_the_sites_name_is_no_author():
    """The comparison ignores case, blanks and marks."""
    assert clean_authors(["The Valley-Post", "Ada Moor"], site_names=["the valley post"]) == ("Ada Moor",)


def test_a_particle_before_one_word_is_a_preposition_in_a_byline():
    """Readers see "von Ada"; metadata say "Von Miller"."""
    assert clean_authors(["von Adalind"], bylines=True) == ("Adalind",)
    assert clean_authors(["Von Miller"]) == ("Von Miller",)


def test_persons_are_told_from_phrases():
    """Two to five capitalised words, particles aside; a short word in scripts without capitals."""
    assert all(map(looks_like_person, ("Ada Moor", "Ludwig van der Meer", "林小明", "J. R. Hartley")))
    assert not any(map(looks_like_person, ("Ada", "read more", "Follow Us", "Ada Moor 3", "the old bridge", "")))


@given(st.lists(st.text(max_size=2_000), max_size=40))
def test_names_are_bounded_and_distinct(statements):
    """At most 20 names of at most 120 characters, on one line, each once."""
    names = clean_authors(statements)
    assert len(names) <= MAX_AUTHORS
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= LONGEST and "\n" not in name for name in names)
