"""Store: what the mill asks of the place where pages, records and the ledger lie.

Two implement it, `RedisStore` and `MemoryStore`, and one suite of tests holds both to it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from pagemill.outcomes import DeadReason, Outcome, RejectReason

Verdict = Literal["draft", "same", "rejected", "dead"]
Reason = RejectReason | DeadReason | Literal[""]
Mark = Literal["strike", "suspect", "innocent"]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A page that a worker holds: its lease lies in the group's pending list.

    `strikes`: deaths that it caused. `lonely`: deaths alone that nobody can explain, this trial
    included; above 0 the page is tried alone.
    """

    queue: str
    entry: str
    fields: Mapping[bytes, bytes]
    strikes: int = 0
    lonely: int = 0


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about one page, for the commit to decide on.

    `verdict`: `draft` (decide whether it is news), `same` (its bytes are remembered; not parsed),
    `rejected`, `dead`. Keys are 16 bytes each, empty where the verdict has none. `keys` and `sketch` are
    those of pipeline.sameness.sketch.Fingerprint, the keys joined; `draft` is the Draft as JSON, `traceparent` what a
    published record's entry carries on; `lacks` says what the draft has not: letters, t title, d date, a authors.
    `imprint` is what the page leaves in the profile of its site, if it is published.
    """

    verdict: Verdict
    queue: str
    entry: str
    id: str
    url: str
    host: str = ""
    bytes_key: bytes = b""
    article_key: bytes = b""
    text_key: bytes = b""
    keys: bytes = b""
    sketch: bytes = b""
    reason: Reason = ""
    detail: str = ""
    draft: bytes = b""
    traceparent: str = ""
    source: str = ""
    lacks: str = ""
    imprint: bytes = b""


class Settled(msgspec.Struct, frozen=True):
    """What the commit made of a page. `of`: the id of the record that it repeats or replaces.

    `gone`: settled before, by whoever; this result was dropped. `stale`: the verdict was `same`, but
    what it repeats is not remembered any more; process the page.
    """

    outcome: Outcome | Literal["gone", "stale"]
    of: str = ""


class OutputFull(Exception):
    """The records stream is at its limit, and `group` has not acknowledged its oldest: wait, and commit again."""

    def __init__(self, group: str) -> None:
        self.group = group
        super().__init__(f"the records stream is full, and waits for group {group!r}: let it catch up, or forget it")


class QueueCount(msgspec.Struct, frozen=True, kw_only=True):
    """One queue in pages. `pushed`: all entries ever added, None where the server does not count.

    `oldest`: when the oldest page that is not settled was pushed. `refused_jobs`: ordinary RQ jobs that
    somebody put into the list of the same name; they are never run.
    """

    queue: str
    pushed: int | None
    waiting: int
    running: int
    oldest: datetime | None = None
    refused_jobs: int = 0


class GroupLag(msgspec.Struct, frozen=True, kw_only=True):
    """One group that reads the records: `unread` were never delivered (None: unknown), `pending` not acknowledged."""

    group: str
    unread: int | None
    pending: int


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The mill's books at one moment. Outcomes and reasons are counted per queue and only grow."""

    queues: Sequence[QueueCount]
    outcomes: Mapping[str, Mapping[Outcome, int]]
    reasons: Mapping[str, Mapping[str, int]]
    """Queue -> `outcome|reason` -> pages."""

    records: int
    groups: Sequence[GroupLag]
    dead: int
    dead_bytes: int
    dead_expired: int
    dead_replayed: int
    dead_dropped: int
    records_trimmed: int
    remembered: int
    """Articles whose current version is remembered."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A page that was given up: why, and the raw entry's own fields."""

    letter: str
    reason: str
    detail: str
    queue: str
    id: str
    url: str
    host: str
    at: datetime
    size: int
    fields: Mapping[bytes, bytes]


class Store(Protocol):
    """Pages in, settled pages out. Every method may raise redis's ConnectionError, and can then be called again."""

    def open(self, queues: Sequence[str]) -> None:
        """Make the queues and their group. Raises PagemillError for a server too old or a key of a wrong type."""

    def take(self, consumer: str, queues: Sequence[str], most: int, *, wait: float = 0) -> list[Taken]:
        """New pages from the first queue that has any, in their order; `wait`: seconds, over all of them at once."""

    def adopt(self, consumer: str, queues: Sequence[str], most: int) -> list[Taken]:
        """Pages that were handed back or whose lease ran out: several without a blot, or one to be tried alone."""

    def renew(self, consumer: str, held: Sequence[tuple[str, str]]) -> int:
        """Renew the leases of (queue, entry) that are still this consumer's; answers how many are."""

    def hand_back(self, consumer: str, queues: Sequence[str], *, leave: bool = False) -> int:
        """Hand back all that this consumer holds, for others to take up at once; `leave` the group too."""

    def forget_consumers(self, queues: Sequence[str]) -> int:
        """Take consumers out of the group that hold nothing and have long been silent; answers how many."""

    def mark(self, consumer: str, queue: str, entry: str, mark: Mark) -> tuple[int, int] | None:
        """Hold a death against a page, or take one back: (strikes, lonely), or None when it is not held any more."""

    def peek(self, queue: str, entry: str) -> Taken | None:
        """A page that is held by whomever, as it lies on its queue; None when it was settled."""

    def recall(self, bytes_keys: Sequence[bytes]) -> list[bool]:
        """Which of these pages' bytes are remembered, and will be for some while."""

    def profiles(self, sites: Sequence[str]) -> list[bytes]:
        """What is known of these sites, for pipeline.site_profile.read_profile; b"" of one that is not."""

    def commit(self, settlements: Sequence[Settlement]) -> list[Settled]:
        """Settle a batch, all or nothing, by the store's own clock. Raises OutputFull, and has done nothing then."""

    def commit_and_take(
        self, settlements: Sequence[Settlement], *, consumer: str, queues: Sequence[str], most: int
    ) -> tuple[list[Settled], list[Taken]]:
        """Commit, then take without waiting, in one round trip where that saves one."""

    def ledger(self) -> Ledger:
        """The books."""

    def dead_letters(self, *, most: int = 100, after: str = "") -> list[DeadLetter]:
        """Dead letters, the oldest first, from behind the letter `after`."""

    def dead_letter(self, letter: str) -> DeadLetter | None:
        """One dead letter, or None."""

    def replay(self, letter: str) -> str | None:
        """Put a dead letter back on its queue as a new page: the new entry, or None without such a letter."""

    def drop(self, letter: str) -> bool:
        """Forget a dead letter for good."""
