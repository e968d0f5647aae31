"""The workers' Lua scripts."""

from collections.abc import Sequence
from typing import Any

from redis import Redis

from pagemill.script import Argument
from pagemill.script import Script as AnyScript


class Script(AnyScript):
    """Files of `workers/lua`, callable: `COMMIT(client, keys, arguments)`."""

    def __init__(self, *names: str) -> None:
        super().__init__(*(f"{name}.lua" for name in names), package="workers")

    def __call__(self, client: Redis, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Its answer; a server that does not know it (any more) is told its text. Raises redis's errors."""
        return self.run(client, keys, arguments)

    def queue_on(self, pipe: Any, keys: Sequence[str], arguments: Sequence[Argument]) -> None:
        """Put it on a pipeline. Its answer there may be a NoScriptError: then call it."""
        pipe.evalsha(self.sha, len(keys), *keys, *arguments)
