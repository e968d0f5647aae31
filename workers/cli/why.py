"""`pagemill why`: every decision on one page."""

import click

from workers.cli.options import json_option, opened, redis_options


@click.command()
@click.argument("url")
@click.option(
    "--look-back",
    type=click.IntRange(min=1),
    metavar="N",
    help="Settled pages that are looked at, the newest first.  [100,000]",
)
@json_option("it")
@redis_options
def command(url: str, redis_url: str | None, prefix: str | None, *, look_back: int | None, as_json: bool) -> int:
    """Show what became of the page at URL, in any spelling of it, and why; exit 1 when nothing is known.

    Each time that it was settled, with the reason, its record, and what it repeats or replaces; whether it waits, or
    who has it in hand; its dead letters. It also says how far it has looked: the mill does not remember for ever.
    """
    import msgspec  # noqa: PLC0415

    from workers.cli.render import console, print_json  # noqa: PLC0415
    from workers.cli.why_page import is_known, why_page  # noqa: PLC0415
    from workers.monitor.search import LOOK_BACK  # noqa: PLC0415 - loads the pipeline's notion of a URL: a second
    from workers.monitor.why import why  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        told = why(client, settings.keys, url, look_back=look_back or LOOK_BACK)
    if as_json:
        print_json(msgspec.to_builtins(told))
    else:
        console().print(why_page(told))
    return 0 if is_known(told) else 1
