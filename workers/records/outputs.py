"""Files that are written whole: under another name first, so that nobody ever reads half of one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

STANDARD_OUTPUT = "-"


@contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """A file that appears under its name when the block ends well, in the place of an older one.

    `-` is standard output, and what is no regular file (a pipe, /dev/null) is written to as it is. Raises OSError,
    at once when the folder cannot be written to.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        return
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            yield cast("BinaryIO", file)
            file.flush()
            os.fsync(file.fileno())
            _give_mode(file.name, target)
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _give_mode(name: str, target: Path) -> None:
    """The mode of the file that is replaced, or what a new one has: a temporary file is its owner's alone."""
    if target.exists():
        mode = target.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    Path(name).chmod(mode)
