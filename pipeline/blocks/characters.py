"""How many characters of each kind a block has, and how many words, counted for all blocks of a page at once."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_NAMES = ("other", "blank", "lower", "upper", "uncased", "each", "digit", "comma", "stop", "colon", "mark", "quote")
CLASSES = {name: place for place, name in enumerate(_NAMES)}
_SIGNS = {
    "comma": ",\u060c\u3001\uff0c",
    "stop": ".!?\u2026\u0964\u061f\u3002\uff01\uff1f",
    "colon": ":;\uff1a\uff1b",
    "mark": "|/\\<>\u203a\u2039\xbb\xab\xb7\u2022\xa9\xae\u2122#@&+*=~_^"
    "\u2192\u2190\u25bc\u25b2\u25ba\u2713\u2605\u2606\u2013\u2014",
    "quote": "\"'()[]{}\u201c\u201d\u201e\u2018\u2019\u300c\u300d\u300e\u300f\uff08\uff09\u300a\u300b",
}
_EACH = ((0x0E00, 0x0E80), (0x3040, 0x3100), (0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7B0), (0xF900, 0xFB00))
_PLANE = 0x10000


def _table() -> npt.NDArray[np.uint8]:
    kinds = np.zeros(_PLANE + 1, dtype=np.uint8)
    for code in range(_PLANE):
        sign = chr(code)
        if sign.isalpha():
            kinds[code] = CLASSES["lower" if sign.islower() else "upper" if sign.isupper() else "uncased"]
        elif sign.isnumeric():
            kinds[code] = CLASSES["digit"]
        elif sign.isspace():
            kinds[code] = CLASSES["blank"]
    for start, end in _EACH:
        kinds[start:end] = CLASSES["each"]
    for name, signs in _SIGNS.items():
        kinds[[ord(sign) for sign in signs]] = CLASSES[name]
    return kinds


_KINDS = _table()
_IN_WORD = np.isin(np.arange(len(_NAMES)), [CLASSES[name] for name in ("lower", "upper", "uncased", "digit")])

Floats = npt.NDArray[np.float64]


def classes_of(codes: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    """The class of each character, as its place in CLASSES."""
    return _KINDS.take(codes, mode="clip")


def count_classes(texts: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Characters by class, words, and whether a sentence ends at the end; a row or number a text.

    A word is a run of letters and digits, or one character of a script without blanks between words.
    """
    whole = " ".join([*texts, ""])
    codes = np.frombuffer(whole.encode("utf-32-le", "replace"), dtype=np.int32)
    kinds = classes_of(codes)
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts)) + 1
    width = len(_NAMES)
    row = np.repeat(np.arange(0, len(texts) * width, width), lengths)
    counts = np.bincount(row + kinds, minlength=len(texts) * width).reshape(-1, width).astype(np.float64)
    counts[:, CLASSES["blank"]] -= 1
    inside = _IN_WORD.take(kinds)
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    ends = np.cumsum(lengths)
    words = np.add.reduceat(starts, ends - lengths, dtype=np.intp) + counts[:, CLASSES["each"]]
    last = ends - 2
    closing = kinds[last]
    before = kinds[np.maximum(last - 1, 0)]
    stop, quote = CLASSES["stop"], CLASSES["quote"]
    closed = (closing == stop) | ((closing == quote) & (before == stop)) | (closing == CLASSES["colon"])
    return counts, words.astype(np.float64), closed.astype(np.float64)
