"""Deaf: what RQ would fetch, call or start because Redis says so, and a MillWorker does not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import structlog
from redis.exceptions import RedisError
from rq.utils import now

if TYPE_CHECKING:
    from workers.claim import Claim
    from workers.horses.inquest import Inquest
    from workers.queue import PageQueue

log = structlog.get_logger("pagemill.worker")


class Deaf:
    """A mixin before rq.Worker: nothing that lies in Redis is run, and nobody is heard who may only publish."""

    name: str
    connection: Any
    queues: Sequence["PageQueue"]
    _inquest: "Inquest"

    def clean_registries(self) -> None:
        """Forget lost claims and workers; RQ's own would fetch jobs and call their callbacks."""
        self._inquest.clean(self.queues)
        self.last_cleaned_at = now()

    def clean_group_registries(self) -> None:
        """There are no groups of claims."""

    def subscribe(self) -> None:
        """To nothing: whoever may publish could stop workers, and kill horses until a page passes for deadly.

        Signals do all that RQ's commands do; and no thread runs when a horse is forked.
        """

    def _start_scheduler(self, *_args: Any, **_kwargs: Any) -> None:
        log.debug("no_scheduler", why="a mill has no scheduled jobs, and none that lies in Redis is run")

    def handle_job_failure(self, job: "Claim", queue: "PageQueue", *_args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """A claim that failed holds nothing: out of the books with it."""
        self._forget(job, kwargs["execution"])

    def _forget(self, job: "Claim", execution: Any) -> None:
        """Take out of RQ's books what the horse did not live to take out."""
        try:
            with self.connection.pipeline() as pipe:
                self.increment_failed_job_count(pipe)  # type: ignore[attr-defined]
                execution.delete(job=job, pipeline=pipe)
                pipe.delete(job.key)
                pipe.execute()
        except RedisError as error:
            log.warning("bookkeeping_failed", worker=self.name, error=str(error))
