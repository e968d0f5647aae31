"""Markup of more tags than any page needs, brought down before the parser makes a tree of them. Linear."""

import re

_MOST_TAGS = 40_000  # start and end tags: of 1,000 real pages the longest has 15,795
_PIECE = 2_000  # characters of a paragraph of what follows
_LONG_TEXT = 1_000_000  # characters: libxml2 drops a text of over 10 MB

# As in parse.py: once begun no token fails, and none goes back. What scripts and styles hold is no text.
_MARK = re.compile(
    r"<!--(?:[^-]++|-(?!->))*+(?:-->)?"
    r"|<(script|style|template)\b(?:[^<]++|<(?!/\1))*+"
    r"|</?[a-z](?:[^>=]++|=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+)*+>?+"
    r"|<(?:[!?]|/(?![a-z]))[^>]*+>?+",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(rf"[\s\S]{{{_PIECE}}}\S{{0,{_PIECE}}}")
_BROKEN = r"\g<0><p>"
_LINE_END = "\n"
_LINE_ENDS = re.compile(r"\n{2,}")
_RUN = re.compile(r"[^<]++")


def thin(markup: str) -> str:
    """`markup` up to its 40,000th tag, and the text alone of what follows, in paragraphs of 2,000 characters."""
    if markup.count("<") <= _MOST_TAGS:
        return markup
    for number, mark in enumerate(_MARK.finditer(markup), 1):
        if number > _MOST_TAGS:
            return markup[: mark.start()] + text_alone(markup[mark.start() :])
    return markup


def text_alone(markup: str) -> str:
    """The text of `markup` in paragraphs of 2,000 characters, without any other tag."""
    return f"<p>{_PARAGRAPH.sub(_BROKEN, _LINE_ENDS.sub(_LINE_END, _MARK.sub(_LINE_END, markup)))}"


def break_long_texts(markup: str) -> str:
    """`markup` with a new paragraph in each text of more than a million characters, at the next blank."""
    if len(markup) <= _LONG_TEXT or max(map(len, markup.split("<"))) <= _LONG_TEXT:
        return markup
    return _RUN.sub(_broken, markup)


def _broken(run: re.Match[str]) -> str:
    return run[0] if run.end() - run.start() <= _LONG_TEXT else _PARAGRAPH.sub(_BROKEN, run[0])
