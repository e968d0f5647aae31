"""`pagemill worker`: a pool of workers."""

import click

from workers.cli.options import redis_options


@click.command()
@click.option("--workers", metavar="N|MIN:MAX", help="Processes; or from MIN to MAX, by the load.  [default: 2]")
@click.option("--queues", metavar="A,B", help="Names, the most urgent first.  [default: default]")
@click.option("--owner", type=int, hidden=True, help="End when this process does.")
@redis_options
def command(
    workers: str | None, queues: str | None, owner: int | None, redis_url: str | None, prefix: str | None
) -> int:
    """Work on the queues until stopped.

    SIGTERM or Ctrl-C finishes the page in hand, commits, and gives the rest back; a second one breaks it off.
    """
    from workers.settings import load_settings  # noqa: PLC0415

    names = None if queues is None else [name.strip() for name in queues.split(",") if name.strip()]
    settings = load_settings(redis_url=redis_url, prefix=prefix, workers=workers, queues=names)

    from workers.horses.horse import die_with  # noqa: PLC0415
    from workers.pool import run_pool  # noqa: PLC0415 - imports RQ and the pipeline: a second

    if owner is not None:
        die_with(owner)
    return run_pool(settings)
