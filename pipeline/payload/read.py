"""The article of a page whose markup holds none, out of what its scripts hold.

Strings of one name that follow each other may be an article's paragraphs; a string with much markup may be an article.
Of all these the longest is taken that has half of the words which the page says of itself in its head, and only if it
is longer than all that the page shows without its scripts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import msgspec
from lxml import etree
from lxml.html import HtmlElement

from pipeline.markup.entities import unescape
from pipeline.markup.lines import lines_of
from pipeline.markup.parse import parse
from pipeline.measure import length_in_words, words_of
from pipeline.payload.strings import Value, read_strings

LEAST_WORDS = 60
"""Of an article: a page that shows as many has no need of its scripts."""

_MOST_STRINGS = 100_000  # of 160 real pages the one with most has 44,906
_PROSE = 8  # words of a paragraph
_LOOKED_AT = 6  # the longest candidates
_LONGEST = 400_000  # characters of one
_STATED = 1_000  # characters of what the page says of itself, each
_FEW = 4  # words that it says: too few to agree with
_AGREES = 0.5
_MANY = 30  # tags: a body of its own
_APART = 6  # others that may stand between two paragraphs

_SCRIPTS = etree.XPath("//script[not(@src)]/text()", smart_strings=False)
_SAYS = etree.XPath(
    "//title/text() | //meta[@property='og:title' or @property='og:description' or @name='description']/@content",
    smart_strings=False,
)
_MARK = re.compile(r"\s*|\$.*|[a-z0-9]{1,10}")  # names of elements, and what stands for something else
_TAG = re.compile(r"</?[a-z][^<>]{0,2000}>", re.IGNORECASE)
_SENTENCE = re.compile("[.!?…。！？।؟۔][\"'”’»)]?(?:\\s|<|$)|[。！？]")  # noqa: RUF001
_CODE = re.compile(r"[{}\[\];=]{2}|^\W{0,3}[{\[]|://\S+$")


class _Run(msgspec.Struct):
    """Paragraphs of one name, what is short and came after the last, and the number of that among all paragraphs."""

    parts: list[str]
    last: int
    short: list[str] = []


def read_payload(tree: HtmlElement) -> str:
    """The article that the scripts of `tree` hold, in paragraphs; "" where none is sure enough to be the page's."""
    says = {word for text in _SAYS(tree) for word in words_of(text[:_STATED])}
    values = islice(read_strings(_SCRIPTS(tree)), _MOST_STRINGS)
    runs = sorted(_runs(values), key=lambda run: -sum(map(len, run)))
    for run in [run for run in runs if sum(map(len, run)) <= _LONGEST][:_LOOKED_AT]:
        lines = _lines(run)
        text = "\n\n".join(lines)
        agreed = len(says.intersection(words_of(text))) >= _AGREES * len(says)
        if length_in_words(text) >= LEAST_WORDS and (agreed or len(says) <= _FEW):
            return text if sum(map(len, lines)) > sum(map(len, lines_of(tree))) else ""
    return ""


def _runs(values: Iterable[Value]) -> Iterator[Sequence[str]]:
    """What may be an article: a string of many paragraphs; or those of one name, with what is short between them."""
    runs: dict[str, _Run] = {}
    seen: set[str] = set()
    for value in values:
        run = runs.get(value.name)
        if not _is_prose(value.text):
            if run and not _MARK.fullmatch(value.text):
                run.short.append(value.text)
        elif value.text not in seen:
            seen.add(value.text)
            if len(_TAG.findall(value.text)) >= _MANY:
                yield [value.text]
            elif run and len(seen) - run.last <= _APART:
                run.parts += [*run.short[:_APART], value.text]
                run.short, run.last = [], len(seen)
            else:
                yield run.parts if run else []
                runs[value.name] = _Run([value.text], len(seen))
    yield from (run.parts for run in runs.values())


def _is_prose(text: str) -> bool:
    if len(text) > _LONGEST or _CODE.search(text[:200]) or not _SENTENCE.search(text):
        return False
    return length_in_words(text) >= _PROSE


def _lines(run: Sequence[str]) -> list[str]:
    """The lines of strings that may have markup in them; all are parsed at once."""
    if not any(map(_TAG.search, run)):
        return [line for text in run for line in map(str.strip, unescape(text).split("\n")) if line]
    parts = (text if _TAG.search(text) else text.replace("<", "&lt;").replace("\n", "<p>") for text in run)
    parsed = parse("".join(f"<div>{part}</div>" for part in parts))
    return list(lines_of(parsed.tree)) if parsed else []
