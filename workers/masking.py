"""Passwords out of whatever is printed or logged."""

import re

_IN_AUTHORITY = re.compile(r"([a-z+]{2,20}://[^\s:/@]{0,256}):\S{0,1024}@", re.IGNORECASE)
_IN_QUERY = re.compile(r"([?&](?:username|password)=)[^\s&'\"]{1,1024}", re.IGNORECASE)


def masked(text: str) -> str:
    """`text` with the password of every URL in it, in the authority or the query, as ***."""
    if "://" not in text and "password=" not in text:
        return text
    return _IN_QUERY.sub(r"\1***", _IN_AUTHORITY.sub(r"\1:***@", text))
