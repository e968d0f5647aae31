"""`pagemill healthy`: the health check of a container of workers."""

import click

from workers.cli.options import opened, redis_options


@click.command()
@click.option(
    "--within",
    type=click.FloatRange(min=1),
    default=300.0,
    metavar="SECONDS",
    help="A worker must have made a step in the last so many.  [300]",
)
@click.option("--host", metavar="NAME", help="Look at the workers of this machine.  [default: this one]")
@click.option("--queues", metavar="A,B", help="At those of these queues.  [default: default]")
@redis_options
def command(redis_url: str | None, prefix: str | None, *, within: float, host: str | None, queues: str | None) -> int:
    """Exit with 0 when this machine's workers get on, else with 1 and say why: for a container's health check.

    A step is a page settled, or nothing to do. A mill that is suspended, or whose output is full, is not sick.
    """
    import socket  # noqa: PLC0415

    from workers.cli.app import complain  # noqa: PLC0415
    from workers.monitor.health import read_workers_of, sickness  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        named = settings.queues if queues is None else [name.strip() for name in queues.split(",") if name.strip()]
        workers = read_workers_of(client, host or socket.gethostname(), named)
    problem = sickness(workers, within)
    if problem:
        complain(problem)
    return 1 if problem else 0
