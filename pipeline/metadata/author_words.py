"""The words around names in bylines, in the languages that pages are written in most."""
# ruff: noqa: RUF001  Cyrillic and Greek words, and full-width marks, look like Latin ones

import re

BY = re.compile(
    r"^(?:[\W_]*\b(?:"
    r"(?:(?:view|see|all|more|posts|articles|stories|written|posted|published|reported|reporting|words|text|story"
    r"|article|reviewed|review|report|created|submitted|contributed|authored|photos?|edited|analysis|opinion) )*by"
    r"|(?:artikel|beitrag|text|interview|foto|bild) von|a cura di|skrevet av|skriven av|written|about the author"
    r"|autor(?:in|en|es|a)?|auteur|authors?|text(?: und [\w-]+)?|tekst|texte|testo|opracował|redaktor|redakteur(?:in)?"
    r"|editor|reporter|автор|текст|yazan|penulis|oleh|kirjoittaja"
    r")(?:\b:?|:)\s+|[\W_]*(?:作者|记者|記者|文|撰文|責編|编辑)\s?[:：/／|丨]\s*)",
    re.IGNORECASE,
)
"""What stands before names and is no part of one."""

BY_OR_PARTICLE = re.compile(r"^(?:von|vom|par|por|di|door|av|af|от|από|του|της):?\s+(?=\S)", re.IGNORECASE)
"""What stands before names and may be a part of one: Von Miller, Di Stefano."""

TAIL = re.compile(
    r"(?:\s+[|\u2022\u00b7\u2013\u2014]|\s+-\s|\s*[(\[<]"
    r"|\s+(?:on|in|at|for|from|of the|published|updated|posted|is an?|was|am|vom|le|el|il)\s"
    r"|\s+(?:special to|read more|follow|view all|more by|see more|contact)\b|,? (?:ph\.? ?d|m\.?d)\b).*$"
    r"|(?<=\w)\.?\s+(?:senior|staff (?:writer|reporter)|chief|freelance|associate|assistant|deputy|managing"
    r"|contributing|executive|twitter|facebook|instagram|linkedin|shares?|updated|published|follow|stand|last)\b.*$",
    re.IGNORECASE,
)
"""What ends a name: a role, a place, a date, a mark."""

BETWEEN = re.compile(
    r"\s*(?:[;|\u2022\uff1b\u3001\uff0c\n]|,\s|,$|\s/\s|(?<=\w{3})/(?=\w{3}))\s*"
    r"|\s+(?:and|und|&|\+|with|mit|och|og|και|и|та)\s+",
    re.IGNORECASE,
)
BETWEEN_OR_WITHIN = re.compile(r"\s+(?:et|y|e|en|i|ed|a)\s+")
"""Words between names that also stand inside one: Ortega y Gasset."""

ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,500}|[^\s@]{1,80}@[^\s@]{1,80}|(?<!\S)@\w{1,40}", re.IGNORECASE)

ROLE = re.compile(
    r"\b(?:reporter|editors?|writer|correspondent|columnist|journalist(?:in|e|en)?|redakteur(?:in)?|contributors?"
    r"|contributing|producer|professor|director|analyst|specialist|manager|officer|founder|ceo|cto|fellow|lecturer"
    r"|critic|blogger|researcher|photographer|rédact(?:eur|rice)|redactora?|periodista|redattore|giornalista"
    r"|redaktør)\b\.?$"
    r"|^(?:head|director|president|founder|co-founder|chief|vice|sponsored)\b(?:\s+(?:of|at|and|&|\w+ officer)\b|$)",
    re.IGNORECASE,
)
CREDENTIAL = re.compile(
    r"(?:ph\.?d|m\.?d|m\.?a|b\.?a|mba|msc|m\.?s|r\.?n|r\.?d|esq|jr|sr|cfa|cfp|cpa|ld|rdn|jd|do|dds)\.?", re.IGNORECASE
)

NO_NAMES = frozenset(
    {
        "actualizado", "aktualisiert", "modifié", "opublikowano", "posted", "pubblicato", "publicado", "published",
        "publié", "publiée", "updated", "veröffentlicht", "обновлено", "опубликовано",
        "about the author", "admin", "administrator", "anonym", "anonymous", "auteur", "author", "authors", "autor",
        "by", "com", "comments", "contributor", "contributors", "de", "default", "desk", "die redaktion", "editor",
        "editorial", "editorial board", "editorial staff", "editorial team", "email", "facebook", "false", "guest",
        "guest author", "guest contributor", "guest post", "guest writer", "instagram", "la redazione", "la rédaction",
        "linkedin", "n/a", "na", "nan", "news desk", "newsroom", "nil", "none", "null", "online", "par", "por",
        "posted by", "print", "redacao", "redaccion", "redacción", "redacción web", "redaction", "redakcja",
        "redaktion", "redazione", "root", "rédaction", "share", "staff", "staff reporter", "staff writer",
        "super user", "superuser", "support", "system", "team", "the editors", "true", "twitter", "uncategorized",
        "undefined", "unknown", "user", "video", "von", "web", "web desk", "webdesk", "webmaster", "website",
        "writer", "written by", "редакция",
    }
)  # fmt: skip
PARTICLES = frozenset(
    {
        "al", "bin", "da", "dal", "das", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "la",
        "le", "los", "te", "ten", "ter", "van", "von", "y", "zu", "zum",
    }
)  # fmt: skip
BIDDING = frozenset(
    {"about", "categories:", "contact", "e-mail", "email", "follow", "full", "more", "read", "see", "share", "view"}
)
"""First words of links that stand beside a name."""
