"""Progress of long work on standard error: a bar on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


class Progress(Protocol):
    """Is told how far the work is, as often as one likes."""

    def __call__(self, settled: int, pushed: int, *, total: int | None = None) -> None:
        """So many pages pushed and settled; `total` once it is known."""


@contextmanager
def progress() -> Iterator[Progress]:
    """A display for the time of the block."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    with _bar() as bar:
        yield bar


class _Lines:
    def __init__(self) -> None:
        self._started = self._last = time.monotonic()

    def __call__(self, settled: int, pushed: int, *, total: int | None = None) -> None:
        now = time.monotonic()
        if now - self._last < EVERY:
            return
        self._last = now
        of = f"{total or pushed:,}{'' if total else ' so far'}"
        rate = settled / (now - self._started)
        sys.stderr.write(f"pagemill: {settled:,} of {of} pages settled, {rate:,.1f} pages/s\n")
        sys.stderr.flush()


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich import progress as bars  # noqa: PLC0415

    from workers.cli.render import console  # noqa: PLC0415

    words = bars.TextColumn("{task.description}"), bars.TextColumn("{task.fields[told]}")
    columns = (words[0], bars.BarColumn(bar_width=20), words[1], bars.TimeElapsedColumn())
    started = time.monotonic()
    with bars.Progress(*columns, console=console(sys.stderr), transient=True) as bar:
        task = bar.add_task("starting", total=None, told="")

        def show(settled: int, pushed: int, *, total: int | None = None) -> None:
            rate = settled / max(time.monotonic() - started, 0.001)
            told = f"{settled:,} of {pushed:,} pages, {rate:,.1f}/s"
            bar.update(
                task, description="milling" if settled else "starting", completed=settled, told=told, total=total
            )

        yield show
