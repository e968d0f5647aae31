"""The MemoryStore's records stream, with the groups that read it."""

from collections.abc import Mapping, Sequence

from workers.memory.queue import EntryIds, order
from workers.store.contract import GroupLag

Fields = Mapping[bytes, bytes]


class MemoryOutput:
    """Records, the oldest first, and for each group what it has read and what it has not acknowledged."""

    def __init__(self, limit: int, *, trims: bool) -> None:
        self.entries: dict[str, Fields] = {}
        self.trimmed = 0
        """Records that went before every group had acknowledged them."""
        self._limit = limit
        self._trims = trims
        self._read: dict[str, str] = {}
        self._pending: dict[str, set[str]] = {}
        self._ids = EntryIds()

    def make_room(self, wanted: int) -> str | None:
        """Trim behind what every group acknowledged, when `wanted` more do not fit: None, or the group that blocks."""
        if len(self.entries) + wanted <= self._limit or not self._read:
            return None
        slowest = min(sorted(self._read), key=self._needs)
        edge = self._needs(slowest)
        for entry in [entry for entry in self.entries if order(entry) < edge]:
            del self.entries[entry]
        blocked = self.entries and len(self.entries) + wanted > self._limit
        return slowest if blocked and not self._trims else None

    def publish(self, fields: Fields, now: int) -> None:
        """Append a record."""
        self.entries[self._ids.next(now)] = fields

    def keep_newest(self) -> None:
        """Trim to the limit, where no group reads or the setting is to trim: then what is lost is counted."""
        if self._read and not self._trims:
            return
        surplus = list(self.entries)[: max(0, len(self.entries) - self._limit)]
        for entry in surplus:
            del self.entries[entry]
        self.trimmed += len(surplus) if self._read else 0

    def add_group(self, group: str) -> None:
        """A new group; it starts at the oldest record."""
        self._read.setdefault(group, "0-0")
        self._pending.setdefault(group, set())

    def read(self, group: str, most: int) -> list[tuple[str, Fields]]:
        """The next records for a group; they are pending until it acknowledges them."""
        found = [entry for entry in self.entries if order(entry) > order(self._read[group])][:most]
        self._pending[group].update(found)
        self._read[group] = found[-1] if found else self._read[group]
        return [(entry, self.entries[entry]) for entry in found]

    def acknowledge(self, group: str, entries: Sequence[str]) -> None:
        """These records are done with, for this group."""
        self._pending[group].difference_update(entries)

    def lags(self) -> list[GroupLag]:
        """The groups, by name."""
        return [
            GroupLag(
                group=group,
                unread=sum(order(entry) > order(self._read[group]) for entry in self.entries),
                pending=len(self._pending[group]),
            )
            for group in sorted(self._read)
        ]

    def _needs(self, group: str) -> tuple[int, int]:
        """The oldest entry id that a group still needs."""
        if self._pending[group]:
            return min(map(order, self._pending[group]))
        milliseconds, number = order(self._read[group])
        return milliseconds, number + 1
