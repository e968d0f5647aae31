"""`pagemill records`: the output."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from workers.cli.options import opened, redis_options

if TYPE_CHECKING:
    from redis import Redis

    from workers.records.sinks import Sink
    from workers.settings import Settings

PARQUET = ".parquet"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    follow: bool
    group: str | None
    to: Path | None
    drop_group: str | None
    limit: int | None


@click.command()
@click.option("--follow", is_flag=True, help="Wait for more at the end, until Ctrl-C.")
@click.option(
    "--group", metavar="NAME", help="Read as this group: what is written is acknowledged, and not given again."
)
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="FILE", help="A .jsonl or .parquet file.  [standard output]"
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many.")
@click.option("--drop-group", metavar="NAME", help="Forget a group, so that the mill waits for it no more.")
@click.option("--json", "as_json", is_flag=True, hidden=True, help="They are JSON anyway.")
@redis_options
def command(redis_url: str | None, prefix: str | None, *, as_json: bool, **asked: Any) -> int:  # noqa: ARG001
    """Read the records, one JSON a line.

    Without --group all that the stream holds, from the oldest on, and a file is written anew. With --group what this
    group has not had yet: each record is acknowledged when it is on disk, a .jsonl file is added to, and a record is
    in it once, also when this process was killed. A Parquet file is readable when it is complete: it takes no --follow.
    """
    from workers.cli.app import end_on_sigterm  # noqa: PLC0415

    if asked["to"] == Path("-"):
        asked["to"] = None
    wishes = Asked(**asked)
    if wishes.follow and wishes.to and wishes.to.suffix == PARQUET:
        msg = "--follow: a Parquet file can be read when it is complete only: leave out --follow, or take a .jsonl file"
        raise click.UsageError(msg)
    end_on_sigterm()
    with opened(redis_url, prefix, tries=3) as (settings, client):
        if wishes.drop_group is not None:
            return _drop(client, settings, wishes.drop_group)
        return _read(client, settings, wishes)


def _drop(client: "Redis", settings: "Settings", group: str) -> int:
    from redis.exceptions import ResponseError  # noqa: PLC0415

    from workers.cli.app import complain  # noqa: PLC0415

    try:
        dropped = bool(client.xgroup_destroy(settings.keys.records, group))
    except ResponseError as error:
        if "no such key" not in str(error) and "requires the key to exist" not in str(error):
            raise
        dropped = False
    if dropped:
        return 0
    complain(f"no group {group!a} reads the records")
    return 1


def _read(client: "Redis", settings: "Settings", asked: Asked) -> int:
    from workers.cli.app import complain  # noqa: PLC0415
    from workers.cli.render import counted  # noqa: PLC0415
    from workers.records.feed import GroupFeed, PlainFeed, consumer_name, pour  # noqa: PLC0415

    stream = settings.keys.records
    feed: GroupFeed | PlainFeed
    if asked.group:
        feed = GroupFeed(client, stream, group=asked.group, name=consumer_name(asked.to), complain=complain)
    else:
        feed = PlainFeed(client, stream, complain=complain)
    at_once = asked.to is None or (asked.to.suffix != PARQUET and bool(asked.group or asked.follow))
    done = pour(feed, _sink(asked), follow=asked.follow, limit=asked.limit, at_once=at_once)
    if asked.to and sys.stderr.isatty():
        click.echo(f"{counted(done, 'record')} in {asked.to}", err=True)
    return 0


def _sink(asked: Asked) -> "Sink":
    from workers.printable import printable_json  # noqa: PLC0415
    from workers.records.sinks import AppendSink, StreamSink, WholeSink  # noqa: PLC0415

    if asked.to is None:
        change = (lambda body: printable_json(body.decode()).encode()) if sys.stdout.isatty() else None
        return StreamSink(sys.stdout.buffer, change)
    if asked.to.suffix == PARQUET:
        from workers.records.parquet import ParquetSink  # noqa: PLC0415

        return ParquetSink(asked.to)
    if asked.to.exists() and not asked.to.is_file():
        return StreamSink(asked.to.open("wb"))
    if asked.group or asked.follow:
        if not asked.group:
            asked.to.unlink(missing_ok=True)
        return AppendSink(asked.to)
    return WholeSink(asked.to)
