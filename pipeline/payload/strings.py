"""The strings in scripts that hold data, each with the name that it has there.

Next.js, Nuxt, Apollo, Redux, JSON-LD and their like write the same strings in ever other shapes, of which some are no
JSON. So no shape is read: a string is what stands between two quotes. Linear in the scripts, which are bounded; without
recursion; a length that the page states only cuts what is there.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

_MOST = 3_000_000  # characters of all scripts (one of 159 real pages has more), and of what they quote
_HOLDS = re.compile(r"\s*+(?:[\[{]|[^\n;]{0,200}?=\s*+(?:[\[{(]|JSON\.parse))")
_STREAM = re.compile(r"[^\n]{0,60}?__next_f")
_STRING = re.compile(r'"((?:[^"\\]++|\\.)*+)"?(\s{0,9}:)?', re.DOTALL)  # once begun it never fails
_BARE = re.compile(r"([\w$]{1,60}+)\s{0,9}:\s{0,9}\Z")
_BRACKETS = re.compile(r"[\[\]{}()]")
_DEEPEST = 100  # brackets
_LONGEST_NAME = 80
_ODD = re.compile(r"\\(?:\\|x([0-9a-fA-F]{2})|([^\"/bfnrtu]))")  # escapes that JavaScript knows, and JSON does not
_TEXT_ROW = re.compile(rb"[0-9a-f]{1,8}:T([0-9a-f]{1,8}),")  # of React's stream: so many bytes that nothing quotes


class Value(NamedTuple):
    """A string, and the name before it; "" where it has none."""

    name: str
    text: str


def read_strings(scripts: Iterable[str]) -> Iterator[Value]:
    """The strings of the scripts that hold data, in their order; in place of a string that quotes others, these.

    What Next.js sends piece by piece (React's server components) is put together, and comes last.
    """
    room = _MOST
    stream: list[str] = []
    for script in scripts:
        if len(script) > room:
            continue
        room -= len(script)
        if _STREAM.match(script):
            stream += [value.text for value in _strings(script)]
        elif _HOLDS.match(script):
            yield from _unquoted(_strings(script), _MOST - room)
    yield from _rows("".join(stream).encode())


def _unquoted(values: Iterable[Value], room: int) -> Iterator[Value]:
    for value in values:
        quotes = '":' in value.text and room >= len(value.text)
        room -= len(value.text) if quotes else 0
        yield from _strings(value.text) if quotes else (value,)


def _rows(stream: bytes) -> Iterator[Value]:
    at = 0
    while row := _TEXT_ROW.search(stream, at):
        yield from _strings(stream[at : row.start()].decode(errors="replace"))
        at = row.end() + int(row[1], 16)
        yield Value("", stream[row.end() : at].decode(errors="replace"))
    yield from _strings(stream[at:].decode(errors="replace"))


def _strings(code: str) -> Iterator[Value]:
    """What stands in a list has the name of the list."""
    around = deque([""], maxlen=_DEEPEST)
    name, at = "", 0
    for match in _STRING.finditer(code):
        start = match.start()
        for bracket in _BRACKETS.findall(code, at, start):
            if bracket in "[{(":
                around.append(name)
            else:
                name = around.pop() if around else ""
        bare = _BARE.search(code, max(at, start - _LONGEST_NAME), start) if code[start - 1] in ": " else None
        name = bare[1] if bare else name
        if match[2]:
            name = match[1]
        else:
            yield Value(name, _decoded(match[1]))
        at = match.end()


def _decoded(text: str) -> str:
    """A string of JSON, or of JavaScript where that writes it in its own way; "" where it is neither."""
    if "\\" not in text:
        return text
    try:
        return msgspec.json.decode(f'"{_ODD.sub(_as_json, text)}"', type=str)
    except (msgspec.DecodeError, UnicodeError):
        return ""


def _as_json(escape: re.Match[str]) -> str:
    code, character = escape.groups()
    return f"\\u00{code}" if code else character or escape[0]
