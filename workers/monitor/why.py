"""Why a page is where it is: all that was decided on it, where it waits, and what it repeats.

Bounded reads: the settled stream back to `LOOK_BACK` entries, some pages from either end of each queue, `LETTERS` dead
letters. The answer says how far each look went, so that "nothing found" means something. What this Redis user may not
read is None, or left out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
from redis import Redis

from pagemill.entry_id import milliseconds_of
from pagemill.keys import Keys
from pipeline.urls.url import normalise_url, url_key
from workers.monitor.allowed import if_allowed
from workers.monitor.search import (
    LOOK_BACK,
    SettledPage,
    SettledWanted,
    entry_time,
    read_settled,
    same_page,
    settled_backwards,
)
from workers.monitor.unsettled import Waiting, find_unsettled
from workers.scripts import Script
from workers.store.articles import read_current
from workers.store.contract import DeadLetter
from workers.store.dead import Wanted, newest_letters

RECORD_NEAR = Script("record_near")

MOST_DECISIONS = 50
LETTERS = 10_000

_PUBLISHED = (b"published", b"updated")
_STEP = 20  # milliseconds: what a commit takes between a page's record and its settled entry, with much to spare
_RECORDS = 2_000


class RecordTold(msgspec.Struct, frozen=True, kw_only=True):
    """A record, as far as it is known: `entry` and `title` are None once the output stream has let it go."""

    id: str
    url: str
    at: datetime
    """When it was published."""

    entry: str | None = None
    title: str | None = None
    article: str | None = None
    version: int | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One time that the page was settled."""

    page: SettledPage
    record: RecordTold | None = None
    """What was published of it."""

    repeats: RecordTold | None = None
    """What it repeats or replaces; None too when that was published further back than the look went."""


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What the mill has as this address's current article, however long ago that was published."""

    version: int
    record: str
    """The id of the page that it was made from."""


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one address, the newest first."""

    url: str
    normal: str
    """The address in its one spelling."""

    decisions: tuple[Decision, ...]
    waiting: tuple[Waiting, ...] | None
    letters: tuple[DeadLetter, ...] | None
    remembered: Remembered | None
    looked_settled: int
    of_settled: int
    back_to: datetime | None
    """When the last page was settled that was looked at."""

    looked_waiting: int
    of_waiting: int
    looked_letters: int


def why(client: Redis, keys: Keys, url: str, *, look_back: int = LOOK_BACK) -> Why:
    """All that the mill knows of an address, in any spelling. Raises redis's errors."""
    is_same = same_page(url)
    decisions, looked, back_to = _decisions(client, keys, is_same, look_back)
    waiting, looked_waiting, of_waiting = find_unsettled(client, keys, is_same)
    letters, looked_letters = _letters(client, keys, is_same)
    return Why(
        url=url,
        normal=normalise_url(url),
        decisions=decisions,
        waiting=waiting,
        letters=letters,
        remembered=_remembered(client, keys, url),
        looked_settled=looked,
        of_settled=client.xlen(keys.settled),
        back_to=back_to,
        looked_waiting=looked_waiting,
        of_waiting=of_waiting,
        looked_letters=looked_letters,
    )


def _decisions(
    client: Redis, keys: Keys, is_same: Callable[[str], bool], look_back: int
) -> tuple[tuple[Decision, ...], int, datetime | None]:
    """What was settled under this address. What it repeats came earlier, so one look back meets both."""
    pages: list[SettledPage] = []
    published: dict[str, SettledPage] = {}
    sought: set[bytes] = set()
    looked, entry = 0, ""
    for entry, fields in settled_backwards(client, keys.settled, SettledWanted(look_back=look_back)):
        looked += 1
        page_id = fields.get(b"id", b"")
        if page_id in sought and fields.get(b"outcome") in _PUBLISHED:
            sought.discard(page_id)
            original = read_settled(entry, fields)
            published[original.id] = original
        if len(pages) < MOST_DECISIONS and is_same(fields.get(b"url", b"").decode("utf-8", "replace")):
            pages.append(read_settled(entry, fields))
            sought |= {fields.get(b"of", b"")} - {b""}
    told = tuple(_decision(client, keys, page, published.get(page.of)) for page in pages)
    return told, looked, entry_time(entry) if entry else None


def _decision(client: Redis, keys: Keys, page: SettledPage, original: SettledPage | None) -> Decision:
    own = _record(client, keys, page) if page.outcome.encode() in _PUBLISHED else None
    return Decision(page=page, record=own, repeats=_record(client, keys, original) if original else None)


class _Body(msgspec.Struct):
    title: str | None = None
    article: str | None = None
    version: int | None = None


def _record(client: Redis, keys: Keys, page: SettledPage) -> RecordTold:
    """The record that was published of a page: with its title, while it lies in the output."""
    known = RecordTold(id=page.id, url=page.url, at=page.at)
    time = milliseconds_of(page.entry)
    found = None
    with if_allowed():
        found = RECORD_NEAR(client, [keys.records], [page.id, max(0, time - _STEP), time, _RECORDS])
    if not found:
        return known
    try:
        body = msgspec.json.decode(found[1], type=_Body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return known
    return msgspec.structs.replace(known, entry=found[0].decode(), **msgspec.structs.asdict(body))


def _letters(client: Redis, keys: Keys, is_same: Callable[[str], bool]) -> tuple[tuple[DeadLetter, ...] | None, int]:
    found: list[DeadLetter] = []
    looked = 0
    with if_allowed():
        for letter in _newest(client, keys.dead):
            looked += 1
            if is_same(letter.url):
                found.append(letter)
        return tuple(found), looked
    return None, 0


def _newest(client: Redis, dead: str) -> Iterator[DeadLetter]:
    before: str | None = ""
    for _ in range(LETTERS // 100):
        letters, before = newest_letters(client, dead, Wanted(), before=before or "")
        yield from letters
        if before is None:
            return


def _remembered(client: Redis, keys: Keys, url: str) -> Remembered | None:
    with if_allowed():
        found = read_current(client, keys, url_key(url))
        return Remembered(version=found.version, record=found.record) if found else None
    return None
