import pytest

from pipeline.measure import ends_sentence, key_of, length_in_words, words_of


@pytest.mark.parametrize(
    ("line", "size"),
    [("", 0), ("four words are here", 4), ("Größe zählt nicht", 3), ("今天天气", 2.4), ("iPhone 今天", 2.2)],
)
def test_a_character_counts_less_than_a_word_where_no_blanks_part_words(line, size):
    """Lengths of lines compare across scripts."""
    assert length_in_words(line) == pytest.approx(size)


def test_words_are_folded_and_chinese_is_parted_into_characters():
    """Words compare without case, and without blanks where there are none."""
    assert words_of("Straße, STRASSE 今天") == ["strasse", "strasse", "今", "天"]
    assert key_of(" Show  More ") == key_of("show more")


def test_typographic_marks_part_words_as_plain_ones_do():
    """A curly apostrophe, a dash and an ellipsis are no letters, whatever else the line holds."""
    words = ["it", "s", "late", "snake_case", "x2"]
    assert words_of("\u201cIt\u2019s late\u201d\u2026 snake_case\u2013x2") == words
    assert words_of("\u201cIt\u2019s late\u201d\u2026 snake_case\u2013x2 é") == [*words, "é"]


@pytest.mark.parametrize(
    "line", ["It ended.", "Did it?", "“It did.”", "(So they say.)", "结束了。", "「終わった。」", "यह है।"]
)
def test_a_sentence_ends_under_its_closing_marks(line):
    """Quotation marks and brackets after the full stop do not hide it."""
    assert ends_sentence(line)


@pytest.mark.parametrize("line", ["", "Home", "Read more »", "a, b", "(see below)"])
def test_a_menu_item_ends_no_sentence(line):
    """Without a full stop there is no sentence."""
    assert not ends_sentence(line)
