"""Which dead letters a command is about."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGE = re.compile(r"(\d{1,9})([smhd])")


def moment(value: str) -> datetime | timedelta:
    """A date or time in ISO 8601, UTC where it names no offset; or an age, as `90s`, `15m`, `2h` or `7d` ago."""
    if age := _AGE.fullmatch(value):
        return timedelta(seconds=int(age[1]) * _UNITS[age[2]])
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        msg = f"{value!a} is no time: 2026-03-01, 2026-03-01T12:30Z, or 90s, 15m, 2h, 7d ago"
        raise click.BadParameter(msg) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def filters(command: _Command) -> _Command:
    """The options that choose letters by what they are."""
    for option in (
        click.option("--until", type=moment, metavar="TIME", help="Only those that died up to then."),
        click.option("--since", type=moment, metavar="TIME", help="Only from then on: 2026-03-01T12:30, or 2h ago."),
        click.option("--queue", metavar="NAME", help="Only those of this queue."),
        click.option("--host", metavar="HOST", help="Only those of this host."),
        click.option("--url", metavar="TEXT", help="Only those whose URL holds this."),
        click.option("--reason", metavar="REASON", help="Only those with this reason, such as timeout or malformed."),
    ):
        command = option(command)
    return command


def at(moment: datetime | timedelta | None, now: datetime) -> datetime | None:
    """The time that was meant."""
    if not isinstance(moment, timedelta):
        return moment
    try:
        return now - moment
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)
