"""Text from pages as it may reach a terminal or a log: nothing in it moves the cursor or forges a line."""

import re

_REWRITTEN = (
    r"\x00-\x1f\x7f-\x9f"  # controls, ESC and the 8-bit ones among them
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the direction of writing, or hides
    r"\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    r"\U000e0000-\U000e007f"  # tags: ASCII that no terminal shows
)
_UNPRINTABLE = re.compile(f"[{_REWRITTEN}]")
_IN_BLOCK = re.compile(f"(?![\n\t])[{_REWRITTEN}]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def printable(text: str) -> str:
    r"""One line: control characters, ESC, turns of direction and lone surrogates as \n, \x1b, \u202e, ...

    A backslash stays as it is, so the result is for people; it is not to be parsed.
    """
    return _UNPRINTABLE.sub(_escape, text)


def printable_block(text: str) -> str:
    """The same for text of several lines: line feeds and tabs stay."""
    return _IN_BLOCK.sub(_escape, text)


def printable_json(line: str) -> str:
    r"""The same for JSON, which it stays: only strings hold such characters, and there \uXXXX is their like."""
    return _UNPRINTABLE.sub(_json_escape, line)


def shortened(text: str, width: int) -> str:
    """At most `width` characters of an escaped text, with an ellipsis where some were cut."""
    line = printable(text[: width + 1])
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _escape(match: "re.Match[str]") -> str:
    character = match[0]
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if number <= 0xFF:  # noqa: PLR2004
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004


def _json_escape(match: "re.Match[str]") -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
