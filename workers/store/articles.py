"""Reads what the commit remembers of articles: `lua/commit/articles.lua` says how it lies there."""

from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from redis import Redis

from pagemill.keys import Keys
from workers.store.ring_layout import KEY

_FIRST = 6  # bytes of a time in milliseconds


class CurrentVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The version that an article has now: its number, the id of its record, when the first version was seen."""

    version: int
    record: str
    first_seen: datetime


def read_current(client: Redis, keys: Keys, url_key: bytes) -> CurrentVersion | None:
    """What the article has now that an address belongs to, by the address's key (`pipeline.urls.url`).

    None when it is not remembered. Raises redis's errors.
    """
    value = _value(client, keys, url_key[:KEY])
    if len(value) == KEY:
        value = _value(client, keys, value)
    number, mark, rest = _parted(value[KEY + _FIRST :])
    if not number.isdigit():
        return None
    first = int.from_bytes(value[KEY : KEY + _FIRST], "big") / 1_000
    record = rest[KEY:] if mark == b"@" else rest
    return CurrentVersion(
        version=int(number), record=record.decode("utf-8", "replace"), first_seen=datetime.fromtimestamp(first, UTC)
    )


def _parted(told: bytes) -> tuple[bytes, bytes, bytes]:
    """Digits, the mark behind them, and the rest."""
    digits = len(told) - len(told.lstrip(b"0123456789"))
    return told[:digits], told[digits : digits + 1], told[digits + 1 :]


def _value(client: Redis, keys: Keys, key: bytes) -> bytes:
    field = cast("Any", key)
    found = (client.hmget(keys.articles(age), [field])[0] for age in ("new", "old"))
    return next((cast("bytes", one) for one in found if one), b"")
