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
# Composing turns none of these into a character outside the class: what stays, stays.
_JOINED = "[\u0600-\u1cff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]"
_STRAY_JOINER = re.compile(f"[\u200c\u200d](?!{_JOINED})|(?<!{_JOINED})[\u200c\u200d]")
_MARKS = 30
_LONG_RUN = re.compile(f"[^\\w\x00-\u02ff]{{{_MARKS + 1},}}")
_EMPTY_LINES = re.compile("\n{3,}")


def tidy(text: str) -> str:
    """`text` in Unicode NFC with nothing invisible in it; applying it twice changes nothing more.

    Control and zero-width characters, soft hyphens, BOMs, bidi overrides and lone surrogates go; a
    joiner stays where a script or an emoji needs it (Persian, Indic). Tabs and all of Unicode's
    blanks become a blank; every line end becomes a newline; trailing blanks go, and so do blank
    lines but one between paragraphs.
    """
    text = _INVISIBLE.sub("", "\n".join(text.splitlines()))
    text = text.replace("\t", " ")
    if not text.isascii():
        text = _compose(_STRAY_JOINER.sub("", _BLANKS.sub(" ", text)))
    text = "\n".join([line.rstrip(" ") for line in text.split("\n")])
    return _EMPTY_LINES.sub("\n\n", text).strip("\n")


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
