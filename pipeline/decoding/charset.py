"""Bytes to text, whatever charset the page is really in."""

import codecs
import re

import msgspec
from charset_normalizer import from_bytes

from pipeline.decoding.encoding_labels import (
    CYRILLIC,
    LATIN,
    LATIN_OF,
    MULTIBYTE,
    NAMES,
    RARE,
    UNICODE,
    WESTERN,
    codec_of,
    encoding_name,
)
from pipeline.language import detect_language

_PRESCAN = 4096  # bytes; the HTML Standard asks for 1,024, pages put it later
_SAMPLE = 65_536
_META = re.compile(rb"<meta[^>]{0,512}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,256}?encoding\s{0,8}=\s{0,8}[\"']([a-zA-Z0-9_:.-]{1,40})")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le", "utf_32_le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32be", "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf-16le", "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf-16be", "utf_16_be"),
)
_THREE_BYTES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{4,}")
_C1 = re.compile(rb"[\x80-\x9f]")
_HIGH = bytes(range(128, 256))
_ISO_2022_JP = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
_CAPITALS = re.compile("[\u0400-\u042f]")
_SMALL = re.compile("[\u0430-\u045f]")
_MARKUP = re.compile(r"<[^<>]*>")
_REPLACED = "\ufffd"
_CANDIDATES = {codecs.lookup(codec_of(name)).name: name for name in NAMES.values() if name not in UNICODE | RARE} | {
    "cp855": "ibm855"  # no charset of the web, yet met: files of DOS
}


class Reading(msgspec.Struct, frozen=True):
    """A body as text in `encoding` (the WHATWG's name). `broken`: characters that had to be replaced."""

    text: str
    encoding: str
    broken: int = 0
    warnings: tuple[str, ...] = ()


def read(body: bytes, header: str | None) -> Reading:
    """`body` as text; `header` is the charset that HTTP declared.

    In order: byte order mark, valid UTF-8, the header, the page's own declaration (within 4,096 bytes), UTF-8 with
    few breaks, a detector on 64 KiB. A declaration that the bytes contradict is passed over, with a warning.
    """
    marked = _by_mark(body)
    if marked:
        return marked
    declared = _declared(body, header)
    reading = _as_utf8(body, declared) or _as_declared(body, declared) or _as_detected(body, declared)
    return _with_warnings(reading, declared)


def _by_mark(body: bytes) -> Reading | None:
    for mark, name, codec in _BOMS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(codec, "replace")
            broken = text.count(_REPLACED)
            return Reading(text, name, broken, ("charset: broken bytes",) if broken else ())
    wide = utf16_without_mark(body)
    return Reading(body.decode(codec_of(wide), "replace"), wide) if wide else None


def utf16_without_mark(body: bytes) -> str | None:
    """utf-16le or utf-16be where the first half KiB has many NULs, all of them at every other byte; else None."""
    start = body[:512]
    odd, even = start[1::2].count(0), start[::2].count(0)
    if (odd + even) * 16 < len(start) or (odd and even):
        return None
    return "utf-16le" if odd else "utf-16be" if even else None


def _declared(body: bytes, header: str | None) -> list[str]:
    """The encodings that header, meta and XML declaration name, without repeats."""
    start = body[:_PRESCAN]
    labels = [header] if header else []
    labels += [match[1].decode("ascii") for match in (_META.search(start), _XML.match(start.lstrip())) if match]
    names = (encoding_name(label) for label in labels)
    # a declaration that was read byte by byte cannot be in UTF-16 (HTML Standard, prescan)
    return list(dict.fromkeys(name if not name.startswith("utf-16") else "utf-8" for name in names if name))


def _as_utf8(body: bytes, declared: list[str]) -> Reading | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if text.isascii():
        japanese = b"\x1b" in body and any(escape in body for escape in _ISO_2022_JP)
        return _reading(body, "iso-2022-jp") if japanese else Reading(text, "utf-8")
    if declared and declared[0] in MULTIBYTE and not _THREE_BYTES.search(body):
        return None
    return Reading(text, "utf-8")


def _as_declared(body: bytes, declared: list[str]) -> Reading | None:
    for name in [*declared, *(["utf-8"] if "utf-8" not in declared else [])]:
        reading = _reading(body, name)
        if _is_likely(reading, body):
            return reading
    return None


def _is_likely(reading: Reading, body: bytes) -> bool:
    """Whether few characters are broken, and the rest is no nonsense.

    Nonsense: accented letters that come in runs (Chinese read as Latin-1), and Russian that is mostly capitals
    (KOI8-R and windows-1251 have them in each other's places).
    """
    high = len(body) - len(body.translate(None, _HIGH))
    if reading.broken > 1 + high // (20 if reading.encoding == "utf-8" else 50):
        return False
    if reading.encoding == "utf-8":
        return high > reading.broken  # some of it is valid, which is no accident
    if reading.encoding in CYRILLIC:
        sample = reading.text[:_SAMPLE]
        return len(_CAPITALS.findall(sample)) <= len(_SMALL.findall(sample))
    if reading.encoding not in LATIN:
        return True
    in_runs = sum(map(len, _HIGH_RUN.findall(body)))
    return in_runs < max(16, high // 2)


def _as_detected(body: bytes, declared: list[str]) -> Reading:
    guess = from_bytes(body[:_SAMPLE], cp_isolation=sorted(_CANDIDATES)).best()
    if guess is not None:
        reading = _reading(body, _CANDIDATES[codecs.lookup(guess.encoding).name])
        return _by_language(body, reading) if reading.encoding in LATIN else reading
    readings = [_reading(body, name) for name in [*declared, "utf-8", "windows-1252"]]
    return min(readings, key=lambda reading: reading.broken)


def _by_language(body: bytes, reading: Reading) -> Reading:
    """`reading` in the Latin charset of its language: the words tell more than the accented letters, which all fit."""
    language = detect_language(_MARKUP.sub(" ", reading.text[:_SAMPLE]))
    usual = next((family for languages, family in LATIN_OF if language in languages), WESTERN)
    if "iso-8859-2" in usual:  # the two agree but in some letters, for which windows-1250 alone uses 0x80 to 0x9f
        usual = ("windows-1250",) if _C1.search(body) else ("iso-8859-2",)
    return reading if reading.encoding in usual else _reading(body, usual[0])


def _reading(body: bytes, name: str) -> Reading:
    text = body.decode(codec_of(name), "replace")
    return Reading(text, name, text.count(_REPLACED))


def _with_warnings(reading: Reading, declared: list[str]) -> Reading:
    warnings = []
    if declared and declared[0] != reading.encoding and not reading.text.isascii():
        warnings.append(f"charset: declared {declared[0]}, is {reading.encoding}")
    if reading.broken:
        warnings.append("charset: broken bytes")
    return msgspec.structs.replace(reading, warnings=tuple(warnings))
