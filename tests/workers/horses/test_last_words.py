"""The stack that a process dies with, read by another."""

import os
import subprocess
import sys

import pytest

DYING = """
import ctypes, os, signal, sys, time
from workers.horses.last_words import LastWords

words = LastWords()
words.clear()

def innermost():
    {death}

if not (pid := os.fork()):
    words.listen()
    innermost()
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(words.read())
words.clear()
assert words.read() == ""
"""


def last_words(death):
    """The exit code of a process that died so, and its last words."""
    done = subprocess.run([sys.executable, "-c", DYING.format(death=death)], capture_output=True, text=True, check=True)
    code, _, words = done.stdout.partition("\n")
    return int(code), words


@pytest.mark.parametrize(
    ("death", "name", "told"),
    [
        ("ctypes.string_at(0)", "SIGSEGV", "Fatal Python error: Segmentation fault"),
        ("os.abort()", "SIGABRT", "Fatal Python error: Aborted"),
        ("signal.setitimer(signal.ITIMER_PROF, 0.1); sum(range(10**15))", "SIGPROF", "most recent call first"),
        ("ctypes.PyDLL(None).alarm(0); os.kill(os.getpid(), signal.SIGPROF)", "SIGPROF", "most recent call first"),
    ],
)
def test_a_death_in_c_leaves_the_stack_and_the_signal(death, name, told):
    """Signal handlers in C write it at once, and let the signal kill as it would have."""
    code, words = last_words(death)
    assert code == -getattr(__import__("signal"), name)
    assert told in words
    assert "in innermost" in words
    assert "Extension modules" not in words


def test_out_of_memory_leaves_a_traceback():
    """What its frames hold is let go first, so that there is memory for it."""
    code, words = last_words("\n    try: hoard = bytearray(10**14)\n    except MemoryError as error: words.say(error)")
    assert code == 0
    assert words.rstrip().endswith("MemoryError")


def test_a_deep_stack_is_cut_from_the_outside():
    """The innermost frames are kept, a few thousand characters of them."""
    code, words = last_words("\n    def deep(n): deep(n - 1) if n else ctypes.string_at(0)\n    deep(90)")
    assert code < 0
    assert len(words) < 4_100
    assert "in deep" in words


def test_a_clean_end_leaves_none():
    """There is nothing to tell."""
    assert last_words("pass") == (0, "\n")


def test_no_descriptor_is_left_behind():
    """A worker that is only looked at, as by `rq info`, closes what it opened."""
    from workers.horses.last_words import LastWords  # noqa: PLC0415 - in this process only here

    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    for _ in range(5):
        LastWords()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
