"""From files into the memory, a batch at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec
from redis import Redis

from workers.remember.corpus import Corpus
from workers.settings import Settings
from workers.store.corpus import MOST_AT_ONCE, Known, Remembered, remember


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a corpus, in records."""

    remembered: int
    known: int
    """Their text was remembered already."""

    undated: int
    """Of those remembered now, without a time that could be read: their articles were first seen now."""

    forgotten: int
    """Of those remembered now, about: the memory was too small, and newer ones lie in their place."""

    skipped: dict[str, int]
    """By the field that is at fault."""

    broken_files: int
    capacity: int
    """Pages that the memory was made for; 0 when there was nothing to remember."""


def remember_corpus(
    client: Redis, settings: Settings, *, corpus: Corpus, files: Sequence[str], tell: Callable[[int], None]
) -> Summary:
    """Remember all of the files' records that are new; `tell` hears of each batch how many it had.

    Raises redis's errors; what was remembered until then stays, and a second run goes on.
    """
    counts: Counter[str] = Counter()
    begin, last = None, Remembered([], 0, 0, 0, 0)
    for batch in _batches(corpus.records(files)):
        last = remember(client, settings, batch)
        begin = last.begin if begin is None else begin
        counts["remembered"] += sum(last.new)
        counts["known"] += len(batch) - sum(last.new)
        counts["undated"] += sum(new and one.first_seen is None for one, new in zip(batch, last.new, strict=True))
        tell(len(batch))
    written = last.end - (begin or 0)
    lost = max(0, written - last.reach)
    return Summary(
        remembered=counts["remembered"],
        known=counts["known"],
        undated=counts["undated"],
        forgotten=counts["remembered"] * lost // written if lost else 0,
        skipped=dict(corpus.skipped),
        broken_files=corpus.broken,
        capacity=last.pages,
    )


def _batches(records: Iterable[Known]) -> Iterator[list[Known]]:
    left = iter(records)
    while batch := list(islice(left, MOST_AT_ONCE)):
        yield batch
