"""`pagemill status`: how the mill stands."""

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from workers.cli.options import json_option, opened, redis_options

if TYPE_CHECKING:
    from redis import Redis
    from rich.console import RenderableType

    from workers.monitor.snapshot import Snapshot
    from workers.settings import Settings


@click.command()
@click.option("--watch", is_flag=True, help="Again and again, until Ctrl-C.")
@click.option("--every", type=click.FloatRange(min=0.1), default=2.0, metavar="SECONDS", help="Between looks.  [2]")
@click.option("--max-depth", type=click.IntRange(min=0), metavar="N", help="Exit 1 when more pages are unsettled.")
@click.option("--max-age", type=click.FloatRange(min=0), metavar="SECONDS", help="Exit 1 when a page is older.")
@click.option("--max-dead", type=click.IntRange(min=0), metavar="N", help="Exit 1 when more dead letters lie.")
@json_option("it")
@redis_options
def command(redis_url: str | None, prefix: str | None, *, watch: bool, every: float, **asked: Any) -> int:
    """Show whether the mill keeps up, what is wrong and what to do about it, and its figures.

    With --max-depth, --max-age or --max-dead it exits with 1 past the limit, and says which: for an alarm or a
    health check.
    """
    from workers.cli.app import complain  # noqa: PLC0415
    from workers.monitor.snapshot import over_limits, take_snapshot  # noqa: PLC0415

    with opened(redis_url, prefix, tries=3 if watch else 0) as (settings, client):
        if watch:
            _watch(client, settings, every, as_json=asked["as_json"])
        shot = take_snapshot(client, settings)
        _show(shot, as_json=asked["as_json"])
    limits = {name: asked[name] for name in ("max_depth", "max_age", "max_dead")}
    problems = over_limits(shot, **limits)
    for problem in problems:
        complain(problem)
    return 1 if problems else 0


def _show(shot: "Snapshot", *, as_json: bool) -> None:
    import msgspec  # noqa: PLC0415

    from workers.cli.render import console, print_json  # noqa: PLC0415

    if as_json:
        print_json(msgspec.to_builtins(shot))
    else:
        console().print(_drawn(shot))


def _drawn(shot: "Snapshot") -> "RenderableType":
    from workers.cli.render import console  # noqa: PLC0415
    from workers.cli.status_page import NARROW, status_page  # noqa: PLC0415

    return status_page(shot, console().width if sys.stdout.isatty() else NARROW)


def _watch(client: "Redis", settings: "Settings", every: float, *, as_json: bool) -> None:
    """Look until Ctrl-C; on a terminal in place, else one after the other."""
    from workers.monitor.snapshot import take_snapshot  # noqa: PLC0415

    shot = take_snapshot(client, settings)
    if as_json or not sys.stdout.isatty():
        while True:
            _show(shot, as_json=as_json)
            sys.stdout.flush()
            time.sleep(every)
            shot = take_snapshot(client, settings)
    from rich.live import Live  # noqa: PLC0415

    from workers.cli.render import console  # noqa: PLC0415

    with Live(_drawn(shot), console=console(), auto_refresh=False, screen=True) as live:
        while True:
            time.sleep(every)
            shot = take_snapshot(client, settings)
            live.update(_drawn(shot), refresh=True)
