"""What a page says of itself, tidied to one line of bounded length."""

import re

from pipeline.clean import tidy
from pipeline.markup.entities import unescape

_TAG = re.compile(
    r"</?(?:a|abbr|b|br|cite|div|em|h\d|i|mark|p|q|s|small|span|strong|sub|sup|u)\b[^<>]{0,300}>", re.IGNORECASE
)
_SLACK = 8  # characters read for each that is left: entities, markup and runs of blanks go


def one_line(text: str, limit: int) -> str:
    """`text` without markup, entities, control and unseen characters, on one line, at most `limit` characters."""
    text = text[: limit * _SLACK]
    if "&" in text:
        text = unescape(unescape(text))
    if "<" in text:
        text = _TAG.sub(" ", text)
    if not (text.isascii() and text.isprintable()):
        text = tidy(text)
    return _cut(" ".join(text.split()), limit)


def _cut(text: str, limit: int) -> str:
    """The first `limit` characters, back to the last whole word where there are words."""
    if len(text) <= limit:
        return text
    whole = text[: limit + 1].rpartition(" ")[0]
    return whole if len(whole) > limit // 2 else text[:limit]
