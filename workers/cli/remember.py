"""`pagemill remember`: fills the memory from records that somebody already has."""

from typing import TYPE_CHECKING

import click
import msgspec

from workers.cli.options import json_option, opened, redis_options

if TYPE_CHECKING:
    from workers.remember import Summary


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@json_option("the summary")
@redis_options
def command(files: tuple[str, ...], redis_url: str | None, prefix: str | None, *, as_json: bool) -> int:
    """Remember the records of a corpus, so that a page that says the same again repeats them.

    FILE is JSONL, plain or with .gz or .zst, or Parquet, with the fields of a record: text, and url or canonical_url;
    id, article, version, first_seen where there are any. `-` is JSONL from standard input. Nothing is published or
    counted, and what is remembered already stays as it is. Exit code 1 when a record or a file could not be read.
    """
    from workers.cli.app import complain, end_on_sigterm  # noqa: PLC0415
    from workers.cli.progress_line import clear_line, counting_up  # noqa: PLC0415
    from workers.cli.render import print_json  # noqa: PLC0415
    from workers.connection import check_server  # noqa: PLC0415
    from workers.remember import Corpus, remember_corpus  # noqa: PLC0415

    def report(problem: str) -> None:
        clear_line()
        complain(problem)

    end_on_sigterm()
    with opened(redis_url, prefix, tries=3) as (settings, client):
        check_server(client)
        corpus = Corpus(settings.limits, report)
        with counting_up("records") as tell:
            summary = remember_corpus(client, settings, corpus=corpus, files=files, tell=tell)
    if as_json:
        print_json(msgspec.to_builtins(summary))
    else:
        _show(summary)
    if summary.forgotten:
        complain(
            f"the memory holds {summary.capacity:,} pages, and only the newest fit: about {summary.forgotten:,} of"
            " these records are forgotten again; memory_pages sets its size before the first page comes"
        )
    return 1 if summary.skipped or summary.broken_files else 0


def _show(summary: "Summary") -> None:
    from workers.cli.render import counted  # noqa: PLC0415

    click.echo(f"{counted(summary.remembered, 'record')} remembered, {summary.known:,} known before")
    if summary.undated:
        click.echo(f"{summary.undated:,} without a time: their articles are first seen now")
    if summary.skipped:
        from workers.printable import printable  # noqa: PLC0415

        told = ", ".join(f"{printable(field)} {count:,}" for field, count in sorted(summary.skipped.items()))
        click.echo(f"{sum(summary.skipped.values()):,} skipped, by the field at fault: {told}")
