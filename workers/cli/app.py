"""The entry point: finds the command, and turns whatever goes wrong into one line and an exit code."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

import click

from pagemill.errors import PagemillError, SettingsError
from workers.arguments import hide_passwords
from workers.masking import masked
from workers.printable import printable

FAILED, USAGE = 1, 2
INTERRUPTED, BROKEN_PIPE, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGPIPE, 128 + signal.SIGTERM

COMMANDS = {
    "run": "Mill files: the whole mill at once, with a Redis of its own.",
    "push": "Push files into a queue.",
    "remember": "Start with what you have: records that are known from now on.",
    "worker": "Work on the queues until stopped.",
    "status": "Show depth, age, throughput, outcomes, workers, lag.",
    "monitor": "Serve the mill on a page, and as metrics for Prometheus.",
    "records": "Read the output: to the terminal, JSONL or Parquet.",
    "dead": "List, show, replay and drop dead letters.",
    "settled": "Find settled pages by URL, host, outcome, reason, time.",
    "why": "Show every decision on one page, and what it repeats.",
    "explain": "Show what the pipeline makes of one page.",
    "audit": "Prove that every page is accounted for.",
    "healthy": "Tell whether this machine's workers get on: for containers.",
    "doctor": "Look at Redis and the mill, and say what to mend.",
}


class Terminated(KeyboardInterrupt):
    """SIGTERM, while a command that cleans up behind itself is at work."""


class Commands(click.Group):
    """The group of all commands; a command's module is imported when it is called, not for the list."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """`workers.cli.NAME` holds it as `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"workers.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="pagemill", prog_name="pagemill", message="%(prog)s %(version)s")
def pagemill() -> None:
    """Turn a stream of scraped pages into a stream of clean, unique records.

    Settings come from options, PAGEMILL_* in the environment, and pagemill.toml, in this order.
    """


class _Complaints(logging.Handler):
    """What is logged where no log was asked for, as a line like all others of the command."""

    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and answer its exit code: 0, 1 for failure, 2 for usage, 128 + N for a signal N."""
    hide_passwords()
    logging.lastResort = _Complaints(logging.WARNING)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return _quiet()
    return code


def complain(problem: str) -> None:
    """One line on standard error, in which nothing is taken for control codes and no password is shown."""
    sys.stderr.write(f"pagemill: {printable(masked(problem))}\n")
    sys.stderr.flush()


def end_on_sigterm() -> None:
    """Have SIGTERM raise Terminated, so that `finally` and `with` clean up."""
    signal.signal(signal.SIGTERM, _terminated)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        # Not pagemill.main(), which turns Ctrl-C, SIGTERM and a broken pipe into one and the same.
        with pagemill.make_context("pagemill", list(sys.argv[1:] if arguments is None else arguments)) as context:
            code: int | None = pagemill.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        return _usage(error)
    except (SettingsError, click.ClickException) as error:
        complain(error.format_message() if isinstance(error, click.ClickException) else str(error))
        return USAGE
    except PagemillError as error:
        complain(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        complain(f"{named}{error.strerror or error}")
    except Terminated:
        return TERMINATED
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    else:
        return code or 0
    return FAILED


def _usage(error: click.UsageError) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return USAGE
    path = error.ctx.command_path if error.ctx else "pagemill"
    complain(f"{error.format_message()} (see {path} --help)")
    return USAGE


def _quiet() -> int:
    """Whoever read our output has gone: so do we, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _terminated(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
