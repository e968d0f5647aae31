"""Markup nested too deep for libxml2, made shallow without losing text."""

import re

_MOST_DEPTH = 60  # of the tags counted here; with the li, tr and td between them that stays below libxml2's 256

_TAG = re.compile(r"<(/?)([a-z][a-z0-9:-]{0,40}+)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+)*+>?+", re.IGNORECASE)
_NAMES = (
    "area base br col embed hr img input link meta param source track wbr "  # have no end
    "html head body p li dd dt tr td th tbody thead tfoot option optgroup rp rt "  # are ended by their like
    "script style textarea title"  # hold text only
)
_UNCOUNTED = frozenset(_NAMES.split())


def flatten(markup: str) -> str:
    """`markup` without the tags that open below 60 levels, and without as many end tags. Linear."""
    depth = dropped = 0

    def shallow(match: re.Match[str]) -> str:
        nonlocal depth, dropped
        if match[2].lower() in _UNCOUNTED:
            return match[0]
        if not match[1]:
            if depth == _MOST_DEPTH:
                dropped += 1
                return "\n"
            depth += 1
        elif dropped:
            dropped -= 1
            return "\n"
        else:
            depth = max(0, depth - 1)
        return match[0]

    return _TAG.sub(shallow, markup)
