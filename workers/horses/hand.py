"""Hand: what the horse has in hand, in memory that its worker can read when it is dead."""

import mmap
import struct
import time
from collections.abc import Sequence

import msgspec

# Native, so that each number is written at once: the worker may look at any moment, and a horse die.
_HEAD = struct.Struct("@QdiiQ")  # turn, beat, page in hand, pages held, pages settled
_PAGE = struct.Struct("<H46s")  # queue's number, entry: two numbers of 64 bits and a hyphen, at most
MOST_PAGES = 1_024
NO_PAGE = -1


class Held(msgspec.Struct, frozen=True):
    """What a look at the hand showed. `pages`: (queue, entry) of the batch; `page`: the one being worked on.

    `beat`: when the horse last made a step, on the monotonic clock. `settled`: pages since the claim began.
    """

    pages: tuple[tuple[str, str], ...] = ()
    page: tuple[str, str] | None = None
    beat: float = 0
    settled: int = 0


class Hand:
    """An anonymous shared mapping, made before the fork: the horse writes, the worker looks.

    A turn counter that is odd while the batch is being written tells the worker to look again.
    """

    def __init__(self, queues: Sequence[str]) -> None:
        self._queues = list(queues)
        self._map = mmap.mmap(-1, _HEAD.size + MOST_PAGES * _PAGE.size)
        self._turn = 0
        self._size = 0
        self._settled = 0
        self.clear()

    def clear(self) -> None:
        """Nothing is held, and nothing was settled."""
        self._settled = 0
        self.hold(())

    def hold(self, pages: Sequence[tuple[str, str]]) -> None:
        """The horse: this batch, (queue, entry) each, is held from now on; no page is being worked on."""
        self._turn += 1
        self._size = min(len(pages), MOST_PAGES)
        self._write_head(NO_PAGE)
        for i, (queue, entry) in enumerate(pages[:MOST_PAGES]):
            _PAGE.pack_into(self._map, _HEAD.size + i * _PAGE.size, self._queues.index(queue), entry.encode())
        self._turn += 1
        self._write_head(NO_PAGE)

    def work_on(self, page: int) -> None:
        """The horse: the batch's page of this number is being worked on."""
        self._write_head(page)

    def beat(self) -> None:
        """The horse: I made a step, and work on no page."""
        self._write_head(NO_PAGE)

    def settled(self, pages: int) -> None:
        """The horse: so many more pages were settled."""
        self._settled += pages
        self._write_head(NO_PAGE)

    def look(self) -> Held:
        """The worker: what is held now, or was when the horse died."""
        for _ in range(100):
            turn, beat, page, size, settled = _HEAD.unpack_from(self._map)
            pages = tuple(self._page(i) for i in range(size))
            if turn % 2 == 0 and _HEAD.unpack_from(self._map)[0] == turn:
                break
        else:  # the horse died between two writes: it had no page in hand
            return Held(beat=beat, settled=settled)
        return Held(pages, pages[page] if 0 <= page < size else None, beat, settled)

    def _page(self, i: int) -> tuple[str, str]:
        queue, entry = _PAGE.unpack_from(self._map, _HEAD.size + i * _PAGE.size)
        name = self._queues[queue] if queue < len(self._queues) else self._queues[0]
        return name, entry.rstrip(b"\0").decode("ascii", "replace")

    def _write_head(self, page: int) -> None:
        _HEAD.pack_into(self._map, 0, self._turn, time.monotonic(), page, self._size, self._settled)
