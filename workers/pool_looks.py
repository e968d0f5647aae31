"""What a pool sees before it decides how many workers it wants: the queues, its own workers, Redis and the machine."""

import time
from collections.abc import Collection, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from pagemill.entry_id import milliseconds_of
from pagemill.keys import GROUP
from pagemill.outcomes import Outcome
from workers.monitor.scaling import Look
from workers.pool_machine import Machine
from workers.settings import Settings
from workers.store.redis_store import NOBODY

_MAIN_THREAD = ("used_cpu_sys_main_thread", "used_cpu_user_main_thread")


class Looks:
    """Looks at the pool's queues in one round trip each, of plain commands that the role `worker` has."""

    def __init__(self, client: Redis, settings: Settings, machine: Machine | None = None) -> None:
        self._client = client
        self._settings = settings
        self._machine = machine or Machine()
        self._redis: tuple[float, float] | None = None

    def look(self, workers: Collection[str]) -> tuple[Look, frozenset[str]]:
        """What is seen now, and which of the pool's workers (by name) hold pages. Raises redis's errors."""
        lengths, pending, outcomes, groups, (now, _), cpu = self._ask()
        held: dict[str, int] = {}
        for consumer in (consumer for one in pending for consumer in one["consumers"]):
            name = consumer["name"].decode("utf-8", "replace")
            held[name] = held.get(name, 0) + int(consumer["pending"])
        busy = frozenset(name for name in workers if any(consumer.startswith(f"{name}.") for consumer in held))
        oldest = [milliseconds_of(one["min"]) / 1000 for one in pending if one["min"]]
        spare = self._machine.spare()
        seen = Look(
            at=time.monotonic(),
            waiting=sum(lengths) - sum(one["pending"] for one in pending) + held.get(NOBODY, 0),
            busy=len(busy),
            settled=sum(int(count or 0) for count in outcomes),
            oldest_age=max(0.0, now - min(oldest, default=now)),
            free_processors=spare.processors,
            free_memory=spare.memory,
            redis_load=self._redis_load(cpu),
            output_full=self._is_full(groups),
        )
        return seen, busy

    def _ask(self) -> tuple[list[int], list[dict[str, Any]], list[bytes | None], Any, tuple[int, int], Any]:
        """Lengths and leases of the queues, outcomes, the output's groups, the time, the processor time."""
        keys, queues = self._settings.keys, self._settings.queues
        with self._client.pipeline(transaction=False) as pipe:
            for queue in queues:
                pipe.xlen(keys.pages(queue))
            for queue in queues:
                pipe.xpending(keys.pages(queue), GROUP)
            pipe.hmget(keys.ledger, [f"{queue}|{outcome}" for queue in queues for outcome in Outcome])
            pipe.xinfo_groups(keys.records)
            pipe.time()
            pipe.info("cpu")
            answers: list[Any] = pipe.execute(raise_on_error=False)
        lengths, pending, rest = answers[: len(queues)], answers[len(queues) : -4], answers[-4:]
        outcomes, groups, now, cpu = rest
        for answer in (*lengths, *pending, outcomes, now):
            if isinstance(answer, Exception):
                raise answer
        # Before the first record there is no output; and a user may lack the right to ask for the load.
        return lengths, pending, outcomes, _or_none(groups), now, _or_none(cpu)

    def _redis_load(self, told: Mapping[str, Any] | None) -> float | None:
        """The share of a processor that Redis's main thread took since the last look."""
        if told is None or not all(name in told for name in _MAIN_THREAD):
            return None
        before, self._redis = self._redis, (time.monotonic(), sum(float(told[name]) for name in _MAIN_THREAD))
        if before is None or self._redis[0] <= before[0]:
            return None
        return max(0.0, (self._redis[1] - before[1]) / (self._redis[0] - before[0]))

    def _is_full(self, groups: list[dict[str, Any]] | None) -> bool:
        """Whether commits wait, or will at once, for a group that has not read the oldest records."""
        behind = max((int(group.get("lag") or 0) + int(group["pending"]) for group in groups or ()), default=0)
        limit = self._settings.records_limit
        return self._settings.records_at_limit == "wait" and behind + self._settings.batch_pages >= limit


def _or_none(answer: Any) -> Any:
    if isinstance(answer, Exception) and not isinstance(answer, ResponseError):
        raise answer
    return None if isinstance(answer, Exception) else answer
