"""`pagemill audit`: is every page accounted for?"""

import sys

import click

from workers.cli.options import json_option, opened, redis_options


@click.command()
@json_option("the result")
@redis_options
def command(redis_url: str | None, prefix: str | None, *, as_json: bool) -> int:
    """Prove that every page is accounted for; exit 1 when one is not.

    pushed = published + updated + duplicate + near_duplicate + rejected + dead + waiting + in hand, for each
    queue, all read at one moment. It may be asked at any time, also while the mill works.
    """
    from workers.audit import audit  # noqa: PLC0415
    from workers.cli.render import print_json  # noqa: PLC0415
    from workers.store.redis_store import RedisStore  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        result = audit(RedisStore(client, settings).ledger())
    if as_json:
        print_json(result)
    else:
        _print(result)
    return 0 if result["ok"] else 1


def _print(result: dict[str, object]) -> None:
    from workers.cli.app import complain  # noqa: PLC0415
    from workers.cli.render import console, table  # noqa: PLC0415

    outcomes = result["outcomes"]
    problems = result["problems"]
    assert isinstance(outcomes, dict)  # noqa: S101 - narrows the type
    assert isinstance(problems, list)  # noqa: S101
    rows = [
        ("pushed", result["pushed"]),
        *((f"  {name}", count) for name, count in outcomes.items()),
        ("  waiting", result["waiting"]),
        ("  in hand", result["running"]),
    ]
    console().print(table(("", "pages"), rows))
    sys.stdout.flush()
    for problem in problems:
        complain(problem)
    if not problems:
        console().print("every page is accounted for")
