"""JSON-LD (json-ld.org) with schema.org's vocabulary: what a page says about its main article.

Bounded: scripts in number and size, nodes in number and depth. Lenient where pages commonly err:
comments around the JSON, raw line breaks in strings, trailing commas, lone surrogates.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from pipeline.markup.entities import unescape

MAX_SCRIPTS = 32
MAX_CHARACTERS = 1_000_000  # of all scripts; the longest real ones carry an article's whole body
MAX_NODES = 2_000
_MAX_DEPTH = 6

Node = dict[str, Any]

_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>|/\*\s*\]\]>\s*\*/)\s*$"
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_BAD_ESCAPE = re.compile(r'\\(?![\\"/bfnrtu])')
_FOLLOWED = ("@graph", "mainEntity", "mainEntityOfPage")


def read_jsonld(scripts: Iterable[str]) -> list[Node]:
    """Every node of the scripts that stands for the page or a part of it, in the page's order, references resolved."""
    nodes: list[Node] = []
    room = MAX_CHARACTERS
    for script in islice(scripts, MAX_SCRIPTS):
        room -= len(script)
        if room >= 0:
            nodes.extend(_nodes(_decode(script), MAX_NODES - len(nodes)))
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    return [{key: _resolve(value, by_id) for key, value in node.items()} for node in nodes]


def types_of(node: Node) -> tuple[str, ...]:
    """A node's types, without a namespace in front."""
    return tuple(name.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in strings(node.get("@type")))


def strings(value: object) -> list[str]:
    """The texts in a value that may be a text, a list, or an object with a value or a name."""
    texts: list[str] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = item.get("@value") or item.get("name")  # noqa: PLW2901
            item = item[0] if isinstance(item, list) and item else item  # noqa: PLW2901
        if isinstance(item, str) and item.strip():
            texts.append(item)
    return texts


def _decode(script: str) -> object:
    """The script's JSON, or None. Strict first: most are well formed."""
    for text in _readings(script):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
    return None


def _readings(script: str) -> Iterator[str]:
    yield script
    text = _CONTROL.sub(" ", _WRAPPING.sub("", script)).strip().rstrip(";")
    yield text
    text = _SURROGATE.sub("", _TRAILING_COMMA.sub("", text))
    text = _BAD_ESCAPE.sub("", text).encode("utf-8", "replace").decode()
    yield text
    if "&quot;" in text[:200]:
        yield unescape(text)


def _nodes(value: object, room: int) -> Iterator[Node]:
    """Objects in document order, through lists, @graph and the main entity; at most `room`."""
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting and room > 0:
        item, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            continue
        if isinstance(item, list):
            waiting.extend((part, depth + 1) for part in reversed(item[:room]))
        elif isinstance(item, dict):
            yield item
            room -= 1
            waiting.extend((item[key], depth + 1) for key in reversed(_FOLLOWED) if key in item)


def _resolve(value: object, by_id: dict[str, Node]) -> object:
    """`value` with a reference ({"@id": ...} alone) replaced by the node that it names: one step, so no cycles."""
    if isinstance(value, list):
        return [_resolve(item, by_id) if isinstance(item, dict) else item for item in value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and not ({"name", "url"} & value.keys()):
        return by_id.get(value["@id"], value)
    return value
