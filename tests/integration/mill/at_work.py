"""A pool at work, run by path in a process of its own; the test gives it `settings`, `log` and `folder`.

What a page's body asks for happens instead of the pipeline's work: so a test can have a page that crashes
its horse, hangs, or waits for the test's word. Pages without a wish go through the real pipeline.
"""

import ctypes
import os
import re
import signal
import sys
import time
from pathlib import Path

import workers.milling
import workers.pool_looks
from pagemill import Draft, Extraction, RawPage
from pipeline import process
from pipeline.process import Reading, read_page
from workers.horses.horse import die_with
from workers.pool import run_pool
from workers.pool_machine import Machine
from workers.settings import Settings

settings: Settings = globals()["settings"]
log: str = globals()["log"]
folder: str = globals()["folder"]

_WISH = re.compile(rb"wish:(\w+)")


class Panic(BaseException):
    """As Rust's libraries raise: no Exception."""


def segfault(_page):
    ctypes.string_at(0)


def abort(_page):
    """As C++ does when memory is out, and Rust when it panics twice."""
    os.abort()


def bus(_page):
    signal.raise_signal(signal.SIGBUS)


def illegal(_page):
    signal.raise_signal(signal.SIGILL)


def divide(_page):
    signal.raise_signal(signal.SIGFPE)


def block(_page):
    """Wait for what never comes, without any processor time, where Python's signal handlers would get their turn."""
    os.read(os.pipe()[0], 1)


def doze(_page):
    """The same in C, with the GIL held: no Python runs any more."""
    ctypes.PyDLL(None).sleep(3600)


def spin(_page):
    """In C, where no signal handler of Python's gets a turn."""
    sum(range(10**15))


def memory(_page):
    hoard = []
    while True:
        hoard.append(b"x" * 10_000_000)


def greed(_page):
    """In one piece, as a library that believes a length asks for it."""
    bytearray(1 << 46)


def close(page):
    """Close all that is open, the connection to Redis too."""
    os.closerange(3, 1_000)
    return process(page, settings.options)


def parricide(_page):
    """Kill the worker, which nobody can tell from a machine that is lost."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(3600)


def once(page):
    """Raise the first time."""
    raised = Path(folder, f"{page.id}.raised")
    if not raised.exists():
        raised.touch()
        raise OSError
    return process(page, settings.options)


def fail(_page):
    raise ValueError("no luck with \x1b[31m and \ud800")  # noqa: TRY003


def panic(_page):
    raise Panic


def leave(_page):
    os._exit(0)


def die(_page):
    os.kill(os.getpid(), signal.SIGKILL)


def _draft(page, **more):
    return Draft(
        id=page.id,
        url=page.url,
        canonical_url=page.url,
        text="",
        content_hash="00" * 16,
        extraction=Extraction(method="test"),
        **more,
    )


def unserialisable(page):
    return _draft(page, meta={"it": object()})


def surrogate(page):
    return _draft(page, title="\ud800")


def wait(page):
    """Tell the test that this page is in hand, and go on when it says so."""
    Path(folder, f"{page.id}.in-hand").touch()
    go = Path(folder, "go")
    while not go.exists():
        time.sleep(0.002)
    return process(page, settings.options)


def nap(page):
    """A page that takes its time."""
    time.sleep(0.05)
    return process(page, settings.options)


_WISHES = {wish.__name__: wish for wish in (
    segfault, abort, bus, illegal, divide, block, doze, spin, memory, greed, close, parricide, once, fail, panic,
    leave, die, unserialisable, surrogate, wait, nap,
)}  # fmt: skip


def on_request(page: RawPage, options, profile):
    """The pipeline, or what the page asks for."""
    wish = _WISH.search(page.body)
    return Reading(_WISHES[wish[1].decode()](page)) if wish else read_page(page, options, profile)


def hold_fork():
    """In a child just forked: stay there, before anything of ours has run, for as long as the test says so."""
    held = Path(folder, "hold-forks")
    while held.exists():
        time.sleep(0.002)


def main():
    die_with(os.getppid())
    os.register_at_fork(after_in_child=hold_fork)
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    workers.milling.read_page = on_request
    workers.pool_looks.Machine = lambda: Machine(Path(folder))  # tells nothing: the other tests' load is none of its
    sys.exit(run_pool(settings))


main()
