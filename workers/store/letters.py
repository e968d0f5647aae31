"""The raw page in a dead letter, as far as it can be had."""

from pagemill.encoding import decompress
from pagemill.errors import InvalidPage, MalformedEntry
from pagemill.limits import Limits
from workers.store.contract import DeadLetter


def body_of(letter: DeadLetter, limits: Limits) -> bytes:
    """The page's bytes without their content encoding; as they lie in the entry, where that is a lie."""
    body = letter.fields.get(b"body", b"")
    encoding = letter.fields.get(b"content_encoding", b"").decode("ascii", "replace").strip().lower()
    try:
        return decompress(body, encoding, limits.max_body)
    except (MalformedEntry, InvalidPage):
        return body
