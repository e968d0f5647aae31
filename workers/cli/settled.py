"""`pagemill settled`: a search of settled pages."""

from typing import TYPE_CHECKING, Any

import click

from workers.cli.dead_choice import at, moment
from workers.cli.options import json_option, opened, redis_options

if TYPE_CHECKING:
    from workers.monitor.search import Found


@click.command()
@click.option("--url", metavar="URL", help="This page, in any spelling of its address; or a part of one.")
@click.option("--host", metavar="HOST", help="Only those of this host.")
@click.option("--outcome", metavar="OUTCOME", help="Only those settled so, such as rejected or near_duplicate.")
@click.option("--reason", metavar="REASON", help="Only those with this reason, such as empty or timeout.")
@click.option("--since", type=moment, metavar="TIME", help="Only from then on: 2026-03-01T12:30, or 2h ago.")
@click.option("--until", type=moment, metavar="TIME", help="Only those settled up to then.")
@click.option("--before", metavar="ID", default="", help="Only those before this one: to go on.")
@click.option("--limit", type=click.IntRange(min=1), default=100, metavar="N", help="So many at most.  [100]")
@click.option("--look-back", type=click.IntRange(min=1), metavar="N", help="Look at so many at most.  [100,000]")
@json_option("one a line")
@redis_options
def command(redis_url: str | None, prefix: str | None, *, limit: int, as_json: bool, **chosen: Any) -> int:
    """Find settled pages, the newest first, by what became of them.

    The mill remembers the last settled_limit of them (100,000). Of those that died the page itself is kept: see
    pagemill dead list.
    """
    from workers.monitor.search import LOOK_BACK, SettledWanted, find_settled  # noqa: PLC0415
    from workers.readings import server_time  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        now = server_time(client)
        named = {name: chosen[name] or "" for name in ("url", "host", "outcome", "reason", "before")}
        since, until = at(chosen["since"], now), at(chosen["until"], now)
        look_back = chosen["look_back"] or LOOK_BACK
        wanted = SettledWanted(since=since, until=until, look_back=look_back, **named)
        _check(wanted.before)
        found = find_settled(client, settings.keys.settled, wanted, most=limit)
    _show(found, as_json=as_json)
    return 0


def _check(before: str) -> None:
    number, _, rest = before.partition("-")
    if before and not (number.isdecimal() and rest.isdecimal()):
        msg = f"{before!a} is no entry: it is what an answer ends with, such as 1700000000000-0"
        raise click.BadParameter(msg, param_hint="--before")


def _show(found: "Found", *, as_json: bool) -> None:
    import json  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from workers.cli.render import console  # noqa: PLC0415
    from workers.cli.why_page import settled_page  # noqa: PLC0415

    if not as_json:
        console().print(settled_page(found))
        return
    for page in found.pages:
        click.echo(json.dumps(msgspec.to_builtins(page)))
