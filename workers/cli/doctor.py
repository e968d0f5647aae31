"""`pagemill doctor`: what is wrong with the Redis, or with the mill on it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from workers.cli.options import json_option, opened, redis_options

if TYPE_CHECKING:
    from rich.text import Text

    from workers.doctor.finding import Finding

_STYLES = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "bold red"}


@click.command()
@json_option("the findings")
@redis_options
def command(redis_url: str | None, prefix: str | None, *, as_json: bool) -> int:
    """Look at Redis and at the mill on it, and say what to mend; exit 1 on any error.

    It only reads, and what this user may not ask for it names and leaves out.
    """
    from workers.cli.render import print_json  # noqa: PLC0415
    from workers.doctor.examine import examine, report  # noqa: PLC0415
    from workers.doctor.facts import read_facts  # noqa: PLC0415

    with opened(redis_url, prefix) as (settings, client):
        findings = examine(read_facts(client, settings))
    told = report(findings)
    if as_json:
        print_json(told)
    else:
        _print(findings, told["counts"])
    return 0 if told["ok"] else 1


def _print(findings: Sequence["Finding"], counts: dict[str, int]) -> None:
    from workers.cli.render import console, counted, table  # noqa: PLC0415

    console().print(table(("check", "finding"), _rows(findings), last=True))
    named = [counted(counts[level], level) for level in ("error", "warning", "note") if counts[level]]
    console().print(", ".join(named) or "all is well")


def _rows(findings: Sequence["Finding"]) -> Iterator[tuple["Text", ...]]:
    from rich.text import Text  # noqa: PLC0415

    from workers.printable import printable  # noqa: PLC0415

    for finding in findings:
        told = Text(printable(finding.what))
        if finding.why:
            told.append(f"\n{printable(finding.why)}", style="dim")
        if finding.mend:
            told.append(f"\nmend: {printable(finding.mend)}")
        yield Text(f"{finding.level:8}", style=_STYLES[finding.level]).append(finding.check, style="default"), told
