"""Lua scripts: read from the package once, sent by their digest."""

from collections.abc import Sequence
from hashlib import sha1
from importlib.resources import files
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError


class Script:
    """One file of `workers/lua`, callable: `COMMIT(client, keys, arguments)`."""

    def __init__(self, name: str) -> None:
        self.source = (files("workers") / "lua" / f"{name}.lua").read_text("utf-8")
        self.digest = sha1(self.source.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, client: Redis, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Run it; a server that does not know it (any more) is told its source."""
        try:
            return client.evalsha(self.digest, len(keys), *keys, *arguments)
        except NoScriptError:
            return client.eval(self.source, len(keys), *keys, *arguments)

    def queue_on(self, pipe: Any, keys: Sequence[str], arguments: Sequence[Any]) -> None:
        """Put it on a pipeline. Its answer there may be a NoScriptError: then call it."""
        pipe.evalsha(self.digest, len(keys), *keys, *arguments)
