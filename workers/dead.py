"""Reads dead letters out of stream entries."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from workers.store import DeadLetter

PREFIX = b"dead_"
_OWN = re.compile(rb"dead_[^_]")


def read_letter(letter: bytes, fields: Mapping[bytes, bytes]) -> DeadLetter:
    """A dead letter from its entry: our `dead_*` fields, and the raw entry's own beside them."""

    def own(name: str) -> str:
        return fields.get(PREFIX + name.encode(), b"").decode("utf-8", "replace")

    return DeadLetter(
        letter=letter.decode(),
        reason=own("reason"),
        detail=own("detail"),
        queue=own("queue"),
        id=own("id"),
        url=own("url"),
        host=own("host"),
        at=_time(own("at"), letter),
        size=int(own("bytes") or 0),
        fields={_raw_name(name): value for name, value in fields.items() if not _OWN.match(name)},
    )


def _raw_name(name: bytes) -> bytes:
    """A raw entry may hold names like ours: the commit gave those a second underscore."""
    return PREFIX + name[len(PREFIX) + 1 :] if name.startswith(b"dead__") else name


def _time(text: str, letter: bytes) -> datetime:
    try:
        return msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return datetime.fromtimestamp(int(letter.partition(b"-")[0]) / 1000, UTC)
