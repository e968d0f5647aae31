"""Which dead letters a command is about."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_AGE = re.compile(r"(\d{1,9})([smhd])")


class Moment(click.ParamType):
    """A date or time in ISO 8601, UTC where it names no offset; or an age, as `90s`, `15m`, `2h` or `7d` ago."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime | timedelta:
        """A time, or how long it is ago."""
        if isinstance(value, datetime | timedelta):
            return value
        if age := _AGE.fullmatch(value):
            return timedelta(seconds=int(age[1]) * _UNITS[age[2]])
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!a} is no time: 2026-03-01, 2026-03-01T12:30Z, or 90s, 15m, 2h, 7d ago", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def filters(command: _Command) -> _Command:
    """The options that choose letters by what they are."""
    for option in (
        click.option("--until", type=Moment(), metavar="TIME", help="Only those that died up to then."),
        click.option("--since", type=Moment(), metavar="TIME", help="Only from then on: 2026-03-01T12:30, or 2h ago."),
        click.option("--queue", metavar="NAME", help="Only those of this queue."),
        click.option("--host", metavar="HOST", help="Only those of this host."),
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
