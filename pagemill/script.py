"""Our Lua scripts, run by their hash; a server that does not know one is sent its text in the same step."""

from collections.abc import Sequence
from hashlib import sha1
from importlib.resources import files
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError, ResponseError

Argument = str | bytes | int


class Script:
    """A file of a package's `lua` folder, or several, joined in their order: a local of one is known to the next.

    Its opening comment lists its keys, its arguments and its answer.
    """

    def __init__(self, *names: str, package: str = "pagemill") -> None:
        folder = files(package) / "lua"
        self.text = "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def run(self, client: Redis, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        """The script's answer. Raises redis's errors."""
        try:
            return client.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            return client.eval(self.text, len(keys), *keys, *args)

    def run_then(self, client: Redis, keys: Sequence[str], args: Sequence[Argument], then: Sequence[Argument]) -> Any:
        """The script's answer and that of the command `then`, sent behind it on the same connection."""
        for command in (("EVALSHA", self.sha), ("EVAL", self.text)):
            with client.pipeline(transaction=False) as pipeline:
                pipeline.execute_command(*command, len(keys), *keys, *args)  # type: ignore[no-untyped-call]
                pipeline.execute_command(*then)  # type: ignore[no-untyped-call]
                answers = pipeline.execute(raise_on_error=False)
            if not isinstance(answers[0], NoScriptError):
                break
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers
