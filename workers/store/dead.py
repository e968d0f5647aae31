"""Reads dead letters out of stream entries."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from redis import Redis

from pagemill.entry_id import milliseconds_at, milliseconds_of, time_of
from workers.scripts import Script
from workers.store.contract import DeadLetter

PAGE = 100
"""Letters that are read at a time."""

LOOKED_AT = 2_000
"""Letters that one search for the newest looks at."""

PREFIX = b"dead_"
_OWN = re.compile(rb"dead_[^_]")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters: empty is any. `since` and `until` bound when a page died, by Redis's clock, both included.

    `url` is a part of the page's address, whatever its case.
    """

    reason: str = ""
    host: str = ""
    queue: str = ""
    url: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, letter: DeadLetter) -> bool:
        """Whether it is one of them, whenever it died."""
        pairs = ((self.reason, letter.reason), (self.host, letter.host), (self.queue, letter.queue))
        return self.url.lower() in letter.url.lower() and all(not wanted or wanted == found for wanted, found in pairs)


def list_letters(client: Redis, dead: str, wanted: Wanted) -> Iterator[DeadLetter]:
    """Those that are there now, the oldest first, without the raw pages: `fields` is empty.

    What dies again while they are replayed is not among them, and what goes meanwhile is left out.
    """
    newest = cast("list[tuple[bytes, Any]]", client.xrevrange(dead, count=1))
    if not newest:
        return
    first = "-" if wanted.since is None else str(milliseconds_at(wanted.since))
    last = newest[0][0].decode()
    if wanted.until is not None and milliseconds_at(wanted.until) < milliseconds_of(last):
        last = str(milliseconds_at(wanted.until))
    while heads := LETTERS(client, [dead], [first, last, PAGE, ""]):
        yield from filter(wanted.takes, map(_head, heads))
        first = f"({heads[-1][0].decode()}"


def newest_letters(
    client: Redis, dead: str, wanted: Wanted, *, before: str = "", most: int = PAGE
) -> tuple[list[DeadLetter], str | None]:
    """At most so many from before the letter `before` (none: from the end), the newest first, without the raw pages.

    Answers them and where to go on, None at the end; where few are wanted, after a look at `LOOKED_AT` letters.
    """
    found: list[DeadLetter] = []
    looked = 0
    while len(found) < most and looked < LOOKED_AT:
        heads = LETTERS(client, [dead], [f"({before}" if before else "+", "-", most - len(found), "newest"])
        if not heads:
            return found, None
        found += filter(wanted.takes, map(_head, heads))
        before, looked = heads[-1][0].decode(), looked + len(heads)
    return found, before


def _head(head: tuple[bytes, list[bytes]]) -> DeadLetter:
    letter, flat = head
    return read_letter(letter, dict(zip(flat[::2], flat[1::2], strict=True)))


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
        return time_of(letter) or datetime.max.replace(tzinfo=UTC)


LETTERS = Script("letters")
