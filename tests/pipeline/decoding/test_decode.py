# ruff: noqa: RUF001  texts in their own scripts
import codecs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pagemill import RawPage, RejectReason
from pipeline.decoding.charset import read
from pipeline.decoding.decode import Decoded, decode
from pipeline.decoding.encoding_labels import NAMES, codec_of, encoding_name
from pipeline.result import Rejected

RUSSIAN = "Мельница мелет зерно каждый день, и мука её славится по всей округе. Хозяин встаёт до рассвета. " * 4
JAPANESE = "水車小屋は毎日穀物を挽いています。村の人々は新しい小麦粉を買いに来ます。主人は夜明け前に起きます。" * 4
CHINESE = "磨坊每天都在磨粮食，村里的人都来买新鲜的面粉。主人天不亮就起床，一直工作到晚上。" * 4
POLISH = "Młyn miele zboże każdego dnia, a mąka jest znana w całej okolicy. Młynarz wstaje przed świtem, źle śpi. " * 4
KOREAN = "방앗간은 매일 곡식을 빻고 마을 사람들은 신선한 밀가루를 사러 온다. 주인은 해가 뜨기 전에 일어난다. " * 4
GREEK = "Ο μύλος αλέθει κάθε μέρα και το αλεύρι του είναι γνωστό σε όλη την περιοχή. " * 4
FRENCH = "Le moulin a été réparé à l'été; le meunier, âgé, préfère travailler la nuit où l'air est frais. " * 4


def page(body, content_type=None, **more):
    return RawPage(url="https://mill.example/a", body=body, content_type=content_type, **more)


def html(text, declared=None):
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<!DOCTYPE html><html><head>{meta}<title>x</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8_r", "KOI8-R"),
        (JAPANESE, "cp932", "Shift_JIS"),
        (JAPANESE, "euc_jp", "EUC-JP"),
        (JAPANESE, "iso2022_jp", "ISO-2022-JP"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "big5", "Big5"),
        (KOREAN, "cp949", "euc-kr"),
        (POLISH, "iso8859_2", "ISO-8859-2"),
        (FRENCH, "cp1252", "iso-8859-1"),
    ],
)
@pytest.mark.parametrize("where", ["header", "meta"])
def test_a_declared_charset_is_read(text, codec, label, where):
    """Header and meta are both believed where the bytes bear them out, without a warning."""
    if text == CHINESE and codec == "big5":
        text = "磨坊每天都在磨糧食，村裡的人都來買新鮮的麵粉。" * 4
    body = html(text, label if where == "meta" else None).encode(codec)
    decoded = decode(page(body, f'text/html; Charset="{label}"' if where == "header" else "text/html"))
    assert isinstance(decoded, Decoded)
    assert text in decoded.text
    assert decoded.encoding == encoding_name(label)
    assert decoded.warnings == ()


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "cp949"),
        (GREEK, "iso8859_7"),
        (POLISH, "utf_8"),
        (FRENCH, "cp1252"),
    ],
)
def test_a_charset_that_nobody_declared_is_found(text, codec):
    """The detector, or the bytes' own shape, finds what no header and no meta says."""
    assert text in read(html(text).encode(codec), None).text


@pytest.mark.parametrize(
    ("text", "real", "declared"),
    [
        (POLISH, "utf_8", "iso-8859-1"),
        (RUSSIAN, "utf_8", "windows-1251"),
        (CHINESE, "utf_8", "gb2312"),
        (CHINESE, "gb18030", "utf-8"),
        (CHINESE, "gb18030", "iso-8859-1"),
        (RUSSIAN, "cp1251", "utf-8"),
        (RUSSIAN, "koi8_r", "windows-1251"),
        (RUSSIAN, "cp1251", "koi8-r"),
        (FRENCH, "cp1252", "utf-8"),
        (JAPANESE, "cp932", "euc-jp"),
    ],
)
def test_a_wrong_declaration_is_found_out(text, real, declared):
    """Bytes that contradict their declaration are read as what they are, and a warning says so."""
    decoded = decode(page(html(text, declared).encode(real), "text/html"))
    assert isinstance(decoded, Decoded)
    assert text in decoded.text
    assert decoded.warnings
    assert decoded.warnings[0].startswith(f"charset: declared {encoding_name(declared)}, is ")


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (codecs.BOM_UTF8, "utf_8"),
        (codecs.BOM_UTF16_LE, "utf_16_le"),
        (codecs.BOM_UTF16_BE, "utf_16_be"),
        (codecs.BOM_UTF32_LE, "utf_32_le"),
        (codecs.BOM_UTF32_BE, "utf_32_be"),
        (b"", "utf_16_le"),
        (b"", "utf_16_be"),
    ],
)
def test_unicode_shows_by_its_own_bytes(mark, codec):
    """A byte order mark wins over every declaration, and UTF-16 without one is known by its NULs."""
    decoded = decode(page(mark + html(RUSSIAN, "koi8-r").encode(codec), "text/html; charset=big5"))
    assert isinstance(decoded, Decoded)
    assert decoded.text == html(RUSSIAN, "koi8-r")


def test_few_broken_bytes_cost_few_characters():
    """A page with a cut character stays in its charset, with a replacement and a warning."""
    body = html(RUSSIAN).encode()
    decoded = decode(page(body[:200] + body[201:], "text/html; charset=utf-8"))
    assert isinstance(decoded, Decoded)
    assert decoded.encoding == "utf-8"
    assert 1 <= decoded.text.count("\ufffd") <= 2
    assert decoded.warnings == ("charset: broken bytes",)


@pytest.mark.parametrize("declared", [None, "utf-8"])
@pytest.mark.parametrize("word", ["miller’s", "café", "5 €"])
def test_a_single_odd_character_is_not_lost(word, declared):
    """An English page with one character beyond ASCII, in windows-1252, keeps it."""
    text = f"The {word} is here again, and all who bring their corn to the river in the morning are glad of it. "
    assert (
        text in read(html(text * 1 + "Nobody asks where the wind is from. " * 9, declared).encode("cp1252"), None).text
    )


def test_what_is_mostly_replacement_characters_is_undecodable():
    """A text that was already lost upstream gives no record."""
    refused = decode(page(("\ufffd" * 50 + "a").encode("utf-16"), "text/plain"))
    assert isinstance(refused, Rejected)
    assert refused.reason is RejectReason.UNDECODABLE


@pytest.mark.parametrize("label", ["idna", "rot13", "unicode_escape", "zip", "hex", "punycode", "utf-7", "undefined"])
def test_python_codecs_that_are_no_charsets_are_not_used(label):
    """Only the labels of the web's Encoding Standard choose a codec."""
    assert encoding_name(label) is None
    decoded = decode(page(html(FRENCH).encode(), f"text/html; charset={label}"))
    assert isinstance(decoded, Decoded)
    assert decoded.encoding == "utf-8"


def test_every_label_has_a_codec():
    """No label of the table leads to a codec that Python does not have."""
    assert all(codecs.lookup(codec_of(name)) for name in NAMES.values())


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 text", "text/html"),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"PK\x03\x04rest", "application/octet-stream"),
        (bytes(range(256)) * 4, "text/plain"),
        (b'{"a": 1}', "application/json"),
        (b'{"a": [1, 2]}', None),
        (b"a,b\n1,2\n", "text/csv"),
        (b"<?xml version='1.0'?><rss><channel></channel></rss>", "application/rss+xml"),
        (b"<?xml version='1.0'?><feed></feed>", None),
        (b"body { color: red }", "text/css"),
    ],
)
def test_what_is_no_page_is_refused(body, content_type):
    """Binary formats, JSON, feeds and style sheets are not_html, declared or not."""
    refused = decode(page(body, content_type))
    assert isinstance(refused, Rejected)
    assert refused.reason is RejectReason.NOT_HTML
    assert "\n" not in refused.detail


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        ("<html><body>x</body></html>", "text/plain", "html"),
        ("<!doctype html><p>x", "application/octet-stream", "html"),
        ("<?xml version='1.0'?><html><body>x</body></html>", "application/xml", "html"),
        ("<div><p>x</p></div>", None, "html"),
        ("Words <p>and</p> <b>some</b> <i>marks</i>", None, "html"),
        ("Just words.\n\nAnd more.", "text/html", "text"),
        ("Just words.\n\nAnd more.", None, "text"),
        ("How to write <p>a paragraph</p> <b>in</b> <i>HTML</i>", "text/plain", "text"),
        ("# Title\n\nSome *words*", "text/markdown; charset=utf-8", "text"),
        ("[Photo] words in brackets [end]", None, "text"),
    ],
)
def test_the_body_decides_what_it_is_where_the_type_is_wrong_or_missing(body, content_type, kind):
    """HTML under a wrong type is HTML, and words without a tag are flattened text."""
    decoded = decode(page(body.encode(), content_type))
    assert isinstance(decoded, Decoded)
    assert decoded.kind == kind


def test_the_type_may_come_with_the_headers():
    """Without a content_type the header of that name is read, in any case."""
    decoded = decode(page(html(RUSSIAN).encode("koi8_r"), headers={"content-TYPE": "text/html; charset=koi8-r"}))
    assert isinstance(decoded, Decoded)
    assert RUSSIAN in decoded.text


@given(
    st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=40), st.sampled_from(["text/html", "text/plain"]))
)
@example(b"\x1b$B", None)
@example(b"\xff\xfe\x00", "text/html")
@example(b"\xff\xfe\x00\xd8", "text/html")
def test_no_bytes_make_decode_raise(body, content_type):
    """Any bytes under any type are decoded without control characters, or refused."""
    decoded = decode(page(body, content_type))
    if isinstance(decoded, Decoded):
        assert not set(decoded.text) & set("\0\x01\x08\x0b\x0c\x1f\ufffe")
        decoded.text.encode("utf-8")
