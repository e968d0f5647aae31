"""Who wrote an article, from lines such as "By Jane Doe"."""
# ruff: noqa: RUF001  Cyrillic looks like Latin

import re

_LONGEST = 120  # characters of a line that names authors
_NAME_WORDS = (2, 5)
_NAME_CHARACTERS = (2, 5)  # in scripts without blanks
_MOST = 8

_OPENING = re.compile(
    r"(?:written by|reported by|story by|by|von|autor(?:in|en|zy|es)?|auteur|author|authors|par|por|di|przez|tekst|text"
    r"|автор|текст|作者|记者|記者|文|著者|撰文)(?:\s?[:：/／]\s?|\s)(?=\S)",
    re.IGNORECASE,
)
_END = re.compile(r"\s[|·•–—/-]\s|[|·•(（\t]|\s(?:on|am|le|el|il|at|for|für|pour)\s|,? \d|\d")
_AND = re.compile(r"\s*[,;、，&]\s*|\s+(?:and|und|et|y|e|i|и)\s+")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*)*")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_PARTICLES = frozenset("de da di del della van von der den la le du dos al bin ibn el ter ten y e zu".split())


def read_byline(line: str) -> tuple[str, ...]:
    """The names in a byline, in order; none if `line` is no byline.

    A name is two to five capitalised words (particles aside), or two to five Chinese or Japanese characters.
    """
    if len(line) > _LONGEST or not (opening := _OPENING.match(line)):
        return ()
    rest = _END.split(line[opening.end() :], maxsplit=1)[0].strip(" .:-–—")
    names = tuple(name.strip() for name in _AND.split(rest) if name.strip())
    if not names or len(names) > _MOST or not is_name(names[0]):
        return ()
    return tuple(dict.fromkeys(name for name in names if is_name(name)))


def is_name(text: str) -> bool:
    """Whether `text` looks like one person's name."""
    if _DENSE.fullmatch(text):
        return _NAME_CHARACTERS[0] <= len(text) <= _NAME_CHARACTERS[1]
    words = text.split()
    if not _NAME_WORDS[0] <= len(words) <= _NAME_WORDS[1] or not _NAME.fullmatch(text):
        return False
    return words[0][0].isupper() and all(word[0].isupper() or word.casefold() in _PARTICLES for word in words)
