"""Takes a snapshot: a handful of round trips, of which none ships a page, a record or a dead letter.

What this user may not ask for (the server's own state, a key's memory) is None or empty in the snapshot.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from redis import Redis
from redis.exceptions import NoPermissionError

from pagemill.entry_id import milliseconds_of
from pagemill.keys import METERS, Keys
from workers import rq_keys
from workers.monitor.assemble import Seen, assemble
from workers.monitor.rates import MINUTE, QUARTER_HOUR, Counts, Mark, Past, base
from workers.monitor.snapshot import Registry, Snapshot, Worker
from workers.monitor.workforce import FIELDS, here_now, read_worker, worker_names
from workers.readings import server_time
from workers.scripts import Script
from workers.settings import Settings
from workers.store.books import read_ledger
from workers.store.fill import Fill, read_fill

READERS = Script("readers")

SITES = tuple(part for part, kind in METERS.items() if kind == "hash")
"""Parts of the meters that tell what became of pages by name."""

REGISTRIES = ("wip", "failed", "deferred", "scheduled")
"""RQ's sorted sets of a queue, by what their keys say after `rq:`. Started jobs are `wip`."""

_INFO = ("server", "clients", "memory", "persistence")
_SAMPLES = 5  # parts of a key that Redis looks at to estimate its memory

Command = tuple[str | bytes | int | float, ...]
Answers = Mapping[str, Any]


def look(client: Redis, settings: Settings) -> Snapshot:
    """Read all of it. Raises redis's errors."""
    keys, now = settings.keys, server_time(client)
    ledger = read_ledger(client, keys)
    queues = sorted({queue.queue for queue in ledger.queues} | set(settings.queues))
    readers = READERS(client, [keys.records], [])
    memory = read_fill(client, keys)
    told = _ask(client, _commands(keys, queues, int(now.timestamp() * 1_000)))
    info, details = told["info"], _ask(client, _details(told, keys, queues))
    return assemble(
        Seen(
            now=now,
            settings=settings,
            ledger=ledger,
            counters={name.decode("utf-8", "replace"): int(count) for name, count in told["ledger"].items()},
            past=_past(told),
            marks=_marks(told["minutes"]),
            days=_marks(told["day"]),
            sites={part: told[part] for part in SITES},
            readers={name.decode("utf-8", "replace"): (consumers, entry) for name, consumers, entry in readers},
            server=info if isinstance(info, dict) else {},
            bytes_by_kind=_bytes_by_kind(keys, queues, told, memory) | _profiles(told["sites"], details),
            bytes_by_queue={queue: _allowed(told[f"bytes {keys.pages(queue)}"]) for queue in queues},
            registries=[_registry(queue, told) for queue in queues],
            suspended=bool(told["suspended"]),
            workers=_workers(details),
            memory=memory,
        )
    )


def _commands(keys: Keys, queues: Sequence[str], now: int) -> dict[str, Command]:
    """What is asked in one go. `now`: milliseconds."""
    counts = keys.meters("counts")
    return {
        "ledger": ("HGETALL", keys.ledger),
        "before minute": ("XREVRANGE", counts, now - int(MINUTE * 1_000), "-", "COUNT", 1),
        "in minute": ("XRANGE", counts, now - int(MINUTE * 1_000), "+", "COUNT", 1),
        "before quarter": ("XREVRANGE", counts, now - int(QUARTER_HOUR * 1_000), "-", "COUNT", 1),
        "in quarter": ("XRANGE", counts, now - int(QUARTER_HOUR * 1_000), "+", "COUNT", 1),
        "minutes": ("XRANGE", keys.meters("minutes"), "-", "+"),
        "day": ("XRANGE", keys.meters("day"), "-", "+"),
        "info": ("INFO", *_INFO),
        "suspended": ("EXISTS", rq_keys.SUSPENDED),
        "sites": ("ZCARD", keys.sites),
        "some sites": ("ZREVRANGE", keys.sites, 0, _SAMPLES - 1),
        **{part: ("HGETALL", keys.meters(part)) for part in SITES},
        **{f"workers {queue}": ("SMEMBERS", rq_keys.workers_key(queue)) for queue in queues},
        **{f"{kind} {queue}": ("ZCARD", f"{rq_keys.PREFIX}:{kind}:{queue}") for kind in REGISTRIES for queue in queues},
        **{
            f"bytes {key}": ("MEMORY USAGE", key, "SAMPLES", _SAMPLES)
            for keys_of_kind in _keys_by_kind(keys, queues).values()
            for key in keys_of_kind
        },
    }


def _keys_by_kind(keys: Keys, queues: Sequence[str]) -> dict[str, list[str]]:
    return {
        "pages": [keys.pages(queue) for queue in queues],
        "records": [keys.records],
        "settled": [keys.settled],
        "dead": [keys.dead],
        "memory": [keys.articles("new"), keys.articles("old"), keys.memory[0]],
        "meters": [keys.meters(part) for part in METERS],
    }


def _ask(client: Redis, commands: Mapping[str, Command]) -> dict[str, Any]:
    """Their answers; one that this user may not have is a NoPermissionError. Raises every other error."""
    with client.pipeline(transaction=False) as pipe:
        for command in commands.values():
            pipe.execute_command(*command)  # type: ignore[no-untyped-call]
        answers = pipe.execute(raise_on_error=False)
    for name, answer in zip(commands, answers, strict=True):
        is_optional = name == "info" or name.startswith("bytes ")
        if isinstance(answer, Exception) and not (is_optional and isinstance(answer, NoPermissionError)):
            raise answer
    return dict(zip(commands, answers, strict=True))


def _allowed(answer: Any) -> int | None:
    """Bytes; 0 of a key that is not there, None of one that this user may not look at."""
    return None if isinstance(answer, Exception) else int(answer or 0)


def _bytes_by_kind(keys: Keys, queues: Sequence[str], told: Answers, memory: Fill) -> dict[str, int]:
    """Sums of what is known; the memory's strings are too many to be asked for one by one."""
    sums = {
        kind: [_allowed(told[f"bytes {key}"]) for key in found] for kind, found in _keys_by_kind(keys, queues).items()
    }
    known = {kind: sum(filter(None, found)) for kind, found in sums.items() if None not in found}
    return {kind: size + (memory.bytes if kind == "memory" else 0) for kind, size in known.items()}


def _details(told: Answers, keys: Keys, queues: Sequence[str]) -> dict[str, Command]:
    """What is asked then: the workers whose names are known now, and some profiles for their size."""
    names = worker_names([told[f"workers {queue}"] for queue in queues])
    prefix = f"{keys.site}:".encode()
    return {
        **{f"worker {name}": ("HMGET", rq_keys.worker_key(name), *FIELDS) for name in names},
        **{f"bytes {number}": ("MEMORY USAGE", prefix + site) for number, site in enumerate(told["some sites"])},
    }


def _profiles(sites: int, details: Answers) -> dict[str, int]:
    """The profiles' bytes, by those of the sites that were written last; nothing where this user may not look."""
    sizes = [_allowed(answer) for name, answer in details.items() if name.startswith("bytes ")]
    if None in sizes:
        return {}
    return {"profiles": sites * sum(filter(None, sizes)) // max(1, len(sizes))}


def _workers(details: Answers) -> list[Worker]:
    now = here_now()
    rows = {name.removeprefix("worker "): row for name, row in details.items() if name.startswith("worker ")}
    return [read_worker(name, row, now) for name, row in rows.items()]


def _past(told: Answers) -> Past:
    return Past(
        minute=base(_counts(told["before minute"]), _counts(told["in minute"]), MINUTE),
        quarter_hour=base(_counts(told["before quarter"]), _counts(told["in quarter"]), QUARTER_HOUR),
    )


def _counts(entries: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> Counts | None:
    for entry, fields in entries:
        values = msgspec.json.decode(fields[b"body"], type=dict[str, int], strict=False)
        return Counts(at=milliseconds_of(entry) / 1_000, values=values)
    return None


def _marks(entries: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> list[Mark]:
    return [
        Mark(milliseconds_of(entry) / 1_000, *(int(fields[name]) for name in (b"pushed", b"settled", b"depth")))
        for entry, fields in entries
    ]


def _registry(queue: str, told: Answers) -> Registry:
    started, failed, deferred, scheduled = (told[f"{kind} {queue}"] for kind in REGISTRIES)
    return Registry(queue=queue, started=started, failed=failed, deferred=deferred, scheduled=scheduled)
