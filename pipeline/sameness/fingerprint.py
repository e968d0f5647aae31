"""The sameness of texts: what two pages share that say the same in other type."""

import re
import unicodedata
from hashlib import blake2b

_BLANKS = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + bytes(range(128, 256))
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# Marks are no word characters to `re`, but are vowels in half of the world's scripts; these blocks hold nearly all.
_MARKS = "".join(char for char in map(chr, range(0x0300, 0x2000)) if unicodedata.category(char).startswith("M"))
_USUAL = "\u2019\u2018\u201c\u201d\u2013\u2014\u2026\u2022\xa0"  # signs: without them most texts are ASCII
_SIGNS = re.compile(f"[^\\w\\s{_MARKS}\u3099\u309a]+|_+")


def normalise_text(text: str) -> str:
    """`text` less type and layout: NFKC, case folded, nothing invisible, one blank for all that is no letter or digit.

    Idempotent.
    """
    return _normalised(text).decode("utf-8", "surrogatepass")


def _normalised(text: str) -> bytes:
    text = without_usual_signs(text)
    if not text.isascii():
        text = "\n".join(map(_fold_line, text.split("\n")))
    plain = text.encode("utf-8", "surrogatepass").lower().translate(_BLANKS)
    return b" ".join(plain.split())


def without_usual_signs(text: str) -> str:
    """`text` with a blank for each curly quotation mark, dash and the like: they are no part of any word."""
    if not text.isascii():
        for sign in _USUAL:
            text = text.replace(sign, " ")
    return text


def _fold_line(line: str) -> str:
    # The general way takes 50 ns a character: only the pieces between blanks that are not ASCII take it.
    return line if line.isascii() else " ".join([word if word.isascii() else _fold(word) for word in line.split()])


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())
    return _SIGNS.sub(" ", folded)


def text_key(text: str) -> bytes:
    """BLAKE2b-128 (RFC 7693) of the normalised text, 16 bytes; of the text itself where nothing else is left of it."""
    return blake2b(_normalised(text) or text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
