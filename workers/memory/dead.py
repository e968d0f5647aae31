"""The MemoryStore's dead letters: bounded by bytes and age, the oldest out first."""

from collections.abc import Mapping
from datetime import datetime

from workers.memory.queue import EntryIds, order
from workers.store.contract import DeadLetter, Settlement


class MemoryDead:
    """Pages that were given up, with the raw fields of their entries. Age is in milliseconds."""

    def __init__(self, most_bytes: int, age: int) -> None:
        self.letters: dict[str, DeadLetter] = {}
        self.expired = 0
        self.replayed = 0
        self.dropped = 0
        self._most_bytes = most_bytes
        self._age = age
        self._ids = EntryIds()

    @property
    def size(self) -> int:
        """Bytes of the fields of all of them."""
        return sum(letter.size for letter in self.letters.values())

    def bury(self, one: Settlement, fields: Mapping[bytes, bytes], *, at: datetime) -> None:
        """Keep a page that was settled `at`: the letter's id, and so its age, is of that time."""
        letter = self._ids.next(int(at.timestamp() * 1000))
        self.letters[letter] = DeadLetter(
            letter=letter,
            reason=one.reason,
            detail=one.detail,
            queue=one.queue,
            id=one.id,
            url=one.url,
            host=one.host,
            at=at,
            size=sum(len(name) + len(value) for name, value in fields.items()),
            fields=fields,
        )

    def expire(self, now: int) -> None:
        """Drop the oldest until neither bound is passed."""
        for letter in list(self.letters):
            if self.size <= self._most_bytes and now - order(letter)[0] <= self._age:
                return
            del self.letters[letter]
            self.expired += 1

    def oldest(self, most: int, after: str) -> list[DeadLetter]:
        """The oldest first, from behind the letter `after`."""
        letters = list(self.letters)
        first = letters.index(after) + 1 if after else 0
        return [self.letters[letter] for letter in letters[first : first + most]]

    def replay(self, letter: str) -> DeadLetter | None:
        """Take a letter out, to be pushed again."""
        found = self.letters.pop(letter, None)
        self.replayed += found is not None
        return found

    def drop(self, letter: str) -> bool:
        """Forget a letter."""
        found = self.letters.pop(letter, None)
        self.dropped += found is not None
        return found is not None
