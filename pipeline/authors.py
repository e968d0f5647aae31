"""Authors as names: what bylines, meta elements and JSON-LD state, split, cleaned and told from what is no name."""

import re
from collections.abc import Iterable

from pipeline.month_names import month_number
from pipeline.one_line import one_line

MAX_AUTHORS = 20
LONGEST = 120

_MAX_STATED = 1_000  # characters of one statement
_BY = re.compile(
    r"^(?:[\W_]*\b(?:(?:(?:written|posted|published|reported|reporting|words|text|story|article|review(?:ed)?|report"
    r"|created|submitted|contributed|authored|photos?|edited|an analysis|analysis|opinion) )*by|(?:artikel|beitrag|text|ein beitrag|interview|foto|bild) von"
    r"|von|vom|autor(?:in|en|es|a)?|auteur|author\(?s?\)?|par|por|di|a cura di|door|av|af|skrevet av|skriven av"
    r"|text(?: und [\w-]+)?|tekst|texte|testo|opracował[a]?|redaktor|от|автор|текст|yazan|penulis|oleh|kirjoittaja"
    r"|editor|redakteur(?:in)?|written|reporter|about the author|Από|του|της)(?:\b:?|:)\s+|[\W_]*(?:作者|记者|記者|文|撰文|責編|编辑)\s?[:：/／|丨]\s*)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s+[|\u2022\u00b7\u2013\u2014]|\s+-\s|\s*[(\[<]|\s+(?:on|in|at|for|from|of the|published|updated|posted|is an?|was|am|vom|le|el|il)\s"
    r"|\s+(?:special to|read more|follow|view all|more by|see more|contact)\b|,? (?:ph\.? ?d|m\.?d)\b|\s*\bhttps?:).*$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*(?:[;|\u2022\uff1b\u3001\uff0c\n]|,\s|,$|\s/\s|(?<=\w{3})/(?=\w{3}))\s*|\s+(?:and|und|&|\+|with|mit|och|og|και|и|та|и др)\s+",
    re.IGNORECASE,
)
_WEAK_BETWEEN = re.compile(r"\s+(?:et|y|e|en|i|ed|a)\s+")  # words that also stand inside a name: Ortega y Gasset
_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,500}|[^\s@]{1,80}@[^\s@]{1,80}|(?<!\S)@\w{1,40}", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:reporter|editors?|writer|correspondent|columnist|journalist(?:in)?|redakteur(?:in)?|contributors?|contributing"
    r"|producer|professor|director|analyst|specialist|manager|officer|founder|ceo|cto|fellow|lecturer|critic|blogger"
    r"|researcher|photographer"
    r"|rédact(?:eur|rice)|journaliste|redactora?|periodista|redattore|giornalista|redaktør|journaliste?n)\b\.?$",
    re.IGNORECASE,
)
_NO_NAMES = frozenset(
    {
        "admin", "administrator", "von", "par", "por", "de", "written by", "posted by", "about the author", "anonymous", "anonym", "author", "authors", "autor", "auteur", "by", "com", "contributor",
        "contributors", "default", "desk", "editor", "editorial", "editorial board", "editorial staff", "editorial team",
        "editors", "guest", "guest author", "guest contributor", "guest post", "guest writer", "news desk", "newsroom", "n/a",
        "na", "nan", "nil", "none", "null", "online", "redacao", "redacción", "redaccion", "redacción web", "redaction",
        "redakcja", "redaktion", "redazione", "rédaction", "la rédaction", "la redazione", "die redaktion", "root", "staff",
        "staff reporter", "staff writer", "super user", "superuser", "support", "system", "team", "the editors", "undefined",
        "unknown", "user", "web", "web desk", "webdesk", "webmaster", "website", "writer", "редакция", "uncategorized",
        "share", "email", "print", "facebook", "twitter", "instagram", "linkedin", "comments", "video", "true", "false",
    }
)  # fmt: skip
_CREDENTIAL = re.compile(
    r"(?:ph\.?d|m\.?d|m\.?a|b\.?a|mba|msc|m\.?s|r\.?n|r\.?d|esq|jr|sr|cfa|cfp|cpa|jd|do|dds|rdn)\.?", re.IGNORECASE
)
_ROLE_AFTER = re.compile(
    r"(?<=\w)\.?\s+(?:(?:senior|staff|chief|freelance|associate|assistant|deputy|managing|contributing|executive)\b"
    r"|(?:twitter|facebook|instagram|linkedin|shares?|updated|published|follow)\b).*$",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    "al bin da dal das de del della den der des di do dos du el la le los te ten ter van von y zu zum".split()
)
_MAX_WORDS = 6
_MAX_DIGITS = 2
_MAX_UNCASED = 12  # characters of a name in a script without capitals
_FEW_LETTERS = 2


def clean_authors(statements: Iterable[str], *, site_names: Iterable[str] = ()) -> tuple[str, ...]:
    """The names in `statements`, in order, each once; at most 20 of at most 120 characters.

    `site_names` are no authors, nor are roles, addresses and place-holders such as "admin".
    """
    sites = {_key(name) for name in site_names}
    names: dict[str, str] = {}
    for statement in statements:
        for name in _split(statement):
            key = _key(name)
            if key not in sites and key not in names and _is_name(name):
                names[key] = name[:LONGEST]
            if len(names) == MAX_AUTHORS:
                return tuple(names.values())
    return tuple(names.values())


def looks_like_person(name: str) -> bool:
    """Whether `name` is two to five words that each begin with a capital, particles aside; scripts without case pass."""
    words = [word for word in name.split() if word.casefold() not in _PARTICLES]
    if not words or any(sign.isdigit() for sign in name):
        return False
    if not any(sign.islower() or sign.isupper() for sign in name):
        return len(name) <= _MAX_UNCASED
    return 1 < len(words) < _MAX_WORDS and not any(word[0].islower() for word in words)


def _split(statement: str) -> list[str]:
    text = _ADDRESS.sub(" ", one_line(statement, _MAX_STATED))
    for _ in range(2):  # "Text: by A"
        text = _BY.sub("", text.strip())
    parts = [_trim(part) for part in _BETWEEN.split(text)]
    parts = [part for part in parts if part and not _CREDENTIAL.fullmatch(part)]
    if len(parts) == 2 and "," in text and all(" " not in part and part.isalpha() for part in parts):  # noqa: PLR2004
        return [f"{parts[1]} {parts[0]}"]  # "Last, First"
    return [name for part in parts for name in _split_weakly(part)]


def _split_weakly(part: str) -> list[str]:
    names = _WEAK_BETWEEN.split(part)
    return names if all(" " in name.strip() for name in names) else [part]


def _trim(part: str) -> str:
    """`part` without "by" in front, and without roles, dates, reading times and marks behind."""
    part = _ROLE_AFTER.sub("", _TAIL.sub("", _BY.sub("", part.strip())))
    words = part.split()
    for place, word in enumerate(words):
        if word[0].isdigit() and len(words) > 1:
            dated = place > 0 and month_number(words[place - 1]) is not None
            part = " ".join(words[: place - dated])
            break
    return part.strip(" \t-\u2013\u2014|:;,/\\*\"'()[]\u2022\u00b7#>+")


def _is_name(text: str) -> bool:
    words = text.split()
    letters = sum(sign.isalpha() for sign in text)
    digits = sum(sign.isdigit() for sign in text)
    return (
        0 < len(words) <= _MAX_WORDS
        and len(text) <= LONGEST
        and letters >= _FEW_LETTERS
        and digits <= _MAX_DIGITS
        and text.casefold() not in _NO_NAMES
        and "//" not in text
        and not text.lower().startswith(("www.", "http"))
        and not (len(words) > 1 and _ROLE.search(text))
        and not (len(words) == 1 and _ROLE.fullmatch(text))
    )


def _key(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
