# ruff: noqa: RUF001  the punctuation of other scripts looks like Latin's

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language import detect_language, normalise_language

GERMAN = "Der Rat der Stadt hat am Abend beschlossen, die alte Brücke über den Fluss noch in diesem Jahr zu erneuern."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "de"),
        ("The town council decided last night that the old bridge over the river will be renewed this year.", "en"),
        ("Городской совет вчера вечером решил обновить старый мост через реку ещё в этом году.", "ru"),
        ("市議会は昨夜、川に架かる古い橋を今年中に架け替えることを決めた。", "ja"),
        ("מועצת העיר החליטה אמש לחדש השנה את הגשר הישן מעל הנהר.", "he"),
        ("Bystyret vedtok i går kveld at den gamle brua over elva skal fornyes i løpet av året.", "no"),
    ],
)
def test_a_sentence_is_enough_to_know_its_language(text, language):
    """Codes are those of ISO 639-1 of today: he, not iw."""
    assert detect_language(text) == language


def test_the_text_outweighs_a_wrong_declaration():
    """Many templates declare English whatever they print."""
    assert detect_language(GERMAN * 3, hint="en") == "de"


@pytest.mark.parametrize("hint", [None, "ja"])
def test_han_characters_without_kana_are_chinese(hint):
    """Traditional characters, also with blanks between, look Japanese to a detector of single characters."""
    text = "市議會昨晚決定，今年內將更換跨越河流的舊橋，並為騎車的居民另闢一條道路，工程預計於秋季展開。"
    assert detect_language(text, hint) == "zh"
    assert detect_language(" ".join(text), hint) == "zh"
    assert detect_language("市議会は昨夜、川に架かる古い橋を今年中に架け替えることを決めた。" * 2, hint) == "ja"


def test_the_declaration_decides_where_the_text_says_nothing():
    """Numbers and a few letters have no language."""
    assert detect_language("123 456", hint="pt-BR") == "pt"
    assert detect_language("", hint="zh-Hans") == "zh"
    assert detect_language("123 456") is None


def test_control_characters_and_lone_surrogates_do_no_harm():
    """CLD2 refuses such text; it is cleaned before."""
    assert detect_language(f"\x00\ud800\ufffe {GERMAN} \x1b\U0010ffff") == "de"


@given(st.text(), st.text())
def test_no_text_raises(text, hint):
    """Whatever the text and the declaration, the answer is a code of two letters or None."""
    code = detect_language(text, hint)
    assert code is None or (len(code) == 2 and code.isascii())


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en-US", "en"),
        ("zh_Hans", "zh"),
        ("iw", "he"),
        ("nb-NO", "no"),
        ("nn", "no"),
        ("eng", "en"),
        ("English", "en"),
        (" DE ", "de"),
        ("xx", None),
        ("", None),
        (None, None),
        ("{{lang}}", None),
    ],
)
def test_tags_become_codes(tag, code):
    """BCP 47 tags, ISO 639-2 codes and English names are known; anything else is none."""
    assert normalise_language(tag) == code
