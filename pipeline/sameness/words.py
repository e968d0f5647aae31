"""The words of a text, as its fingerprint sees them: what they look like does not matter, only what they say."""

import re
from functools import lru_cache
from unicodedata import decimal

from pipeline.sameness.fingerprint import normalise_text, without_usual_signs

_BLANKS = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + bytes(range(128, 256))
_LONGEST_CACHED = 48  # bytes: longer pieces are sentences of a script without blanks, and do not come again
_LONE = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_DIGITS = re.compile(r"[^\D0-9]")


def words_of(text: str, *, most: int = 1 << 18) -> list[bytes]:
    """The words of `text` in UTF-8: normalised as for its key, with ASCII digits.

    In scripts that are written without blanks (Chinese, Japanese, Thai, Lao, Burmese, Khmer) a character is a word.
    Of a longer text the first `most` characters count, and of what they stand for four times as many bytes: one may
    stand for 18. The general way takes 50 ns a character; so only pieces that are not ASCII take it, and those that
    come again come from a cache.
    """
    text = without_usual_signs(text[:most])
    pieces = text.lower().encode("utf-8", "surrogatepass").translate(_BLANKS).split()
    if text.isascii():
        return pieces
    return b" ".join([piece if piece.isascii() else _fold(piece) for piece in pieces])[: 4 * most].split()


def _fold(piece: bytes) -> bytes:
    return _fold_again(piece) if len(piece) <= _LONGEST_CACHED else _fold_once(piece)


def _fold_once(piece: bytes) -> bytes:
    text = normalise_text(piece.decode("utf-8", "surrogatepass"))
    text = _DIGITS.sub(lambda digit: str(decimal(digit[0])), _LONE.sub(r" \1 ", text))
    return text.encode("utf-8", "surrogatepass")


_fold_again = lru_cache(maxsize=1 << 14)(_fold_once)
