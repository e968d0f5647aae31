"""How many workers a pool should have: a law from what is seen to a number, without a clock or a process of its own.

It grows when a backlog stands that more workers could take, and shrinks when fewer would do:

- **Grow** when for `GROW_SECONDS` pages waited all the time, the workers were busy, and what waits would take longer
  than `drain_seconds`, or is older. To what would drain it in time, at most double; and only as far as there are free
  processors and memory, while Redis itself is not the bottleneck and the output has room.
- **Shrink** when for `patience` seconds pages mostly found a free worker, and the mean number of busy ones is at most
  `FILLED` of fewer. By half at most. And by one when the machine's memory is used up.
- **No flapping**: each change starts the windows anew, so a change needs evidence of its own; between "busy enough to
  grow" (`BUSY`) and "idle enough to shrink" (`FILLED`) lies a band in which nothing happens; and a shrink that had to
  be taken back doubles the patience before the next one, up to `LONGEST_PATIENCE`; one that held halves it again.

Busy means: holds pages at the moment of a look. Its mean over looks is the load in workers (Little's law), however long
a page takes. Target tracking with a stabilisation window is Kubernetes' way too (its HorizontalPodAutoscaler).
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from workers.monitor.snapshot import Snapshot

GROW_SECONDS = 5.0
BUSY = 0.9
"""Share of the workers that has to be busy, in the mean, before there are more."""

FILLED = 0.7
"""The share that may be busy of those that a shrink leaves."""

REDIS_BUSY = 0.85
"""Share of one processor that Redis's main thread takes, from which on more workers would only wait for it."""

WORKER_BYTES = 300_000_000
LONGEST_PATIENCE = 1_800.0
MEMORY_PAUSE = 600.0
"""Seconds for which a pool that shrank for want of memory does not grow again."""


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds, and the two numbers that are a user's to choose, in seconds."""

    least: int
    most: int
    drain_seconds: float = 10.0
    idle_seconds: float = 60.0


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at one moment, in seconds on any clock that never goes back. None is what cannot be known."""

    at: float
    waiting: int
    """Pages that no worker holds."""

    busy: int
    """Workers of the pool that hold pages."""

    settled: int
    """Pages of its queues ever settled, by whomever."""

    oldest_age: float = 0.0
    free_processors: float | None = None
    free_memory: float | None = None
    """Bytes beyond what is kept in reserve; below 0 when that is being used up."""

    redis_load: float | None = None
    """Share of one processor that Redis's main thread takes."""

    output_full: bool = False
    """The mill waits for those who read its records."""


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """The number that is wanted, why it was changed last, and what the next decision rests on."""

    wanted: int
    why: str = ""
    looks: tuple[Look, ...] = ()
    """Since the last change."""

    patience: float
    shrunk_at: float = -math.inf
    ceiling: int
    ceiling_until: float = -math.inf


def first_scale(law: Law) -> Scale:
    """Where a pool begins: at the least."""
    return Scale(wanted=law.least, patience=law.idle_seconds, ceiling=law.most)


def decide(scale: Scale, look: Look, law: Law) -> Scale:
    """The scale after one more look; `wanted` never leaves `least` to `most`."""
    begins = look.at - max(scale.patience, GROW_SECONDS) - GROW_SECONDS
    seen = (*(one for one in scale.looks if one.at >= begins), look)
    scale = msgspec.structs.replace(scale, looks=seen)
    recent = [one for one in seen if one.at >= look.at - GROW_SECONDS]
    if seen[0].at > look.at - GROW_SECONDS or len(recent) < 2:  # noqa: PLR2004 - one look tells no rate
        return scale
    if all(one.free_memory is not None and one.free_memory < 0 for one in recent):
        return _spare_memory(scale, look, law)
    if (more := _growth(scale, recent, law)) > scale.wanted:
        return _grown(scale, more, look, law)
    if seen[0].at <= look.at - scale.patience and (fewer := _shrinkage(scale, law)) < scale.wanted:
        why = f"{_mean_busy(seen):.1f} of {scale.wanted} workers were busy"
        return msgspec.structs.replace(scale, wanted=fewer, why=why, looks=(), shrunk_at=look.at)
    return scale


def workers_needed(shot: "Snapshot", within_seconds: float) -> int | None:
    """Workers that would settle all that waits within so long, while as much comes in as now; None: nobody can tell.

    A worker's speed is what the live ones make now. Where they wait for pages that is less than they could, so the
    answer is an upper bound; with a backlog it is what it takes.
    """
    live = [worker for worker in shot.workers if not worker.dead]
    told = [worker.pages_per_second for worker in live if worker.pages_per_second is not None]
    speed = max(shot.settled_rate.minute / max(len(live), 1), sum(told) / max(len(told), 1))
    if not live or speed <= 0:
        return None if shot.depth else 0
    return math.ceil((shot.depth / within_seconds + shot.pushed_rate.minute) / speed)


def _growth(scale: Scale, recent: Sequence[Look], law: Law) -> int:
    """The number that the backlog asks for, as far as the machine has room for it."""
    look = recent[-1]
    if any(one.waiting == 0 or one.output_full for one in recent) or _mean_busy(recent) < BUSY * scale.wanted:
        return scale.wanted
    seconds = _seconds_to_drain(recent)
    if max(seconds, look.oldest_age) <= law.drain_seconds:
        return scale.wanted
    asked = min(scale.wanted * seconds / law.drain_seconds, 2 * scale.wanted)
    ceiling = scale.ceiling if look.at < scale.ceiling_until else law.most
    return min(max(math.ceil(asked), scale.wanted + 1), scale.wanted + _room(recent), ceiling, law.most)


def _room(recent: Sequence[Look]) -> int:
    """Workers that the machine, and Redis, have room for."""
    loads = [one.redis_load for one in recent if one.redis_load is not None]
    if loads and sum(loads) / len(loads) >= REDIS_BUSY:
        return 0
    processors = [one.free_processors for one in recent if one.free_processors is not None]
    memory = [one.free_memory for one in recent if one.free_memory is not None]
    rooms = [math.floor(sum(processors) / len(processors) + 0.5)] if processors else []
    rooms += [math.floor(min(memory) / WORKER_BYTES)] if memory else []
    return max(0, min(rooms, default=1_000_000))


def _grown(scale: Scale, more: int, look: Look, law: Law) -> Scale:
    regretted = look.at - scale.shrunk_at < 4 * scale.patience
    longest = max(LONGEST_PATIENCE, law.idle_seconds)
    patience = min(2 * scale.patience, longest) if regretted else max(scale.patience / 2, law.idle_seconds)
    why = f"{look.waiting:,} pages wait, the oldest for {look.oldest_age:.0f} s, and all workers are busy"
    return msgspec.structs.replace(scale, wanted=more, why=why, looks=(), patience=patience)


def _shrinkage(scale: Scale, law: Law) -> int:
    """The number that would do."""
    if sum(one.waiting == 0 for one in scale.looks) * 2 < len(scale.looks):
        return scale.wanted
    enough = math.ceil(_mean_busy(scale.looks) / FILLED)
    return max(enough, scale.wanted // 2, law.least)


def _spare_memory(scale: Scale, look: Look, law: Law) -> Scale:
    fewer = max(law.least, scale.wanted - 1)
    if fewer == scale.wanted:
        return scale
    why = "the machine has hardly any memory left"
    until = look.at + MEMORY_PAUSE
    return msgspec.structs.replace(scale, wanted=fewer, why=why, looks=(), ceiling=fewer, ceiling_until=until)


def _seconds_to_drain(recent: Sequence[Look]) -> float:
    first, last = recent[0], recent[-1]
    settled = last.settled - first.settled
    return last.waiting * (last.at - first.at) / settled if settled > 0 else math.inf


def _mean_busy(looks: Sequence[Look]) -> float:
    return sum(one.busy for one in looks) / len(looks)
