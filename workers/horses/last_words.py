"""Last words: the stack that a horse died with, in memory that outlives it."""

import faulthandler
import os
import signal
import sys
import tempfile
import traceback
import weakref
from contextlib import suppress

TIME_IS_UP = signal.SIGPROF
"""Ends a horse whose page took too long: the kernel sends it when the processor time is used up, the worker when
nothing moves. No library catches it, and it ends a process by default, stuck in C or not."""

MOST = 4_000
"""Characters that are kept, from the innermost frame outwards."""

_NAME = "pagemill-last-words"


class LastWords:
    """A file without a name, made before the fork: the horse writes, the worker reads when the horse is dead."""

    def __init__(self) -> None:
        self._file = _nameless()
        weakref.finalize(self, os.close, self._file)

    def clear(self) -> None:
        """The worker: the next horse is another."""
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)

    def listen(self) -> None:
        """The horse: from now on a crash, and the end of a page's time, write down the stack before they kill.

        The handlers are C code and run at once, also where Python's would wait for its turn.
        """
        faulthandler.enable(self._file)
        signal.signal(TIME_IS_UP, signal.SIG_DFL)
        faulthandler.register(TIME_IS_UP, self._file, chain=True)

    def say(self, error: BaseException) -> None:
        """The horse: what it ends of, as far as there is memory left to say so."""
        with suppress(MemoryError):
            traceback.clear_frames(error.__traceback__)  # what they hold is what there is too much of
            os.write(self._file, "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace"))

    def read(self) -> str:
        """The worker: the stack, empty when the horse had no time to write one."""
        text = os.pread(self._file, 4 * MOST, 0).decode("utf-8", "replace")
        text = text.partition("\nExtension modules:")[0].strip()
        return text if len(text) <= MOST else f"{text[:MOST]}..."


def _nameless() -> int:
    if sys.platform == "linux":
        return os.memfd_create(_NAME)
    with tempfile.TemporaryFile(prefix=_NAME) as file:
        return os.dup(file.fileno())
