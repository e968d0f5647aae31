"""Do the workers of one machine get on? Progress is looked at, not whether a process lives: one may live and hang."""

from collections.abc import Iterable, Sequence
from typing import cast

from redis import Redis

from workers import rq_keys
from workers.monitor.snapshot import Worker
from workers.monitor.workforce import FIELDS, here_now, read_worker, worker_names
from workers.printable import shortened


def read_workers_of(client: Redis, host: str, queues: Sequence[str]) -> list[Worker]:
    """The workers that registered from this host for any of the queues: two round trips. Raises redis's errors."""
    with client.pipeline(transaction=False) as pipe:
        for queue in queues:
            pipe.smembers(rq_keys.workers_key(queue))
        names = worker_names(cast("list[set[bytes]]", pipe.execute()))
        for name in names:
            pipe.hmget(rq_keys.worker_key(name), FIELDS)
        rows = pipe.execute()
    workers = [read_worker(name, row, here_now()) for name, row in zip(names, rows, strict=True)]
    return [worker for worker in workers if worker.host == host]


def sickness(workers: Iterable[Worker], within_seconds: float) -> str | None:
    """What is wrong when none of a machine's workers has made a step for so long; None when one has.

    A step is a page settled, or nothing to do. Waiting for a full output, or suspended, is no sickness: to start the
    workers again would mend nothing. One that hangs while others get on is ended by its own worker.
    """
    ages = {worker.name: _still_for(worker) for worker in workers}
    if not ages:
        return "no worker of this machine is registered"
    name, still = min(ages.items(), key=lambda item: item[1])
    if still <= within_seconds:
        return None
    return f"no worker of this machine has made a step for {still:.0f} s (worker {shortened(name, 40)} was the last)"


def _still_for(worker: Worker) -> float:
    """Seconds; without a heartbeat for ever."""
    return float("inf") if worker.heartbeat_age is None else worker.heartbeat_age + (worker.progress_age or 0.0)
