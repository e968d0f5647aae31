"""The words by which pages name their parts: of class names, of the text of a block, of the page as a whole.

Each is looked up in a vocabulary of the model's. A class name counts whole and in pieces: `.post-body`, `post`, `body`.
"""

import functools
import re
from collections.abc import Mapping, Sequence

from lxml import etree
from lxml.html import HtmlElement

from pipeline.blocks.read import Key, key_of

_PIECE = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|0+")
_DIGITS = re.compile("[0-9]+")
_WORD = re.compile(r"[^\W\d_]+|\d|[\xa9\xae\u2122\xbb\u203a\u2192#@$\u20ac\xa3%\u2022|]")
_LETTERS = re.compile("[a-z]+")
_TYPE = re.compile(r'"@type"\s{0,9}:\s{0,9}"([A-Za-z]{3,30})"')
_MOST_NAMES, _MOST_NAME = 6, 40  # names in an attribute, characters of each
_START, _END = 64, 24  # characters of a block's text that are looked at

_HEAD = etree.XPath("/html/head/meta[@property='og:type' or @name='generator']/@content", smart_strings=False)
_JSON_LD = etree.XPath("//script[@type='application/ld+json']/text()", smart_strings=False)
_MOST_JSON = 20_000

Vocabulary = Mapping[str, int]


@functools.lru_cache(maxsize=4_096)  # most keys of a page are on the site's other pages too; each is under 1 KB
def words_of_key(key: Key) -> Sequence[str]:
    """The words on an element: its tag, its classes and id whole and in pieces, its itemprop and role."""
    tag, classes, identity, itemprop, role = key
    words = ["<" + str(tag)[:20]]
    for value in (classes, identity):
        for name in value.split()[:_MOST_NAMES] if value else ():
            shape = _DIGITS.sub("0", name[:_MOST_NAME])
            pieces = _PIECE.findall(shape)[:5]
            low = shape.lower()
            words.append("." + low)
            if len(pieces) > 1 or (pieces and pieces[0].lower() != low):
                words += map(str.lower, pieces)
            else:
                words.append(low)
    if itemprop:
        words.append("p=" + itemprop[:30].lower())
    if role:
        words.append("r=" + role[:20].lower())
    return words


def words_of_text(text: str) -> list[str]:
    """The first words of a block in lower case; its last two, or how many there are."""
    words = _WORD.findall(text[:_START].lower())[:8]
    if len(text) > _START:
        return words + ["$" + word for word in _WORD.findall(text[-_END:].lower())[-2:]]
    return [*words, f"#{min(len(words), 6)}"]


def words_of_page(tree: HtmlElement, body: HtmlElement) -> list[str]:
    """What the page calls itself: og:type, generator, the types of its JSON-LD, the classes of html and body."""
    words = [f"h:{word}" for value in _HEAD(tree)[:4] for word in _LETTERS.findall(value[:60].lower())[:3]]
    types = {name for script in _JSON_LD(tree)[:10] for name in _TYPE.findall(script[:_MOST_JSON])[:20]}
    words += [f"ld:{name.lower()}" for name in sorted(types)]
    return words + ["@" + word for element in (tree, body) for word in words_of_key(key_of(element))]
