"""Reads dead letters out of stream entries."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from workers.store import DeadLetter

PREFIX = b"dead_"


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
        fields={name: value for name, value in fields.items() if not name.startswith(PREFIX)},
    )


def _time(text: str, letter: bytes) -> datetime:
    try:
        return msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return datetime.fromtimestamp(int(letter.partition(b"-")[0]) / 1000, UTC)
