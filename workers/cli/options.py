"""What commands have in common: options, and a connection whose errors become one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from redis import Redis

    from workers.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def redis_options(command: _Command) -> _Command:
    """`--redis` and `--prefix`."""
    for option in (
        click.option("--prefix", metavar="NAME", help="What all keys begin with.  [default: pagemill]"),
        click.option("--redis", "redis_url", metavar="URL", help="Redis or Valkey.  [default: localhost, database 0]"),
    ):
        command = option(command)
    return command


def json_option(what: str) -> Callable[[_Command], _Command]:
    """`--json`: `what` is how it prints."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {what} as JSON.")


@contextmanager
def opened(redis_url: str | None, prefix: str | None, *, tries: int = 1) -> Iterator[tuple["Settings", "Redis"]]:
    """The settings and a client, for the time of the block; redis's errors leave it as RedisFailed."""
    from redis.exceptions import RedisError  # noqa: PLC0415 - takes a fifth of a second

    from pagemill.connection import describe  # noqa: PLC0415
    from workers.connection import connect  # noqa: PLC0415
    from workers.settings import load_settings  # noqa: PLC0415

    settings = load_settings(redis_url=redis_url, prefix=prefix)
    with connect(settings.redis_url, tries=tries) as client:
        try:
            yield settings, client
        except RedisError as error:
            raise describe(error, client) from error
