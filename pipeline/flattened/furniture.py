"""Lines that belong to the page and not to the article, known by their words: notices, buttons, labels.

Conservative, for text that an extractor has already cut out: a line goes only when it is nothing else.
"""
# ruff: noqa: RUF001  dashes and arrows of all kinds stand around labels

import re

from pipeline.flattened.furniture_words import CONSENT_ACTS, CONSENT_THINGS, DANGLING, LABELS, OPENINGS, TAILS
from pipeline.measure import key_of

_LONGEST_LABEL = 60  # characters
_LONGEST_CALL = 120
_LONGEST_NOTICE = 1_200
_ACTS = 2  # phrases of consent that make a line about cookies a notice
_ABOUT = 4  # lines on cookies that make a page an article about them
_EDGE = 6  # lines at the top and at the end where a notice stands
_TRIM = " \t.:;!…•·|*–—-<>«»‹›→←↓↑▼▲+[]()#0123456789"

_ACTING = re.compile("|".join(CONSENT_ACTS), re.IGNORECASE)
_TAIL = re.compile(rf"(?:{'|'.join(TAILS)})")  # of lower case: without the flag the first letter decides
_CALL = re.compile(rf"(?:{'|'.join(OPENINGS)})")
_LABELS = frozenset(key_of(label) for label in LABELS)
_DANGLING = frozenset(key_of(label) for label in DANGLING)


def drop_furniture(text: str) -> tuple[str, int]:
    """`text` without cookie notices, buttons, calls to share or subscribe and labels of nothing; and what went.

    The count is in characters. Knows English, German, French, Spanish, Italian, Portuguese, Polish,
    Russian, Chinese and Japanese. A text that speaks of cookies in several places keeps them all.
    """
    lines = text.split("\n")
    gone = _gone(text, lines)
    if not gone:
        return text, 0
    rest: list[str] = []
    for i, line in enumerate(lines):
        if i not in gone and (line or (rest and rest[-1])):
            rest.append(line)
    kept = "\n".join(rest).strip("\n")
    return kept, len(text) - len(kept)


def is_label(line: str) -> bool:
    """Whether `line` is a button or a label and nothing else ("Show more", "Advertisement")."""
    return len(line) <= _LONGEST_LABEL and key_of(line.strip(_TRIM)) in _LABELS


def is_section(line: str) -> bool:
    """Whether `line` names a part of a page and nothing else ("Description", "Comments")."""
    return len(line) <= _LONGEST_LABEL and key_of(line.strip(_TRIM)) in _DANGLING


def is_call(line: str) -> bool:
    """Whether `line` asks the reader to share, follow, subscribe or log in."""
    return len(line) <= _LONGEST_CALL and _CALL.match(line.lstrip(_TRIM).lower()) is not None


def is_consent(line: str) -> bool:
    """Whether `line` is a notice about cookies or consent, rather than a sentence about them."""
    if len(line) > _LONGEST_NOTICE or not speaks_of_cookies(line):
        return False
    return len({found.casefold() for found in _ACTING.findall(line)}) >= _ACTS


def speaks_of_cookies(text: str) -> bool:
    """Whether `text` names cookies at all."""
    folded = text.casefold()
    return any(thing in folded for thing in CONSENT_THINGS)


def opens_tail(line: str) -> bool:
    """Whether `line` heads what follows an article: comments, related and popular articles, tags."""
    return len(line) <= _LONGEST_LABEL and _TAIL.match(line.lstrip(_TRIM).lower()) is not None


def _gone(text: str, lines: list[str]) -> set[int]:
    filled = [i for i, line in enumerate(lines) if line.strip()]
    gone = {i for i in filled if is_label(lines[i]) or is_call(lines[i])}
    if speaks_of_cookies(text):
        gone |= _notices(lines, filled)
    heads_nothing = True
    for i in reversed(filled):
        if i in gone:
            continue
        heads_nothing = heads_nothing and key_of(lines[i].strip(_TRIM)) in _DANGLING
        if not heads_nothing:
            break
        gone.add(i)
    return gone


def _notices(lines: list[str], filled: list[int]) -> set[int]:
    """Notices at the top and the end, unless the text is about such things."""
    if sum(speaks_of_cookies(lines[i]) for i in filled) >= _ABOUT:
        return set()
    return {i for i in (*filled[:_EDGE], *filled[-_EDGE:]) if is_consent(lines[i])}
