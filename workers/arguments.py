"""Passwords out of this process's arguments, which `ps` shows to everybody on the machine."""

import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_PASSWORD = re.compile(rb"[a-z+]{2,20}://[^\s:/@\0]{0,256}:([^\0\s]{1,1024})@", re.IGNORECASE)
_IN_QUERY = re.compile(rb"[?&](?:password|ssl_password)=([^\0\s&]{1,1024})", re.IGNORECASE)
_ARG_START = 48
"""The place of `arg_start` in /proc/PID/stat, counted from 1 (proc(5))."""


def hide_passwords() -> None:
    """Write asterisks over the passwords of all URLs in the arguments, as `ps` and children by fork see them.

    On Linux; elsewhere they stay, and PAGEMILL_REDIS_URL is the way. `sys.argv` keeps them.
    """
    if sys.platform != "linux":
        return
    try:
        shown = Path("/proc/self/cmdline").read_bytes()
        stat = Path("/proc/self/stat").read_text("ascii", "replace")
    except OSError:
        return  # /proc is not there, or hidden: then it is from others too
    start = int(stat.rpartition(")")[2].split()[_ARG_START - 3])
    for at, length in _passwords(shown):
        if start and ctypes.string_at(start + at, length) == shown[at : at + length]:
            ctypes.memset(start + at, ord("*"), length)


def _passwords(shown: bytes) -> Iterator[tuple[int, int]]:
    for pattern in (_PASSWORD, _IN_QUERY):
        for match in pattern.finditer(shown):
            yield match.start(1), match.end(1) - match.start(1)
