"""The words by which pages name their parts: of class names, of the text of a block, of the page as a whole.

Each is looked up in a vocabulary of the model's. A class name counts whole and in pieces: `.post-body`, `post`, `body`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from lxml.html import HtmlElement

from pipeline.blocks.read import Blocks, Key, key_of

_PIECE = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|0+|\n")
_DIGITS = re.compile("[0-9]+")
_WORD = re.compile(r"[^\W\d_]+|\d|[\xa9\xae\u2122\xbb\u203a\u2192#@$\u20ac\xa3%\u2022|]")
_LETTERS = re.compile("[a-z]+")
_TYPE = re.compile(r'"@type"\s{0,9}:\s{0,9}"([A-Za-z]{3,30})"')
_MOST_NAMES, _MOST_NAME, _MOST_PIECES = 6, 40, 5  # names in an attribute, characters of each, pieces of each
_START, _END = 64, 24  # characters of a block's text that are looked at
_HOW_MANY = [f"#{number}" for number in range(7)]

_MOST_JSON = 20_000

Vocabulary = Mapping[str, int]


def words_of_keys(keys: Iterable[Key]) -> list[list[str]]:
    """The words on each element: its tag, its classes and id whole and in pieces, its itemprop and role.

    All names of a page are taken to pieces at once: a call for each would cost twice the time.
    """
    keys = list(keys)
    values = {value for key in keys for value in key[1:3] if value}
    names = {value: [name[:_MOST_NAME] for name in value.split()[:_MOST_NAMES]] for value in values}
    words = _words_of_names(list(dict.fromkeys(chain.from_iterable(names.values()))))
    found = []
    for tag, classes, identity, itemprop, role in keys:
        of_key = ["<" + str(tag)[:20]]
        for value in (classes, identity):
            if value:
                for name in names[value]:
                    of_key += words[name]
        if itemprop:
            of_key.append("p=" + itemprop[:30].lower())
        if role:
            of_key.append("r=" + role[:20].lower())
        found.append(of_key)
    return found


def _words_of_names(names: Sequence[str]) -> dict[str, list[str]]:
    """Of each class or id, without blanks in it: the whole, and its pieces."""
    if not names:
        return {}
    shapes = _DIGITS.sub("0", "\n".join(names))
    pieces = " ".join(_PIECE.findall(shapes)).lower().split("\n")
    words = {}
    for name, shape, cut in zip(names, shapes.lower().split("\n"), pieces, strict=True):
        parts = cut.split()[:_MOST_PIECES]
        words[name] = ["." + shape, *parts] if parts and parts != [shape] else ["." + shape, shape]
    return words


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
    return words + ["@" + word for of_key in words_of_keys(map(key_of, (tree, blocks.elements[0]))) for word in of_key]


def _said(metas: Iterable[HtmlElement]) -> Iterator[str]:
    telling = (meta for meta in metas if meta.get("property") == "og:type" or meta.get("name") == "generator")
    return islice((content for meta in telling if (content := meta.get("content")) is not None), 4)


def _linked(scripts: Iterable[HtmlElement]) -> Iterator[str]:
    stating = (script for script in scripts if script.get("type") == "application/ld+json")
    return islice((text for script in stating if (text := script.text)), 10)
