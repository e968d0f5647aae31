"""The names of RQ's own keys, without importing RQ, which takes half a second."""

import os

PREFIX = os.environ.get("RQ_KEY_PREFIX", "rq")
"""As RQ reads it: from the environment, once, when it is imported."""

QUEUES = f"{PREFIX}:queues"
WORKERS = f"{PREFIX}:workers"
SUSPENDED = f"{PREFIX}:suspended"


def queue_key(queue: str) -> str:
    """The list where RQ keeps the ids of ordinary jobs."""
    return f"{PREFIX}:queue:{queue}"


def worker_key(worker: str) -> str:
    """The hash where a worker tells its state."""
    return f"{PREFIX}:worker:{worker}"


def workers_key(queue: str) -> str:
    """The set of the keys of the workers that serve a queue."""
    return f"{WORKERS}:{queue}"
