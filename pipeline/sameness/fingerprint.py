"""The sameness of texts: what two pages share that say the same in other type."""

import re
import unicodedata
from hashlib import blake2b

_ASCII = {code: " " for code in range(128) if not chr(code).isalnum()}
_INVISIBLE = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# Marks are no word characters to `re`, but are vowels in half of the world's scripts; these blocks hold nearly all.
_MARKS = "".join(char for char in map(chr, range(0x0300, 0x2000)) if unicodedata.category(char).startswith("M"))
_SIGNS = re.compile(f"[^\\w\\s{_MARKS}\u3099\u309a]+|_+")


def normalise_text(text: str) -> str:
    """`text` less type and layout: NFKC, case folded, nothing invisible, one blank for all that is no letter or digit.

    Idempotent.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII).split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())
    return " ".join(_SIGNS.sub(" ", folded).split())


def text_key(text: str) -> bytes:
    """BLAKE2b-128 (RFC 7693) of the normalised text, 16 bytes; of the text itself where nothing else is left of it."""
    return blake2b((normalise_text(text) or text).encode("utf-8", "surrogatepass"), digest_size=16).digest()
