"""`pagemill push`: files into a queue."""

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from workers.cli.options import json_option, opened, redis_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pagemill.page import RawPage
    from workers.inputs import Intake


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--queue", metavar="NAME", help="The queue.  [default: the first of the setting queues]")
@click.option("--block", is_flag=True, help="Wait while the queue is full.")
@click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait at most so long.")
@json_option("the count")
@redis_options
def command(
    inputs: tuple[str, ...], queue: str | None, redis_url: str | None, prefix: str | None, **asked: float | bool | None
) -> int:
    """Push files into a queue, and say how many pages went in.

    INPUT is what `pagemill run` takes. A page that breaks the contract, or is over a limit, is told in one line and
    left out; the others go in, and the exit code is 1. It is 1 as well when the queue is full; what came before is in.
    """
    from pagemill.errors import PartialPush, QueueFull  # noqa: PLC0415
    from pagemill.producer import Producer  # noqa: PLC0415
    from workers.cli.app import complain  # noqa: PLC0415
    from workers.cli.render import counted, print_json  # noqa: PLC0415
    from workers.inputs import Intake  # noqa: PLC0415
    from workers.settings import load_settings  # noqa: PLC0415
    from workers.tracing.trace import exported  # noqa: PLC0415

    settings = load_settings(redis_url=redis_url, prefix=prefix)
    _check_reachable(redis_url, prefix)
    intake = Intake(settings.limits, complain)
    failed = None
    producer = Producer(
        settings.redis_url,
        queue=queue or settings.queues[0],
        prefix=settings.prefix,
        limit=settings.queue_limit or None,
        memory_share=settings.memory_share,
        compress=settings.compress,
        limits=settings.limits,
        tracing=settings.tracing,
    )
    with exported(settings), producer:
        wait = bool(asked["block"]) or asked["timeout"] is not None
        try:
            pushed = len(producer.push_many(_within_limits(intake, inputs), block=wait, timeout=asked["timeout"]))
        except (QueueFull, PartialPush) as error:
            pushed, failed = len(error.pushed), error
    if asked["as_json"]:
        print_json({"pushed": pushed, "bad": intake.bad, "skipped": intake.skipped})
    else:
        click.echo(f"{counted(pushed, 'page')} pushed into {producer.queue}")
    if failed:
        complain(str(failed))
    return 1 if failed or intake.bad else 0


def _check_reachable(redis_url: str | None, prefix: str | None) -> None:
    """Find a wrong address at once: the producer would try it for ten seconds, which is right for a lost one."""
    from redis.exceptions import NoPermissionError  # noqa: PLC0415

    with opened(redis_url, prefix, tries=0) as (_, client), suppress(NoPermissionError):
        client.ping()


def _within_limits(intake: "Intake", inputs: tuple[str, ...]) -> "Iterator[RawPage]":
    from pagemill.errors import PageTooLarge  # noqa: PLC0415
    from pagemill.page import check_limits  # noqa: PLC0415

    for page in intake.pages(inputs):
        try:
            check_limits(page, intake.limits)
        except PageTooLarge as error:
            intake.complain(f"{page.url[:200]}: {error}")
        else:
            yield page
