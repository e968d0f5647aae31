"""Files on disk: which of a folder hold pages, and a page out of a plain one."""

import gzip
import os
import stat
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Literal, cast

import msgspec

from pagemill.limits import Limits
from pagemill.page import RawPage
from workers.inputs.zstd import MAGIC as ZSTD_MAGIC
from workers.inputs.zstd import open_zstd
from workers.printable import printable

Kind = Literal["page", "jsonl", "warc"]

_KINDS: dict[str, Kind] = {
    ".html": "page",
    ".htm": "page",
    ".xhtml": "page",
    ".txt": "page",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".warc": "warc",
}
_TEXT = frozenset({".txt", ".text", ".md"})
_GZIP_MAGIC = b"\x1f\x8b"


class Found(msgspec.Struct, frozen=True):
    """A file, its kind (None: holds no pages), and its name from the input on that it was found under."""

    path: Path
    name: str
    kind: Kind | None


def find(given: Path, complain: Callable[[str], None]) -> Iterator[Found]:
    """The file itself, whatever its suffix; or all below a folder, sorted by name, hidden ones left out."""
    if given.is_dir():
        yield from _below(given, given, complain)
    else:
        yield Found(given, given.name, kind_of(given) or "page")


def kind_of(path: Path) -> Kind | None:
    """What the suffix promises, behind which .gz or .zst may stand."""
    return _KINDS.get(_suffix(path))


def open_file(path: Path) -> BinaryIO:
    """The file's bytes, without gzip or zstd where that is what it begins with. Raises OSError."""
    file = path.open("rb")
    if path.suffix.lower() == ".zst" and file.peek(4)[:4] == ZSTD_MAGIC:
        return open_zstd(file)
    if path.suffix.lower() != ".gz" or file.peek(2)[:2] != _GZIP_MAGIC:
        return file
    with file:  # opened anew, so that closing the one closes the file as well
        return cast("BinaryIO", gzip.open(path, "rb"))


def read_plain(stream: BinaryIO, found: Found, limits: Limits) -> RawPage:
    """One page of a whole file: its file: URL, no type but text/plain, and its name for an id."""
    return RawPage(
        url=found.path.resolve().as_uri(),
        body=stream.read(limits.max_body + 1),
        content_type="text/plain" if _suffix(found.path) in _TEXT else None,
        id=_id(found.name, limits.max_id),
    )


def _below(folder: Path, root: Path, complain: Callable[[str], None]) -> Iterator[Found]:
    try:
        with os.scandir(folder) as entries:
            sorted_entries = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        complain(f"{folder}: {error.strerror}")
        return
    for entry in sorted_entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path, root, complain)
        else:
            yield Found(path, path.relative_to(root).as_posix(), kind_of(path) if _is_regular(path) else None)


def _is_regular(path: Path) -> bool:
    """Whether it can be read to an end: no pipe, no device. What is gone will be told when it is opened."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in {".gz", ".zst"} else suffix


def _id(name: str, most: int) -> str:
    text = printable(name)  # a name that is not UTF-8 holds lone surrogates
    return text if len(text) <= most else blake2b(text.encode(), digest_size=16).hexdigest()
