"""One queue of the MemoryStore: what a Redis Stream and its consumer group do for the mill."""

from collections.abc import Mapping, Sequence

import msgspec

from workers.store.contract import Mark, Taken

Fields = Mapping[bytes, bytes]

NOBODY = "handed-back"
"""Holds what was handed back, until a worker adopts it."""


class Lease(msgspec.Struct):
    """A page that is out: to whom, since when (milliseconds), how often. `fields` None: the entry was deleted."""

    fields: Fields | None
    consumer: str
    since: int
    deliveries: int = 1


class Trial(msgspec.Struct):
    """What is held against a page that is tried alone: deaths it caused, and deaths that nobody can explain."""

    strikes: int = 0
    lonely: int = 0


class MemoryQueue:
    """Pages that wait, in the order of their push, and pages that are out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pushed = 0
        self.waiting: dict[str, Fields] = {}
        self.running: dict[str, Lease] = {}
        self.trials: dict[str, Trial] = {}
        self._ids = EntryIds()

    def push(self, fields: Fields, now: int) -> str:
        """Add a page; answers its entry id."""
        entry = self._ids.next(now)
        self.waiting[entry] = dict(fields)
        self.pushed += 1
        return entry

    def take(self, consumer: str, most: int, now: int) -> list[Taken]:
        """The oldest pages that wait."""
        entries = list(self.waiting)[:most]
        for entry in entries:
            self.running[entry] = Lease(self.waiting.pop(entry), consumer, now)
        return [self._taken(entry) for entry in entries]

    def adopt(self, consumer: str, most: int, *, expired: int, now: int, suspect: int) -> list[Taken]:
        """Pages out since `expired` or before: several without a blot, or one that is tried alone."""
        adopted: list[Taken] = []
        for entry in [entry for entry in sorted(self.running, key=order) if self.running[entry].since <= expired][
            :most
        ]:
            lease = self.running[entry]
            alone = entry in self.trials or lease.deliveries >= suspect
            if (alone and adopted) or not self._still_there(entry):
                continue
            lease.consumer, lease.since, lease.deliveries = consumer, now, lease.deliveries + 1
            if alone:
                self.trials.setdefault(entry, Trial()).lonely += 1
                return [self._taken(entry)]
            adopted.append(self._taken(entry))
        return adopted

    def renew(self, consumer: str, entries: Sequence[str], now: int) -> int:
        """Renew the leases that are still the consumer's; answers how many are."""
        mine = [entry for entry in entries if self._is_held(entry, consumer) and self._still_there(entry)]
        for entry in mine:
            self.running[entry].since = now
        return len(mine)

    def hand_back(self, consumer: str, expired: int) -> int:
        """Let all that the consumer holds be adopted at once; counts no delivery."""
        mine = [entry for entry in list(self.running) if self._is_held(entry, consumer) and self._still_there(entry)]
        for entry in mine:
            self.running[entry].consumer, self.running[entry].since = NOBODY, expired
        return len(mine)

    def mark(self, consumer: str, entry: str, mark: Mark) -> tuple[int, int] | None:
        """Hold a death against a page, or take one back: (strikes, lonely)."""
        if not self._is_held(entry, consumer):
            return None
        if mark == "innocent" and entry not in self.trials:
            return 0, 0
        trial = self.trials.setdefault(entry, Trial())
        if mark == "strike":
            trial.strikes += 1
        if mark in ("strike", "innocent"):
            trial.lonely = max(trial.lonely - 1, 0)
        return trial.strikes, trial.lonely

    def find(self, entry: str) -> Fields | None:
        """The fields of a page that waits or is out; None of one that was settled or deleted."""
        lease = self.running.get(entry)
        return lease.fields if lease else self.waiting.get(entry)

    def settle(self, entry: str) -> Lease | None:
        """Take a page out for good: its lease, or None when it is not out (any more)."""
        lease = self.running.pop(entry, None)
        if lease is not None:
            self.trials.pop(entry, None)
        return lease

    def delete(self, entry: str) -> None:
        """What XDEL by somebody else does: the entry is gone, a lease on it is not."""
        self.waiting.pop(entry, None)
        if entry in self.running:
            self.running[entry].fields = None

    def _is_held(self, entry: str, consumer: str) -> bool:
        return entry in self.running and self.running[entry].consumer == consumer

    def _still_there(self, entry: str) -> bool:
        """Redis drops the lease on a deleted entry when it is next claimed; so does this."""
        if self.running[entry].fields is not None:
            return True
        self.settle(entry)
        return False

    def _taken(self, entry: str) -> Taken:
        trial = self.trials.get(entry, Trial())
        fields = self.running[entry].fields or {}
        return Taken(queue=self.name, entry=entry, fields=fields, strikes=trial.strikes, lonely=trial.lonely)


class EntryIds:
    """Entry ids as a stream gives them: `MILLISECONDS-NUMBER`, always growing."""

    def __init__(self) -> None:
        self._last = (0, 0)

    def next(self, now: int) -> str:
        """The next id; a clock that went back does not matter."""
        milliseconds, number = self._last
        self._last = (now, 0) if now > milliseconds else (milliseconds, number + 1)
        return f"{self._last[0]}-{self._last[1]}"


def order(entry: str) -> tuple[int, int]:
    """Entry ids in the order of a stream."""
    milliseconds, number = entry.split("-")
    return int(milliseconds), int(number)
