"""Character references in text that was escaped once too often."""

import html
import re

_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?")  # beyond any character


def unescape(text: str) -> str:
    """`text` with its character references replaced by what they name; of a number that names nothing, U+FFFD.

    `html.unescape` raises ValueError for a number of more than 4,300 digits, the longest that Python reads.
    """
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text))
