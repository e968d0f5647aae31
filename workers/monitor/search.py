"""Finds settled pages by what they are: looks back through the settled stream, the newest first.

There is no index, for none is needed: the stream is bounded (`settled_limit`, 100,000 entries by default), a look at
all of it takes about a second here and 100 short commands there, and an index by URL would cost every page a write and
as much memory again. What the stream has forgotten nobody can search.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from redis import Redis

from pagemill.entry_id import milliseconds_at, time_of
from pipeline.urls.url import host_of, site_of, url_key

LOOK_BACK = 100_000
"""Entries that one search looks at."""

_AT_A_TIME = 1_000

Fields = Mapping[bytes, bytes]


class SettledPage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one page, as the commit wrote it. Ids and URLs come from outside: whoever shows them escapes."""

    entry: str
    at: datetime
    id: str
    url: str
    outcome: str
    reason: str
    of: str
    """The id of the record that it repeats or replaces; "" for none."""

    similarity: float | None


class SettledWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which pages: empty is any. `since` and `until` bound when they were settled, by Redis's clock, both included.

    `url` is a page's address in any spelling, or a part of one: what names a host is an address.
    """

    url: str = ""
    host: str = ""
    outcome: str = ""
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: str = ""
    """Only from before this entry: `Found.next`, to go on."""

    look_back: int = LOOK_BACK


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, and how far it looked."""

    pages: tuple[SettledPage, ...]
    looked: int
    """Entries that were looked at."""

    length: int
    """Entries that the stream holds."""

    back_to: datetime | None
    """When the last of them that was looked at was settled; None when there was none."""

    next: str | None
    """Where to go on (`before`); None when all was looked at."""


def find_settled(client: Redis, stream: str, wanted: SettledWanted, *, most: int = 100) -> Found:
    """At most so many, the newest first. Raises redis's errors."""
    takes = _filter(wanted)
    pages: list[SettledPage] = []
    looked, entry = 0, ""
    for entry, fields in settled_backwards(client, stream, wanted):
        looked += 1
        if takes(fields):
            pages.append(read_settled(entry, fields))
        if len(pages) == most:
            break
    return Found(
        pages=tuple(pages),
        looked=looked,
        length=client.xlen(stream),
        back_to=entry_time(entry) if entry else None,
        next=entry if looked == wanted.look_back or len(pages) == most else None,
    )


def settled_backwards(client: Redis, stream: str, wanted: SettledWanted) -> Iterator[tuple[str, Fields]]:
    """The stream's entries from where it is wanted, the newest first, a thousand a command; whatever their fields."""
    look_back = wanted.look_back
    last = f"({wanted.before}" if wanted.before else "+" if wanted.until is None else str(milliseconds_at(wanted.until))
    first = "-" if wanted.since is None else str(milliseconds_at(wanted.since))
    while look_back > 0:
        found = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrevrange(stream, last, first, _AT_A_TIME))
        for entry, fields in found[:look_back]:
            yield entry.decode(), fields
        if len(found) < _AT_A_TIME:
            return
        last, look_back = f"({found[-1][0].decode()}", look_back - len(found)


def read_settled(entry: str, fields: Fields) -> SettledPage:
    """A settled page out of its entry, whatever that holds."""
    told = {name: fields.get(name.encode(), b"").decode("utf-8", "replace") for name in _FIELDS}
    return SettledPage(entry=entry, at=entry_time(entry), similarity=_share(fields.get(b"similarity", b"")), **told)


def same_page(url: str) -> Callable[[str], bool]:
    """Tells of other addresses whether they are the same page's: equal, or in the form in which all of them are."""
    key, site = url_key(url), site_of(host_of(url))

    def is_same(other: str) -> bool:
        # The key costs 20 us, the look for the site a tenth of one. A host that is no ASCII is spelt otherwise in it.
        near = site in other.lower() or not other.isascii()
        return other == url or (near and url_key(other) == key)

    return is_same


def entry_time(entry: str) -> datetime:
    """When an entry was added, by Redis's clock; the last moment that can be told for one that claims to be later."""
    return time_of(entry) or datetime.max.replace(tzinfo=UTC)


def _filter(wanted: SettledWanted) -> Callable[[Fields], bool]:
    """Whether an entry is one of those that are wanted; cheap tests first."""
    exact = [
        (name, value.encode()) for name, value in ((b"outcome", wanted.outcome), (b"reason", wanted.reason)) if value
    ]
    host, part = wanted.host.lower(), wanted.url.lower()
    is_same = same_page(wanted.url) if host_of(wanted.url) else lambda url: part in url.lower()

    def takes(fields: Fields) -> bool:
        if not all(fields.get(name) == value for name, value in exact):
            return False
        url = fields.get(b"url", b"").decode("utf-8", "replace")
        if host and (host not in url.lower() or host_of(url) != host):
            return False
        return not part or is_same(url)

    return takes


def _share(told: bytes) -> float | None:
    try:
        return msgspec.convert(told.decode("ascii"), float, strict=False) if told else None
    except (msgspec.ValidationError, UnicodeDecodeError):
        return None


_FIELDS: tuple[Any, ...] = ("id", "url", "outcome", "reason", "of")
