"""Who wrote an article, from lines such as "By Jane Doe"."""
# ruff: noqa: RUF001  Cyrillic looks like Latin

import re
from collections.abc import Sequence

from pipeline.flattened.dateline import may_hold_date
from pipeline.metadata.month_names import month_number

_HEAD = 25  # lines above the article that are read as bylines
_LONGEST = 120  # characters of a line that names authors
_NAME_WORDS = (2, 5)
_NAME_CHARACTERS = (2, 5)  # in scripts without blanks
_MOST = 8

_OPENING = re.compile(
    r"(?:written by|reported by|story by|by|von|autor(?:in|en|zy|es)?|auteur|author|authors|par|por|di|przez|tekst|text"
    r"|автор|текст|作者|记者|記者|文|著者|撰文)(?:\s?[:：/／]\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"\d.*?\s[Bb]y (?=[A-Z])")  # "Posted on July 1, 2024 by ..."
_END = re.compile(
    r"\s[|·•–—/-]\s|[|·•(（\t]|\s(?:on|am|le|el|il|at|for|für|pour)\s|\d|(?:Last )?(?:Published|Updated|Posted)"
)
_AND = re.compile(r"\s*[,;、，&]\s*|\s+(?:and|und|et|y|e|i|и)\s+")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*)*")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_PARTICLES = frozenset(
    (
        "de",
        "da",
        "di",
        "del",
        "della",
        "van",
        "von",
        "der",
        "den",
        "la",
        "le",
        "du",
        "dos",
        "al",
        "bin",
        "ibn",
        "el",
        "ter",
        "ten",
        "zu",
    )
)
_ELIDED = ("d'", "d’", "l'", "l’")


def read_byline(line: str) -> tuple[str, ...]:
    """The names in a byline, in order; none if `line` is no byline.

    A name is two to five capitalised words (particles aside), or two to five Chinese or Japanese characters.
    """
    if len(line) > _LONGEST or not (opening := _OPENING.match(line) or _WITHIN.search(line)):
        return ()
    rest = _END.split(line[opening.end() :], maxsplit=1)[0].strip(" .:,-–—")
    head, _, last = rest.rpartition(" ")
    rest = head.strip(" ,") if month_number(last) else rest
    names = tuple(name.strip() for name in _AND.split(rest) if name.strip())
    if not names or len(names) > _MOST or not is_name(names[0]):
        return ()
    return tuple(dict.fromkeys(name for name in names if is_name(name)))


def find_authors(lines: Sequence[str], titles: frozenset[int], start: int) -> tuple[str, ...]:
    """The authors of the article that starts at line `start` under one of `titles`; none when no line names them.

    The nearest byline above is believed, then a name alone beside the date, below the title.
    """
    above = range(min(start, len(lines) - 1), max(-1, start - _HEAD), -1)
    for i in above:
        if names := read_byline(lines[i]):
            return names
    title = max((i for i in titles if i < start), default=start)
    for i in range(title + 1, start):
        if is_name(lines[i]) and (may_hold_date(lines[i + 1]) or (i - 1 > title and may_hold_date(lines[i - 1]))):
            return (lines[i],)
    return ()


def is_name(text: str) -> bool:
    """Whether `text` looks like one person's name."""
    if _DENSE.fullmatch(text):
        return _NAME_CHARACTERS[0] <= len(text) <= _NAME_CHARACTERS[1]
    words = text.split()
    if not _NAME_WORDS[0] <= len(words) <= _NAME_WORDS[1] or not _NAME.fullmatch(text):
        return False
    return words[0][0].isupper() and all(
        word[0].isupper() or word in _PARTICLES or word.startswith(_ELIDED) for word in words
    )
