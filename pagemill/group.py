"""One consumer's place in a consumer group of the records stream: the Redis side of `Consumer`."""

from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from pagemill.script import Script

Entry = tuple[str, Mapping[Any, Any]]
"""An entry's id and its fields; no fields when the entry is gone from the stream."""

_RENEW = Script("renew.lua")
_SWEEP = Script("sweep.lua")
_OLDEST = "0-0"
_SILENT_TAKEOVERS = 10  # a consumer that asked for nothing in so many times of takeover is gone


class GroupReader:
    """Reads the stream `stream` for the consumer `name` of `group`. Every method raises redis's errors.

    `takeover`: after so many milliseconds without a sign of life an entry is another consumer's to take.
    """

    def __init__(self, client: Redis, stream: str, *, group: str, name: str, takeover: int) -> None:
        self._client = client
        self._stream = stream
        self._group = group
        self._name = name
        self._takeover = takeover

    def join(self) -> None:
        """Create the group, at the stream's oldest entry, where there is none, and sweep consumers long gone."""
        try:
            self._client.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise
        self._sweep("")

    def own(self, after: str, count: int) -> list[Entry]:
        """What is pending under this name already, behind the id `after`."""
        return self._read(after, count, None)

    def new(self, count: int, block: int | None) -> list[Entry]:
        """Entries that no consumer of the group was given yet; waits `block` milliseconds for one."""
        return self._read(">", count, block)

    def orphans(self, count: int) -> list[Entry]:
        """Take over what others hold and have let lie; an entry without fields was trimmed meanwhile."""
        taken: list[Entry] = []
        cursor = _OLDEST
        while len(taken) < count:
            cursor, entries, gone = self._client.xautoclaim(
                self._stream, self._group, self._name, self._takeover, cursor, count=count
            )[:3]
            taken += [(_text(id_), fields or {}) for id_, fields in entries if id_ is not None]
            taken += [(_text(id_), {}) for id_ in gone]
            cursor = _text(cursor)
            if cursor == _OLDEST:
                break
        return taken

    def acknowledge(self, entry_id: str) -> None:
        """The entry is done with, whoever holds it now."""
        self._client.xack(self._stream, self._group, entry_id)

    def renew(self, ids: Sequence[str]) -> set[str]:
        """Hold entries for another while, and answer which of them are still held."""
        return self._lease(ids, 0)

    def give_back(self, ids: Sequence[str]) -> None:
        """Let others take entries over at once."""
        self._lease(ids, self._takeover)

    def leave(self) -> None:
        """Leave the group, unless something is still held under this name."""
        self._sweep(self._name)

    def _lease(self, ids: Sequence[str], idle: int) -> set[str]:
        if not ids:
            return set()
        kept = _RENEW.run(self._client, [self._stream], [self._group, self._name, idle, *ids])
        return {_text(id_) for id_ in kept}

    def _sweep(self, leaving: str) -> None:
        _SWEEP.run(self._client, [self._stream], [self._group, leaving, _SILENT_TAKEOVERS * self._takeover])

    def _read(self, after: str, count: int, block: int | None) -> list[Entry]:
        answer = self._client.xreadgroup(self._group, self._name, {self._stream: after}, count=count, block=block)
        return [(_text(id_), fields or {}) for id_, fields in _entries(answer)]


def _entries(answer: Any) -> Sequence[tuple[Any, Any]]:
    """The one stream's entries, in each of the three forms that redis-py gives them (RESP 2, RESP 3, and plain)."""
    if not answer:
        return []
    entries = next(iter(answer.values())) if isinstance(answer, Mapping) else answer[0][1]
    return entries[0] if entries and isinstance(entries[0], list) else entries


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
