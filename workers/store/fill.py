"""How full the memory of pages in Redis is, and how far back it reaches."""

from datetime import UTC, datetime
from math import ceil, expm1
from typing import Any

import msgspec
from redis import Redis

from pagemill.keys import Keys
from workers.scripts import Script
from workers.store.ring_layout import (
    KEYS_A_PAGE,
    RING_STRING_BYTES,
    STRING_UNITS,
    TABLE_STRING_BYTES,
    TABLE_STRING_ENTRIES,
    TIME_AT,
    UNIT,
    UNITS_A_PAGE,
)

FILL = Script("near/fill")


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """How full the memory is. A page that repeats another takes a quarter of one with a text of its own."""

    pages: int
    """Pages with a text of their own that the ring could hold in what is in use of it."""

    capacity: int
    """What the memory was made for; 0 before the first page."""

    since: datetime | None
    """When the oldest page came that is still remembered, unless the setting `memory_days` forgets it earlier."""

    has_forgotten: bool
    """Whether the ring went round: older pages were remembered once."""

    bytes: int
    """What its strings take of Redis's memory, estimated."""


def read_fill(client: Redis, keys: Keys) -> Fill:
    """In one call, which costs the server a few microseconds. Raises redis's errors."""
    head, ring, *_ = keys.memory
    told: Any = FILL(client, [head, ring], [STRING_UNITS, UNITS_A_PAGE, UNIT, TIME_AT])
    at, capacity, went_round, seconds = told
    pages = capacity if went_round else min(capacity, at // UNITS_A_PAGE)
    since = datetime.fromtimestamp(int.from_bytes(seconds, "big"), UTC) if any(seconds) else None
    return Fill(pages=pages, capacity=capacity, since=since, has_forgotten=bool(went_round), bytes=_bytes(capacity, at))


def _bytes(capacity: int, at: int) -> int:
    """Of the ring's strings that were begun, and of the tables' that a key has come to, as far as one can expect."""
    if not capacity:
        return 0
    ring = min(at // STRING_UNITS, ceil(capacity * UNITS_A_PAGE / STRING_UNITS)) + 1
    tables = [(ceil(capacity * keys / TABLE_STRING_ENTRIES), at // UNITS_A_PAGE * keys) for keys in KEYS_A_PAGE]
    begun = sum(strings * -expm1(-came / strings) for strings, came in tables)
    return ring * RING_STRING_BYTES + int(begun * TABLE_STRING_BYTES)
