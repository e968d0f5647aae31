"""The memory of `lua/near` in this process, for the MemoryStore: the same decisions, and the same forgetting."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from math import ceil
from typing import NamedTuple

from pipeline.sameness.near import DEFAULT_THRESHOLDS, Likeness, Thresholds, compare
from workers.store.near_memory import Known, Met
from workers.store.ring_layout import KEY, STRING_UNITS, UNIT, UNITS_A_PAGE

_PLACES = 32
_MOST_A_KEY, _MOST_CANDIDATES = 2, 8
_HEAD = 7 + 3 * KEY
_PACKED = 32  # characters of an id that takes half as many bytes, if they are hexadecimal digits


class Record(NamedTuple):
    """What is remembered of a page: parts of its keys, its sketch (empty: only its bytes), the id of its record."""

    at: int
    position: int
    bytes_key: bytes
    text_key: bytes
    article_key: bytes
    sketch: bytes = b""
    id: str = ""

    @property
    def units(self) -> int:
        """The ring's units that it takes."""
        packed = len(self.id) == _PACKED and not set(self.id) - set("0123456789abcdef")
        return ceil((_HEAD + len(self.sketch) + (16 if packed else len(self.id.encode()))) / UNIT)


class _Table:
    """Buckets of entries, the oldest first: two bytes of a key, and where its record begins."""

    def __init__(self, pages: int, keys_a_page: int) -> None:
        self._count = ceil(pages * keys_a_page / _PLACES)
        self._buckets: defaultdict[int, list[tuple[bytes, int]]] = defaultdict(list)

    def positions_of(self, key: bytes) -> list[int]:
        """The newest first."""
        return sorted((position for tag, position in self._bucket(key) if tag == key[6:8]), reverse=True)

    def point(self, key: bytes, position: int, most: int = _PLACES) -> None:
        """Where `most` entries have the key's tag, the oldest of those gives way, else the bucket's oldest."""
        bucket = self._bucket(key)
        same = [i for i, (tag, _) in enumerate(bucket) if tag == key[6:8]]
        if len(same) >= most:
            bucket[min(same, key=lambda i: bucket[i][1])] = key[6:8], position
            return
        bucket.append((key[6:8], position))
        del bucket[: 1 - _PLACES]  # one place is always free

    def _bucket(self, key: bytes) -> list[tuple[bytes, int]]:
        return self._buckets[int.from_bytes(key[2:6], "big") % self._count]


class Ring:
    """Records in the order in which they came, the oldest forgotten first; `pages` and `age` (milliseconds) bound it.

    `now` is in milliseconds since 1970. Keys are those of Met.
    """

    def __init__(self, *, pages: int, age: int) -> None:
        self._reach = (ceil(pages * UNITS_A_PAGE / STRING_UNITS) + 1) * STRING_UNITS
        self._pages = pages
        self._age = age
        self._at = 1
        self._records: OrderedDict[int, Record] = OrderedDict()
        self._exact = _Table(pages, 2)
        self._near = _Table(pages, 8)

    def find_bytes(self, key: bytes, now: int) -> Record | None:
        """The newest record of these bytes."""
        return self._find(key, now, lambda record: record.bytes_key == key[:KEY])

    def find_text(self, key: bytes, now: int) -> Record | None:
        """The newest record of what was published with this text."""
        return self._find(key, now, lambda record: record.text_key == key[:KEY] and bool(record.sketch))

    def find_near(
        self, keys: Sequence[bytes], sketch: bytes, *, now: int, thresholds: Thresholds = DEFAULT_THRESHOLDS
    ) -> tuple[Record, Likeness] | None:
        """Of the newest that share a key, the one that a text is most alike to, if it is a copy of it."""
        positions = {position for key in keys for position in self._positions(self._near, key)}
        found: tuple[Record, Likeness] | None = None
        records = (record for position in sorted(positions, reverse=True) if (record := self._read(position, now)))
        for record in islice(records, _MOST_CANDIDATES):
            likeness = compare(sketch, record.sketch, thresholds)
            if likeness.copy and not (found and found[1].similarity >= likeness.similarity):
                found = record, likeness
        return found

    def is_fading(self, record: Record, now: int) -> bool:
        """Whether it will be forgotten before long, and should be remembered anew when it is met again."""
        by_age = record.at // 1000 * 2 < (now - self._age) // 1000 + now // 1000
        return by_age or (self._at - record.position) * 2 > self._pages * UNITS_A_PAGE

    def remember(self, page: Met, now: int) -> None:
        """Remember a page that is published."""
        position = self._append(page, now, page.sketch, page.id)
        self._exact.point(page.bytes_key, position)
        self._exact.point(page.text_key, position)
        for key in page.keys:
            self._near.point(key, position, _MOST_A_KEY)

    def remember_bytes(self, page: Met, now: int) -> None:
        """Remember only which text and article a page's bytes gave."""
        self._exact.point(page.bytes_key, self._append(page, now, b"", ""))

    def seed(self, page: Met, now: int, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Known | None:
        """Remember a page that is new; of another, what it repeats."""
        if known := self.find_bytes(page.bytes_key, now):
            of = self.find_text(known.text_key, now)
            return Known("bytes", of.id if of else "")
        if same := self.find_text(page.text_key, now):
            self.remember_bytes(page, now)
            return Known("text", same.id)
        if found := self.find_near(page.keys, page.sketch, now=now, thresholds=thresholds):
            record, likeness = found
            self.remember_bytes(page._replace(text_key=record.text_key, article_key=record.article_key), now)
            return Known("near", record.id, likeness)
        self.remember(page, now)
        return None

    def _find(self, key: bytes, now: int, is_it: Callable[[Record], bool]) -> Record | None:
        records = (self._read(position, now) for position in self._positions(self._exact, key))
        return next((record for record in records if record and is_it(record)), None)

    def _positions(self, table: _Table, key: bytes) -> list[int]:
        return [position for position in table.positions_of(key) if self._at - position <= self._reach]

    def _read(self, position: int, now: int) -> Record | None:
        record = self._records[position]
        return None if record.at // 1000 < (now - self._age) // 1000 else record

    def _append(self, page: Met, now: int, sketch: bytes, id_: str) -> int:
        keys = (page.bytes_key[:KEY], page.text_key[:KEY], page.article_key[:KEY])
        units = Record(now, 0, *keys, sketch, id_).units
        left = STRING_UNITS - self._at % STRING_UNITS
        position = self._at + (left if units > left else 0)
        self._records[position] = Record(now, position, *keys, sketch, id_)
        self._at = position + units
        while self._at - next(iter(self._records)) > self._reach:
            self._records.popitem(last=False)
        return position
