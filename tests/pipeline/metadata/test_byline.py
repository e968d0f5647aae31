import pytest

from pipeline.metadata.byline import find_authors, is_name, read_byline


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Mara Quill", ("Mara Quill",)),
        ("By Mara Quill and Tom van der Lind", ("Mara Quill", "Tom van der Lind")),
        ("Written by: Mara Quill | 3 May 2024", ("Mara Quill",)),
        ("By Mara Quill May 3, 2024", ("Mara Quill",)),
        ("By Mara QuillPublished: May 3, 2024", ("Mara Quill",)),
        ("Posted on May 3, 2024 by Mara Quill", ("Mara Quill",)),
        ("Von Änne Müller-Groß, Jan Kolk", ("Änne Müller-Groß", "Jan Kolk")),
        ("Par Élodie d'Arc", ("Élodie d'Arc",)),
        ("Por Inés Prado y Luis Mora", ("Inés Prado", "Luis Mora")),
        ("Autor: Jan Kowal", ("Jan Kowal",)),
        ("Автор: Анна Речная", ("Анна Речная",)),
        ("作者:王小河", ("王小河",)),
    ],
)
def test_a_byline_names_its_authors(line, names):
    """Bylines in several languages give names, without dates and without what opens them."""
    assert read_byline(line) == names


@pytest.mark.parametrize(
    "line",
    [
        "By then the bridge was closed",
        "By Monday",
        "Von der Brücke aus",
        "By the River",
        "Por la noche",
        "Bylaws of the Mill",
        "By",
    ],
)
def test_a_sentence_is_no_byline(line):
    """A word that opens bylines opens sentences too."""
    assert read_byline(line) == ()


def test_a_name_alone_beside_the_date_is_the_author():
    """Under a headline a name next to the date needs no "By"."""
    lines = ["Bridge closed", "Mara Quill", "3 May 2024", "The bridge was closed."]
    assert find_authors(lines, frozenset({0}), 3) == ("Mara Quill",)
    assert find_authors(["Bridge closed", "Real Estate", "The bridge was closed."], frozenset({0}), 2) == ()


@pytest.mark.parametrize("text", ["mara quill", "Mara", "Mara 2", "A B C D E F", ""])
def test_what_is_no_name_is_none(text):
    """A name has two to five capitalised words."""
    assert not is_name(text)
