"""What a horse's end says about the page that it had in hand."""

import os
import signal

import msgspec

from pagemill.outcomes import DeadReason
from workers.horses.horse import EXIT_FAILED, EXIT_MEMORY
from workers.horses.last_words import TIME_IS_UP
from workers.store.contract import Mark

_THE_PAGES_OWN = {
    signal.SIGSEGV: DeadReason.CRASHED,
    signal.SIGBUS: DeadReason.CRASHED,
    signal.SIGABRT: DeadReason.CRASHED,
    signal.SIGILL: DeadReason.CRASHED,
    signal.SIGFPE: DeadReason.CRASHED,
    signal.SIGSYS: DeadReason.CRASHED,
    signal.SIGTRAP: DeadReason.CRASHED,
    signal.SIGXCPU: DeadReason.TIMEOUT,
}


class Death(msgspec.Struct, frozen=True):
    """`mark`: what the page in hand is held to. `detail`: one line for a person. None of it for a clean end."""

    mark: Mark
    reason: DeadReason
    detail: str


def explain(status: int | None, *, in_hand: bool = False) -> Death | None:
    """The meaning of a wait status (os.wait4's), None for a clean end; no end is clean with a page in hand.

    Only what the process did to itself is the page's own doing. SIGKILL is the operator's, the
    deploy's, the kernel's when memory runs out, or ours when nothing moved: nobody can tell which.
    """
    if status is None:
        return Death("suspect", DeadReason.LOST, "the horse is gone, and nobody saw how")
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = _name(number)
        if number == TIME_IS_UP:
            return Death("strike", DeadReason.TIMEOUT, f"the page used up its processor time ({name})")
        if number in _THE_PAGES_OWN:
            return Death("strike", _THE_PAGES_OWN[signal.Signals(number)], f"the horse was ended by {name}")
        if number == signal.SIGKILL:
            return Death("suspect", DeadReason.LOST, f"the horse was ended by {name}")
        return Death("innocent", DeadReason.LOST, f"the horse was ended by {name}")
    code = os.WEXITSTATUS(status)
    if code == 0 and not in_hand:
        return None
    if code == EXIT_MEMORY:
        return Death("strike", DeadReason.MEMORY, "the page wanted more memory than a horse may have")
    if code == EXIT_FAILED:
        return Death("innocent", DeadReason.LOST, "the claim failed; the horse's own log line says why")
    return Death("strike", DeadReason.CRASHED, f"the horse exited with status {code}")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
