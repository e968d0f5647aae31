"""The words by which pages name their parts: of class names, of the text of a block, of the page as a whole.

Each is looked up in a vocabulary of the model's. A class name counts whole and in pieces: `.post-body`, `post`, `body`.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from lxml.html import HtmlElement

from pipeline.blocks.read import Blocks, Key, key_of

_PIECE = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|0+")
_DIGITS = re.compile("[0-9]+")
_WORD = re.compile(r"[^\W\d_]+|\d|[\xa9\xae\u2122\xbb\u203a\u2192#@$\u20ac\xa3%\u2022|]")
_LETTERS = re.compile("[a-z]+")
_TYPE = re.compile(r'"@type"\s{0,9}:\s{0,9}"([A-Za-z]{3,30})"')
_MOST_NAMES, _MOST_NAME = 6, 40  # names in an attribute, characters of each
_START, _END = 64, 24  # characters of a block's text that are looked at
_HOW_MANY = [f"#{number}" for number in range(7)]

_MOST_JSON = 20_000

Vocabulary = Mapping[str, int]


@functools.lru_cache(maxsize=4_096)  # most keys of a page are on the site's other pages too; each is under 1 KB
def words_of_key(key: Key) -> Sequence[str]:
    """The words on an element: its tag, its classes and id whole and in pieces, its itemprop and role."""
    tag, classes, identity, itemprop, role = key
    words = ["<" + str(tag)[:20]]
    for value in (classes, identity):
        if value:
            for name in value.split()[:_MOST_NAMES]:
                words += _words_of_name(name[:_MOST_NAME])
    if itemprop:
        words.append("p=" + itemprop[:30].lower())
    if role:
        words.append("r=" + role[:20].lower())
    return words


@functools.lru_cache(maxsize=8_192)  # frameworks and habits give all sites names in common
def _words_of_name(name: str) -> Sequence[str]:
    """A class or id: whole, and in pieces."""
    pieces = name.replace("_", "-").split("-")
    letters = "".join(pieces)
    low = name
    if letters.isalpha() and letters.isascii() and letters.islower():  # what the pattern would find
        pieces = list(filter(None, pieces))
    else:
        shape = _DIGITS.sub("0", name)
        pieces = _PIECE.findall(shape)
        low = shape.lower()
    pieces = pieces[:5]
    if len(pieces) > 1 or (pieces and pieces[0].lower() != low):
        return ["." + low, *map(str.lower, pieces)]
    return ["." + low, low]


def words_of_text(text: str) -> list[str]:
    """The first words of a block in lower case; its last two, or how many there are."""
    start = text[:_START].lower()
    words = start.split()
    if not "".join(words).isalpha():  # with nothing but letters and blanks, the pattern finds the same
        words = _WORD.findall(start)
    del words[8:]
    if len(text) > _START:
        words += ["$" + word for word in _WORD.findall(text[-_END:].lower())[-2:]]
    else:
        words.append(_HOW_MANY[min(len(words), len(_HOW_MANY) - 1)])
    return words


def words_of_page(tree: HtmlElement, blocks: Blocks) -> list[str]:
    """What the page calls itself: og:type, generator, the types of its JSON-LD, the classes of html and body."""
    heads = list(tree.iterchildren("head"))
    metas = chain.from_iterable(head.iterchildren("meta") for head in heads)
    scripts = chain(chain.from_iterable(head.iterchildren("script") for head in heads), blocks.scripts)
    words = [f"h:{word}" for value in _said(metas) for word in _LETTERS.findall(value[:60].lower())[:3]]
    types = {name for script in _linked(scripts) for name in _TYPE.findall(script[:_MOST_JSON])[:20]}
    words += [f"ld:{name.lower()}" for name in sorted(types)]
    return words + ["@" + word for element in (tree, blocks.elements[0]) for word in words_of_key(key_of(element))]


def _said(metas: Iterable[HtmlElement]) -> Iterator[str]:
    telling = (meta for meta in metas if meta.get("property") == "og:type" or meta.get("name") == "generator")
    return islice((content for meta in telling if (content := meta.get("content")) is not None), 4)


def _linked(scripts: Iterable[HtmlElement]) -> Iterator[str]:
    stating = (script for script in scripts if script.get("type") == "application/ld+json")
    return islice((text for script in stating if (text := script.text)), 10)
