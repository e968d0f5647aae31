"""The names of all keys that Pagemill keeps in Redis. docs/keys.md tells what each holds and costs."""

import re

import msgspec

from pagemill.errors import SettingsError

GROUP = "mill"
"""The consumer group of the workers on every page queue."""

DEFAULT_PREFIX = "pagemill"
DEFAULT_QUEUE = "default"

METERS = {
    **dict.fromkeys(("hosts:new", "hosts:old", "sources:new", "sources:old"), "hash"),
    **dict.fromkeys(("counts", "minutes", "day"), "stream"),
}
"""Each part of what the meters count -> its type in Redis."""

_QUEUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_PREFIX = re.compile(r"[!-~]{1,64}")


class Keys(msgspec.Struct, frozen=True):
    """Keys under one prefix, which may be a hash tag (`{mill}`), so that a mill lives in one slot of a cluster."""

    prefix: str = DEFAULT_PREFIX

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            msg = f"prefix: {self.prefix!r}: must be 1 to 64 printable ASCII characters without blanks"
            raise SettingsError(msg)

    def pages(self, queue: str) -> str:
        """The stream of raw pages of one queue."""
        return f"{self.prefix}:pages:{check_queue(queue)}"

    @property
    def queues(self) -> str:
        """The set of the names of all queues that were ever worked on or pushed to by a Producer."""
        return f"{self.prefix}:queues"

    @property
    def records(self) -> str:
        """The output stream."""
        return f"{self.prefix}:records"

    @property
    def settled(self) -> str:
        """The stream with one small entry for each settled page."""
        return f"{self.prefix}:settled"

    @property
    def ledger(self) -> str:
        """The hash of counters: `QUEUE|OUTCOME`, and `QUEUE|OUTCOME|REASON` where there is a reason."""
        return f"{self.prefix}:ledger"

    @property
    def dead(self) -> str:
        """The stream of dead letters: each the raw entry's fields beside `dead_*` ones."""
        return f"{self.prefix}:dead"

    @property
    def trials(self) -> str:
        """The hash of strikes and unexplained deaths of pages that are tried alone."""
        return f"{self.prefix}:trials"

    @property
    def leases(self) -> str:
        """The hash that tells whether Redis stood still, or its clock jumped: then no lease runs out for a while."""
        return f"{self.prefix}:leases"

    def meters(self, part: str) -> str:
        """What the meters count, by part: METERS."""
        return f"{self.prefix}:meters:{part}"

    def articles(self, generation: str) -> str:
        """The hash of each article's current version; `generation` is new or old."""
        return f"{self.prefix}:memory:articles:{generation}"

    @property
    def memory(self) -> tuple[str, str, str, str]:
        """What is remembered of pages: a hash, and of three kinds of strings what their names begin with."""
        head, ring, exact, near = (f"{self.prefix}:memory:{part}" for part in ("head", "ring", "exact", "near"))
        return head, ring, exact, near

    @property
    def memory_since(self) -> str:
        """When the new generation of articles began, in milliseconds."""
        return f"{self.prefix}:memory:since"

    @property
    def sites(self) -> str:
        """The sorted set of the sites that have a profile, by when it was written last."""
        return f"{self.prefix}:sites"

    @property
    def site(self) -> str:
        """What the name of a profile begins with; `:` and the site follow."""
        return f"{self.prefix}:site"


def is_queue(name: str) -> bool:
    """Whether a queue may be called so."""
    return _QUEUE_NAME.fullmatch(name) is not None


def check_queue(queue: str) -> str:
    """The queue's name as it came, or SettingsError."""
    if not is_queue(queue):
        msg = f"queue: {queue!r}: must be 1 to 64 letters, digits, '.', '_' or '-', and begin with a letter or digit"
        raise SettingsError(msg)
    return queue
