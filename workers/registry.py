"""RQ's registries of a queue of pages: they count, and they expire; nothing that lies in them is ever fetched."""

from typing import Any

from rq.registry import BaseRegistry, StartedJobRegistry
from rq.utils import current_timestamp


class ClaimRegistry(StartedJobRegistry):  # type: ignore[misc]
    """The claims that horses work on now.

    RQ's clean-up fetches each job whose time ran out and calls its failure callback: whoever can
    write to Redis could name any function there. A claim that was lost holds nothing, so it is forgotten.
    """

    def cleanup(self, timestamp: float | None = None, exception_handlers: Any = None) -> None:  # noqa: ARG002
        """Forget the claims whose horses did not report in time, and what RQ wrote about them."""
        score = timestamp if timestamp is not None else current_timestamp()
        self.connection.zremrangebyscore(self.key, 0, score)


class EmptyRegistry(BaseRegistry):  # type: ignore[misc]
    """Finished, failed, scheduled, deferred claims: there are none, and a forged entry is not looked at."""

    def __init__(self, template: str, **kwargs: Any) -> None:
        self.key_template = template
        super().__init__(**kwargs)

    def get_job_count(self, cleanup: bool = True) -> int:  # noqa: ARG002, FBT001, FBT002 - RQ's signature
        """None."""
        return 0

    def get_job_ids(self, *_args: Any, **_kwargs: Any) -> list[str]:
        """None."""
        return []
