"""`pagemill run`: the whole mill at once."""

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from workers.cli.options import json_option, redis_options

if TYPE_CHECKING:
    from typing import BinaryIO

    from workers.inputs import Intake
    from workers.progress import Progress
    from workers.records.spool import Spool
    from workers.run import Run, Stall, Summary
    from workers.settings import Settings

SPOOL = "run.sqlite"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    inputs: tuple[str, ...]
    out: str | None
    outcomes: str | None
    full: bool
    workers: int | None
    folder: Path | None
    as_json: bool


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", metavar="FILE", help="Where the records go, one JSON a line.  [default: standard output]")
@click.option("--outcomes", metavar="FILE", help="What became of each page, one JSON a line.")
@click.option("--full", is_flag=True, help="Leave in the records what only the time of the run decides.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes.  [one for 500 pages; all cores]")
@click.option("--data", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Keep the mill here; go on.")
@json_option("the summary")
@redis_options
def command(redis_url: str | None, prefix: str | None, **asked: Any) -> int:
    """Mill files: push them, work on them, write the records, and sum up.

    INPUT is an HTML or text file, plain or .gz, a folder of them, JSONL (one page a line), WARC, or - for JSONL
    from standard input. Without --redis or PAGEMILL_REDIS_URL it brings its own Valkey, empty at each start; --data
    DIR keeps one, so that a run that was killed goes on.

    Records come in the order of the input and without the times of this run, so that a second run over the same
    input gives the same file. Several workers may settle two copies of one article in any order, and the first one
    settled is published: up to 500 pages get one worker, which keeps the input's order.
    """
    from workers.cli.app import end_on_sigterm  # noqa: PLC0415
    from workers.settings import load_settings  # noqa: PLC0415

    given = load_settings(redis_url=redis_url, prefix=prefix)
    shared = redis_url is not None or "PAGEMILL_REDIS_URL" in os.environ
    shared = shared or given.redis_url != msgspec.structs.fields(type(given))[0].default
    wishes = Asked(**asked)
    if shared and wishes.folder:
        msg = "--data keeps the mill's own Valkey, and goes with neither --redis nor PAGEMILL_REDIS_URL"
        raise click.UsageError(msg)
    end_on_sigterm()
    started = time.monotonic()
    with ExitStack() as stack:
        files = _Files(stack, wishes)
        settings = given if shared else stack.enter_context(_own_server(given, wishes.folder))
        return _run(settings, wishes, files, shared=shared, started=started)


class _Files:
    """The files to write, opened before the work: what cannot be written is told at once."""

    def __init__(self, stack: ExitStack, asked: Asked) -> None:
        from workers.records.outputs import STANDARD_OUTPUT, whole_file  # noqa: PLC0415

        out = asked.out or (None if asked.as_json else STANDARD_OUTPUT)
        self.printed = STANDARD_OUTPUT in (out, asked.outcomes)
        self.records = stack.enter_context(whole_file(out)) if out else None
        self.outcomes = stack.enter_context(whole_file(asked.outcomes)) if asked.outcomes else None

    def write(self, spool: "Spool", *, foreign: bool, full: bool) -> None:
        """All records and outcomes so far."""
        from workers.records.lines import record_line  # noqa: PLC0415

        if self.records:
            for body, dated in spool.records(foreign=foreign):
                self._line(self.records, body if full else record_line(body, dated=dated))
        if self.outcomes:
            for line in spool.outcomes(foreign=foreign):
                self._line(self.outcomes, line)

    @staticmethod
    def _line(file: "BinaryIO", line: bytes) -> None:
        from workers.printable import printable_json  # noqa: PLC0415

        file.write((printable_json(line.decode()).encode() if file.isatty() else line) + b"\n")


@contextmanager
def _own_server(given: "Settings", folder: Path | None) -> Iterator["Settings"]:
    from workers.embedded import embedded_server  # noqa: PLC0415

    with embedded_server(folder) as server:
        yield msgspec.structs.replace(given, redis_url=server.url)


def _run(settings: "Settings", asked: Asked, files: _Files, *, shared: bool, started: float) -> int:
    from redis.exceptions import RedisError  # noqa: PLC0415

    from pagemill.connection import describe  # noqa: PLC0415
    from workers.cli.app import INTERRUPTED, TERMINATED, Terminated, complain  # noqa: PLC0415
    from workers.connection import connect  # noqa: PLC0415
    from workers.inputs import Intake  # noqa: PLC0415
    from workers.records.spool import Spool  # noqa: PLC0415
    from workers.run import Run  # noqa: PLC0415

    settings = _of_this_run(settings, shared=shared)
    intake = Intake(settings.limits, complain)
    with Spool(asked.folder and asked.folder / SPOOL) as spool, connect(settings.redis_url) as client:
        run = Run(client, settings, spool, shared=shared)
        try:
            run.begin()
            try:
                _mill(run, settings, intake, asked)
                summary = run.summary(time.monotonic() - started)
            except KeyboardInterrupt as signal:
                while run.catch_up(0):
                    pass
                files.write(spool, foreign=not shared, full=asked.full)
                _tell_rest(run, shared=shared, folder=asked.folder)
                return TERMINATED if isinstance(signal, Terminated) else INTERRUPTED
            finally:
                run.end()
        except RedisError as error:
            raise describe(error, client) from error
        files.write(spool, foreign=not shared, full=asked.full)
    _tell(summary, asked, intake, to_stderr=files.printed)
    return 1 if intake.bad else 0


def _of_this_run(settings: "Settings", *, shared: bool) -> "Settings":
    """A queue of its own where others have theirs, and a settled stream that is long enough to be read in step."""
    return msgspec.structs.replace(
        settings,
        queues=(f"run-{secrets.token_hex(4)}" if shared else settings.queues[0],),
        settled_limit=max(settings.settled_limit, 100_000),
        records_at_limit=settings.records_at_limit if shared else "wait",
    )


def _mill(run: "Run", settings: "Settings", intake: "Intake", asked: Asked) -> None:
    from workers.cli.app import complain  # noqa: PLC0415
    from workers.pool_process import PoolProcess  # noqa: PLC0415
    from workers.progress import progress  # noqa: PLC0415
    from workers.run import Stall, mill  # noqa: PLC0415
    from workers.tracing.trace import exported  # noqa: PLC0415

    variables = {
        "PAGEMILL_REDIS_URL": settings.redis_url,
        "PAGEMILL_PREFIX": settings.prefix,
        "PAGEMILL_SETTLED_LIMIT": str(settings.settled_limit),
        "PAGEMILL_RECORDS_AT_LIMIT": settings.records_at_limit,
    }
    with exported(settings), PoolProcess(run.queue, variables) as pool, progress() as show:
        stall = Stall(run, pool, complain)
        pages = intake.pages(asked.inputs)
        mill(run, pages, pool, workers=asked.workers, show=partial(_show, show, run, stall))


def _show(show: "Progress", run: "Run", stall: "Stall") -> None:
    show(run.settled, run.pushed, total=run.total)
    stall.look()


def _tell_rest(run: "Run", *, shared: bool, folder: Path | None) -> None:
    from workers.cli.app import complain  # noqa: PLC0415

    rest = run.unsettled()
    if shared and rest:
        after = f"; pagemill worker --queues {run.queue} goes on with the {rest:,} that are in the queue"
    elif folder and rest:
        after = f"; the same command goes on with the {rest:,} that are in the queue"
    else:
        after = ""
    complain(f"broken off after {run.settled:,} pages were settled{after}")


def _tell(summary: "Summary", asked: Asked, intake: "Intake", *, to_stderr: bool) -> None:
    from workers.cli.render import console, print_json  # noqa: PLC0415
    from workers.cli.run_page import run_page  # noqa: PLC0415

    if asked.as_json:
        print_json(msgspec.to_builtins(summary))
        return
    sys.stdout.flush()
    page = run_page(summary, out=asked.out, outcomes=asked.outcomes, skipped=intake.skipped, bad=intake.bad)
    console(sys.stderr if to_stderr else None).print(page)
