"""How full the memory of pages in Redis is, and how far back it reaches."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from redis import Redis

from pagemill.keys import Keys
from workers.scripts import Script
from workers.store.ring_layout import STRING_UNITS, TIME_AT, UNIT, UNITS_A_PAGE

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


def read_fill(client: Redis, keys: Keys) -> Fill:
    """In one call, which costs the server a few microseconds. Raises redis's errors."""
    head, ring, *_ = keys.memory
    told: Any = FILL(client, [head, ring], [STRING_UNITS, UNITS_A_PAGE, UNIT, TIME_AT])
    at, capacity, went_round, seconds = told
    pages = capacity if went_round else min(capacity, at // UNITS_A_PAGE)
    since = datetime.fromtimestamp(int.from_bytes(seconds, "big"), UTC) if any(seconds) else None
    return Fill(pages=pages, capacity=capacity, since=since, has_forgotten=bool(went_round))
