"""What stands in one of two texts only: a bounded list of sentences, and of numbers."""

import re
from collections import Counter

import msgspec

from pipeline.sameness.fingerprint import normalise_text

MOST = 12  # sentences, and numbers, that are named of each text
LONGEST = 240  # characters of a sentence that is named
_MOST_TEXT = 1 << 18  # characters of each text that are compared
# A sentence ends at a line's end, behind a full stop and a blank (not in "2. May"), or, in a script without blanks,
# behind a full stop.
_END = re.compile(r"\n+|(?<=[.!?\u2026\u0964\u061f])(?<!\d\.)\s+|(?<=[\u3002\uff01\uff1f])")
_NUMBER = re.compile(r"\d[\d.,:/-]*\d|\d")


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences and numbers in only one of the texts, in order, the first 12 of each; and how many there are.

    `shared`: sentences that both have. A sentence is the same whatever its type, blanks and punctuation.
    """

    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    count_a: int = 0
    count_b: int = 0
    shared: int = 0
    numbers_a: tuple[str, ...] = ()
    numbers_b: tuple[str, ...] = ()


def differences(a: str, b: str) -> Differences:
    """What `a` has and `b` has not, and the other way round; linear in the texts."""
    one, other = _sentences(a[:_MOST_TEXT]), _sentences(b[:_MOST_TEXT])
    only_a = [text for key, text in one.items() if key not in other]
    only_b = [text for key, text in other.items() if key not in one]
    numbers, others = _numbers(a[:_MOST_TEXT]), _numbers(b[:_MOST_TEXT])
    return Differences(
        only_a=tuple(text[:LONGEST] for text in only_a[:MOST]),
        only_b=tuple(text[:LONGEST] for text in only_b[:MOST]),
        count_a=len(only_a),
        count_b=len(only_b),
        shared=len(one) - len(only_a),
        numbers_a=tuple(numbers - others)[:MOST],
        numbers_b=tuple(others - numbers)[:MOST],
    )


def _sentences(text: str) -> dict[str, str]:
    """The sentences by their normalised form, in order, each once."""
    found: dict[str, str] = {}
    for piece in _END.split(text):
        sentence = piece.strip()
        if key := normalise_text(sentence):
            found.setdefault(key, sentence)
    return found


def _numbers(text: str) -> Counter[str]:
    return Counter(_NUMBER.findall(text))
