"""The last hand on a text: Unicode in order, one kind of blank, one kind of line end."""

import re
import unicodedata

_BLANKS = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0]")
_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 and C1 controls
    "\xad\u034f\u180e\u200b\u2060-\u2064\ufeff"  # soft hyphen, joiners, zero-width blank, BOM
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidi marks and overrides
    "\ufff9-\ufffc\ufffe\uffff\ud800-\udfff"  # annotations, object marks, noncharacters, lone surrogates
    "\U000e0000-\U000e007f"  # tags: text that only a machine reads
    "]+"
)
# What is written as a control character of Latin-1 (`&#146;`) was meant in windows-1252, and browsers show it so (HTML
# Standard, 13.2.5.80): an apostrophe between letters, which would otherwise grow together.
_LATIN_CONTROL = re.compile("[\x80-\x84\x86-\x9f]")  # the other is Unicode's NEL, a line end
_SHOWN = {chr(code): bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_PRINTED = "\u034f\u2800\u3164\uffa0\ufffc"  # the blanks and the invisible that Unicode calls printable
_JOINER = re.compile("[\u200c\u200d]")
# Composing turns none of these into a character outside the class: a joiner that stays, stays.
_JOINED = re.compile("[\u0600-\u0eff\u1000-\u109f\u1200-\u1cff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")
_MOST_JOINERS = 300_000  # more than megabytes of Persian hold; each is looked at, in 3 microseconds
_MARKS = 30
_LONG_RUN = re.compile(f"[^\\w\x00-\u02ff]{{{_MARKS + 1},}}")
_EMPTY_LINES = re.compile("\n{3,}")


def tidy(text: str) -> str:
    """`text` in Unicode NFC with nothing invisible in it; applying it twice changes nothing more.

    Control and zero-width characters, soft hyphens, BOMs, bidi overrides and lone surrogates go, but
    controls that browsers show as windows-1252's quotes and dashes become those; a joiner stays where
    a script or an emoji needs it (Persian, Indic). Tabs and all of Unicode's blanks become a blank;
    every line end becomes a newline; trailing blanks go, and so do blank lines but one between
    paragraphs.
    """
    lines = text.splitlines()
    if not all(map(str.isprintable, lines)) or any(sign in text for sign in _PRINTED):
        lines = _clear(text).split("\n")
    text = "\n".join([line.rstrip(" ") for line in lines])
    if not text.isascii():
        text = _compose(text)
    if "\n\n\n" in text:
        text = _EMPTY_LINES.sub("\n\n", text)
    return text.strip("\n")


def _clear(text: str) -> str:
    """`text` with nothing invisible in it, and no other line end than a newline, no other blank than a blank."""
    if not text.isascii():
        text = _LATIN_CONTROL.sub(lambda control: _SHOWN[control[0]], text)
    text = _INVISIBLE.sub("", "\n".join(text.splitlines())).replace("\t", " ")
    return text if text.isascii() else _drop_strays(_BLANKS.sub(" ", text))


def _drop_strays(text: str) -> str:
    """`text` without joiners that join nothing; beyond any need of a script all of them go."""
    if text.count("\u200c") + text.count("\u200d") > _MOST_JOINERS:
        return _JOINER.sub("", text)
    return _JOINER.sub(_without_strays, text)


def _without_strays(joiner: re.Match[str]) -> str:
    """The joiner, if both letters that it joins (marks aside, which composing may sort) need joiners; else nothing."""
    text = joiner.string
    before, after = joiner.start() - 1, joiner.end()
    while before >= 0 and unicodedata.combining(text[before]):
        before -= 1
    while after < len(text) and unicodedata.combining(text[after]):
        after += 1
    joined = before >= 0 and after < len(text) and _JOINED.match(text[before]) and _JOINED.match(text[after])
    return joiner[0] if joined else ""


def _compose(text: str) -> str:
    """NFC. A letter keeps 30 marks (UAX #15's stream-safe format): sorting them takes the square of their number."""
    if unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", _LONG_RUN.sub(_bound_marks, text))


def _bound_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS:
            kept.append(character)
    return "".join(kept)
