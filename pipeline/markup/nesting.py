"""Markup nested too deep for libxml2, made shallow without losing text."""

import re

_MOST_DEPTH = 60  # of the tags counted here; with the li, tr and td between them that stays below libxml2's 256
_MOST_DEEP_TAGS = 2_000  # that are kept down there, for their paragraphs: extractors go quadratic on more

_TAG = re.compile(r"<(/?)([a-z][a-z0-9:-]{0,40}+)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+)*+>?+", re.IGNORECASE)
_NAMES = (
    "area base br col hr img input link meta param "  # have no end
    "html head body p li tr td th tbody "  # are ended by their like; libxml2 knows no others
)
_RAW = frozenset({"script", "style", "textarea", "title"})  # hold no tags
_UNCOUNTED = _RAW.union(_NAMES.split())
_NO_END = "bgsound command embed keygen source track wbr"  # but libxml2 waits for one
_EMPTY = frozenset(_NO_END.split())


def flatten(markup: str) -> str:
    """`markup` without the tags that open below 60 levels, and without as many end tags; all text stays. Linear."""
    depth = dropped = deep = 0

    def shallow(match: re.Match[str]) -> str:
        nonlocal depth, dropped, deep
        ends, name = match[1], match[2].lower()
        if name in _EMPTY:
            return ""
        if name in _UNCOUNTED:
            deep += dropped > 0
            return match[0] if dropped == 0 or deep <= _MOST_DEEP_TAGS or name in _RAW else "\n"
        if ends:
            if dropped == 0:
                depth = max(0, depth - 1)
                return match[0]
            dropped -= 1
        elif depth < _MOST_DEPTH:
            depth += 1
            return match[0]
        else:
            dropped += 1
        return "\n"

    return _TAG.sub(shallow, markup)
