"""Claim: the RQ job that means "mill these pages, then go on draining". Built on the spot, never read from Redis."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, NoReturn
from uuid import uuid4

from redis import Redis
from redis.client import Pipeline
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from workers.registry import ClaimRegistry
from workers.store.contract import Taken

NO_TIMEOUT = 7 * 24 * 3600
"""Seconds. The worker watches the horse page by page; RQ's alarm would go off in the middle of a commit."""

CLAIM_KEPT = 150
"""Seconds for which RQ's note of a claim is held since its worker was last heard of, as RQ holds its executions."""

ID_PREFIX = "claim-"


class Claim(Job):  # type: ignore[misc]
    """A batch of pages on its way to a horse. It names no function, holds no arguments, and is not saved.

    RQ registers it, counts it and shows it; what RQ writes of it goes when it ends.
    """

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: Any = None) -> None:  # noqa: A002, ARG002
        super().__init__(id or f"{ID_PREFIX}{uuid4().hex}", connection, JSONSerializer)
        self.pages: Sequence[Taken] = ()
        self.lingers = True
        self.drain: Callable[[Claim], object] | None = None

    @classmethod
    def of(cls, pages: Sequence[Taken], *, queue: str, connection: Redis, lingers: bool = True) -> "Claim":
        """A claim on these pages, which were taken off `queue`; `lingers`: its horse waits for more."""
        claim = cls(connection=connection)
        claim.pages = pages
        claim.lingers = lingers
        claim.origin = queue
        claim.timeout = NO_TIMEOUT
        claim.result_ttl = 0
        claim.description = f"{len(pages)} pages, then what comes"
        return claim

    @property
    def func_name(self) -> str:
        """A name for `ps` and the logs; nothing of that name exists."""
        return "pagemill.claim"

    @property
    def started_job_registry(self) -> ClaimRegistry:
        """Where RQ books it while it is worked on."""
        return ClaimRegistry(self.origin, connection=self.connection, job_class=type(self))

    @classmethod
    def fetch(cls, id: str, connection: Redis | None = None, serializer: Any = None) -> NoReturn:  # noqa: A002, ARG003
        """Never: whatever lies in Redis under a job's key was put there by somebody else."""
        msg = f"claims are not kept in Redis: {id!a}"
        raise NoSuchJobError(msg)

    @classmethod
    def fetch_many(cls, job_ids: Any, connection: Redis, serializer: Any = None) -> list[None]:  # noqa: ARG003
        """Never, for the same reason."""
        return [None for _ in job_ids]

    def restore(self, raw_data: Any) -> NoReturn:  # noqa: ARG002
        """Never: this is where RQ would deserialise."""
        msg = "claims are not kept in Redis"
        raise NoSuchJobError(msg)

    def heartbeat(self, timestamp: datetime, ttl: int, pipeline: Pipeline | None = None, xx: bool = False) -> None:  # noqa: FBT001, FBT002
        """RQ's, in one step with the note's end: on a claim that is over it makes the note anew, which would stay."""
        with nullcontext(pipeline) if pipeline is not None else self.connection.pipeline() as pipe:
            super().heartbeat(timestamp, ttl, pipe, xx)
            pipe.expire(self.key, CLAIM_KEPT)
            if pipeline is None:
                pipe.execute()

    def _execute(self) -> None:
        if self.drain is None:
            msg = "a claim runs in a MillWorker's horse: start the worker with --worker-class workers.worker.MillWorker"
            raise RuntimeError(msg)
        self.drain(self)
