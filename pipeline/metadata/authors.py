"""Authors as names: what bylines, meta elements and JSON-LD state, split, cleaned and told from what is no name."""

from collections.abc import Iterable

from pipeline.metadata import author_words as words
from pipeline.metadata.month_names import month_number
from pipeline.metadata.one_line import one_line

MAX_AUTHORS = 20
LONGEST = 120

_MAX_STATED = 1_000  # characters of one statement
_MAX_WORDS = 6
_MAX_DIGITS = 2
_MAX_UNCASED = 12  # characters of a name in a script without capitals
_MIN_LETTERS = 2


def clean_authors(
    statements: Iterable[str], *, site_names: Iterable[str] = (), bylines: bool = False
) -> tuple[str, ...]:
    """The names in `statements`, in order, each once; at most 20 of at most 120 characters.

    `site_names` are no authors, nor are roles, addresses and place-holders such as "admin".
    `bylines`: the statements are what readers see, so that a "von" before a single word is no part
    of the name.
    """
    sites = {_key(name) for name in site_names}
    names: dict[str, str] = {}
    for statement in statements:
        for name in _split(statement, bylines=bylines):
            key = _key(name)
            if key not in sites and key not in names and _is_name(name):
                names[key] = name
            if len(names) == MAX_AUTHORS:
                return tuple(names.values())
    return tuple(names.values())


def looks_like_person(name: str) -> bool:
    """Whether `name` is two to five words that each begin with a capital, particles aside.

    In scripts without capitals a short word is enough.
    """
    parts = [part for part in name.split() if part.casefold() not in words.PARTICLES]
    if not parts or any(sign.isdigit() for sign in name) or parts[0].casefold() in words.BIDDING:
        return False
    if not any(sign.islower() or sign.isupper() for sign in name):
        return len(name) <= _MAX_UNCASED
    return 1 < len(parts) < _MAX_WORDS and all(part[0].isalpha() and not part[0].islower() for part in parts)


def _split(statement: str, *, bylines: bool) -> list[str]:
    text = words.ADDRESS.sub(" ", one_line(statement, _MAX_STATED))
    text = _after_by(_after_by(text, bylines=bylines), bylines=bylines)  # "Text: by A"
    parts = [_trim(part) for part in words.BETWEEN.split(text)]
    parts = [part for part in parts if part and not words.CREDENTIAL.fullmatch(part)]
    match parts:
        case [last, first_name] if "," in text and last.isalpha() and first_name.isalpha():
            return [f"{first_name} {last}"]  # "Last, First"
    return [name for part in parts for name in _split_weakly(part)]


def _split_weakly(part: str) -> list[str]:
    names = words.BETWEEN_OR_WITHIN.split(part)
    return names if all(" " in name.strip() for name in names) else [part]


def _after_by(text: str, *, bylines: bool = False) -> str:
    text = words.BY.sub("", text.strip())
    rest = words.BY_OR_PARTICLE.sub("", text)
    return rest if bylines or " " in rest else text


def _trim(part: str) -> str:
    """`part` without "by" in front, and without roles, dates, reading times and marks behind."""
    part = words.TAIL.sub("", _after_by(part))
    tokens = part.split()
    for place, token in enumerate(tokens):
        if token[0].isdigit() and len(tokens) > 1:
            dated = place > 0 and month_number(tokens[place - 1]) is not None
            tokens = tokens[: place - dated]
            break
    while len(tokens) > len(("First", "Last")) and words.CREDENTIAL.fullmatch(tokens[-1].strip(",")):
        tokens.pop()
    return " ".join(tokens).strip(" -\u2013\u2014|:;,./\\*\"'()[]\u2022\u00b7#>+")


def _is_name(text: str) -> bool:
    parts = text.split()
    return (
        0 < len(parts) <= _MAX_WORDS
        and len(text) <= LONGEST
        and sum(sign.isalpha() for sign in text) >= _MIN_LETTERS
        and sum(sign.isdigit() for sign in text) <= _MAX_DIGITS
        and text.casefold() not in words.NO_NAMES
        and "//" not in text
        and not (text.islower() and "." in text)  # a variable, a file, a host
        and not words.ROLE.search(text)
    )


def _key(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
