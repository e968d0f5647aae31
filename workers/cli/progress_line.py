"""How far a command is, on standard error: a bar on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


@contextmanager
def counting(things: str, most: int) -> Iterator[Callable[[], None]]:
    """For the time of the block; it gives what is to be called at each of the things: `most` of them, or fewer."""
    if sys.stderr.isatty():
        with click.progressbar(length=most, label=things, file=sys.stderr, show_pos=True) as bar:
            yield lambda: bar.update(1)
    else:
        yield _Lines(things, most)


@contextmanager
def counting_up(things: str) -> Iterator[Callable[[int], None]]:
    """The same where nobody knows how many there are; it gives what is told how many more were done."""
    try:
        yield _Rising(things, again=0.5 if sys.stderr.isatty() else EVERY)
    finally:
        clear_line()


def clear_line() -> None:
    """Take the line away that a terminal shows, for another one."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


class _Rising:
    def __init__(self, things: str, again: float) -> None:
        self._things = things
        self._again = again
        self._count = 0
        self._last = time.monotonic()

    def __call__(self, more: int) -> None:
        self._count += more
        if time.monotonic() - self._last >= self._again:
            self._last = time.monotonic()
            begin, end = ("\r", "") if sys.stderr.isatty() else ("pagemill: ", "\n")
            sys.stderr.write(f"{begin}{self._count:,} {self._things}{end}")
            sys.stderr.flush()


class _Lines:
    def __init__(self, things: str, most: int) -> None:
        self._things = things
        self._most = most
        self._count = 0
        self._last = time.monotonic()

    def __call__(self) -> None:
        self._count += 1
        if time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            sys.stderr.write(f"pagemill: {self._count:,} of {self._most:,} {self._things}\n")
            sys.stderr.flush()
