"""RedisStore: the store on Redis 7.0 or Valkey 7.2 and later, plain commands and Lua."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, cast

from redis import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from pagemill.keys import GROUP
from workers.connection import check_server
from workers.scripts import Script
from workers.settings import Settings
from workers.store.books import read_ledger
from workers.store.commit import COMMIT, KNOWN, commit_call, memory_arguments, settled
from workers.store.contract import DeadLetter, Ledger, Mark, OutputFull, Settled, Settlement, Taken
from workers.store.dead import read_letter
from workers.store.page_queues import check_rights, make_queues
from workers.store.ring_layout import KEY

NOBODY = "handed-back"
"""The consumer that holds what was handed back, as hand_back.lua has it."""

MOST_HANDED_BACK = 10_000
"""Far more than a consumer ever holds."""

SILENT_FOR = 3_600_000
"""Milliseconds after which a consumer that holds nothing is taken for gone."""


class RedisStore:
    """Pages, records and the ledger in Redis; see Store for what each method promises."""

    def __init__(self, client: Redis, settings: Settings) -> None:
        self.client = client
        self.settings = settings
        self.keys = settings.keys
        self._lease = int(settings.lease_seconds * 1000)
        self._refused = False

    def open(self, queues: Sequence[str]) -> None:
        """Make the queues and their group, after a look at the server and the keys that are there."""
        check_server(self.client)
        make_queues(self.client, self.keys, queues)
        for queue in queues:
            check_rights(self.client, self.keys, queue)

    def take(self, consumer: str, queues: Sequence[str], most: int, *, wait: float = 0) -> list[Taken]:
        """New pages from the first queue that has any; blocks over all of them at once."""
        for queue in queues:
            if pages := self._read(consumer, [queue], most, block=None):
                return pages
        return self._read(consumer, queues, most, block=max(1, int(wait * 1000))) if wait else []

    def adopt(self, consumer: str, queues: Sequence[str], most: int) -> list[Taken]:
        """Pages that came back: several without a blot, or one to be tried alone."""
        for queue in queues:
            keys = [self.keys.pages(queue), self.keys.trials, self.keys.leases]
            arguments = [GROUP, consumer, self._lease, most, queue, self.settings.suspect_deliveries]
            if found := self._run(ADOPT, keys, arguments, queues=[queue]):
                return [
                    Taken(queue=queue, entry=entry.decode(), fields=_pairs(flat), strikes=strikes, lonely=lonely)
                    for entry, flat, strikes, lonely in found
                ]
        return []

    def renew(self, consumer: str, held: Sequence[tuple[str, str]]) -> int:
        """Renew the leases of what is still this consumer's."""
        if not held:
            return 0
        queues = sorted({queue for queue, _ in held})
        pairs = chain.from_iterable((queues.index(queue) + 3, entry) for queue, entry in held)
        keys = [self.keys.trials, self.keys.leases, *map(self.keys.pages, queues)]
        return self._run(RENEW, keys, [GROUP, consumer, self._lease, *pairs], queues=queues) or 0

    def hand_back(self, consumer: str, queues: Sequence[str], *, leave: bool = False) -> int:
        """Hand back all that this consumer holds."""
        arguments = [GROUP, consumer, self._lease, MOST_HANDED_BACK, "leave" if leave else ""]
        keys = [self.keys.trials, *map(self.keys.pages, queues)]
        return self._run(HAND_BACK, keys, arguments, queues=queues) or 0

    def forget_consumers(self, queues: Sequence[str]) -> int:
        """Take consumers out of the group that hold nothing and have long been silent."""
        return self._run(FORGET, list(map(self.keys.pages, queues)), [GROUP, SILENT_FOR], queues=queues) or 0

    def mark(self, consumer: str, queue: str, entry: str, mark: Mark) -> tuple[int, int] | None:
        """Hold a death against a page, or take one back."""
        keys = [self.keys.pages(queue), self.keys.trials]
        strikes, lonely = self._run(MARK, keys, [GROUP, consumer, entry, queue, mark], queues=[queue]) or (-1, -1)
        return None if strikes < 0 else (strikes, lonely)

    def peek(self, queue: str, entry: str) -> Taken | None:
        """A page as it lies on its queue."""
        found = _or_nothing(self.client, self.keys.pages(queue), entry)
        return Taken(queue=queue, entry=entry, fields=found[0][1]) if found else None

    def recall(self, bytes_keys: Sequence[bytes]) -> list[bool]:
        """Which of these pages' bytes are remembered, and will be for some while."""
        if not bytes_keys:
            return []
        arguments: list[Any] = [*memory_arguments(self.settings), *(key[:KEY] for key in bytes_keys)]
        return list(map(bool, KNOWN(self.client, self.keys.memory, arguments)))

    def profiles(self, sites: Sequence[str]) -> list[bytes]:
        """What is known of these sites, in one command."""
        found = self.client.mget([f"{self.keys.site}:{site}" for site in sites]) if sites else []
        return [packed or b"" for packed in cast("list[bytes | None]", found)]

    def commit(self, settlements: Sequence[Settlement]) -> list[Settled]:
        """Settle a batch, all or nothing."""
        if not settlements:
            return []
        return settled(COMMIT(self.client, *commit_call(self.settings, settlements)))

    def commit_and_take(
        self, settlements: Sequence[Settlement], *, consumer: str, queues: Sequence[str], most: int
    ) -> tuple[list[Settled], list[Taken]]:
        """Commit, and take from the first queue, in one round trip; then from the others where that had none.

        A take that came with a refused commit is handed back; and until a commit goes through, none comes with one.
        """
        if self._refused:
            done = self.commit(settlements)
            self._refused = False
            return done, self.take(consumer, queues, most)
        with self.client.pipeline(transaction=False) as pipe:
            COMMIT.queue_on(pipe, *commit_call(self.settings, settlements))
            self._queue_read(pipe, consumer, queues[:1], most)
            answer, found = pipe.execute(raise_on_error=False)
        failed = isinstance(found, Exception)
        taken = [] if failed else self._taken(queues[:1], found)
        try:
            done = self.commit(settlements) if isinstance(answer, NoScriptError) else settled(answer)
        except (OutputFull, RedisError):
            self._refused = True
            self._untake(taken)
            raise
        # A take that failed is repeated: that mends a missing group, or raises.
        return done, taken or self.take(consumer, queues if failed else queues[1:], most)

    def ledger(self) -> Ledger:
        """The books, read at one moment."""
        return read_ledger(self.client, self.keys)

    def dead_letters(self, *, most: int = 100, after: str = "") -> list[DeadLetter]:
        """Dead letters, the oldest first."""
        first = f"({after}" if after else "-"
        found = cast("list[tuple[bytes, dict[bytes, bytes]]]", self.client.xrange(self.keys.dead, first, "+", most))
        return [read_letter(letter, fields) for letter, fields in found]

    def dead_letter(self, letter: str) -> DeadLetter | None:
        """One dead letter, or None."""
        found = _or_nothing(self.client, self.keys.dead, letter)
        return read_letter(*found[0]) if found else None

    def replay(self, letter: str) -> str | None:
        """Put a dead letter back on its queue as a new page."""
        dead = self.dead_letter(letter)
        if dead is None:
            return None
        entry = REPLAY(self.client, [self.keys.dead, self.keys.ledger, self.keys.pages(dead.queue)], [letter])
        return entry.decode() if entry else None

    def drop(self, letter: str) -> bool:
        """Forget a dead letter for good."""
        return bool(self.dead_letter(letter) and DROP(self.client, [self.keys.dead, self.keys.ledger], [letter]))

    def _read(self, consumer: str, queues: Sequence[str], most: int, *, block: int | None) -> list[Taken]:
        try:
            found = self._queue_read(self.client, consumer, queues, most, block=block)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            make_queues(self.client, self.keys, queues)
            return []
        return self._taken(queues, found)

    def _run(self, script: Script, keys: Sequence[str], arguments: Sequence[Any], *, queues: Sequence[str]) -> Any:
        """A script's answer; None where a queue of these had lost its group, which it has again now."""
        try:
            return script(self.client, keys, arguments)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            make_queues(self.client, self.keys, queues)
            return None

    def _queue_read(
        self, client: Redis, consumer: str, queues: Sequence[str], most: int, *, block: int | None = None
    ) -> Any:
        streams = {self.keys.pages(queue): ">" for queue in queues}
        return client.xreadgroup(GROUP, consumer, cast("Any", streams), count=most, block=block)

    def _taken(self, queues: Sequence[str], found: Any) -> list[Taken]:
        names = {self.keys.pages(queue).encode(): queue for queue in queues}
        return [
            Taken(queue=names[stream], entry=entry.decode(), fields=fields or {})
            for stream, entries in found or ()
            for entry, fields in entries
        ]

    def _untake(self, taken: Sequence[Taken]) -> None:
        if taken:
            entries: list[Any] = [page.entry for page in taken]
            key = self.keys.pages(taken[0].queue)
            self.client.xclaim(key, GROUP, NOBODY, 0, entries, idle=self._lease + 1, justid=True)


def _pairs(flat: Sequence[bytes]) -> Mapping[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _or_nothing(client: Redis, stream: str, entry: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    try:
        return cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(stream, entry, entry))
    except ResponseError as error:
        if "Invalid stream ID" not in str(error):
            raise
        return []


ADOPT = Script("clock", "leases", "adopt")
DROP = Script("drop")
FORGET = Script("forget_consumers")
HAND_BACK = Script("hand_back")
MARK = Script("mark")
RENEW = Script("clock", "leases", "renew")
REPLAY = Script("replay")
