"""Content encodings, undone within a bound that holds while decompressing.

A few bytes can claim gigabytes (809 bytes of brotli hold 1 GiB), so each decoder is asked for at
most one byte more than the limit, and never trusts a length that the input declares.
"""

import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

import brotli
import zstandard

from pagemill.errors import MalformedEntry, PageTooLarge

_ZSTD_WINDOW = 2**27  # 128 MiB: what level 19 needs, and far below the 2 GiB that a frame may claim
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_BLOCK = 16_384
_MOST_MEMBERS = 10_000  # bgzip has one for each 64 KiB
_own = threading.local()
_TRUNCATED = "truncated"


def decompress(data: bytes, encoding: str, limit: int) -> bytes:
    """`data` without its content encoding (zstd, gzip, deflate, br, identity), at most `limit` bytes.

    Raises MalformedEntry for an encoding that is unknown, truncated or corrupt, and PageTooLarge
    beyond the limit.
    """
    if encoding in ("", "identity"):
        return data
    decoder = _DECODERS.get(encoding)
    if decoder is None:
        raise MalformedEntry("content_encoding", f"{encoding[:40]!a} is none of {', '.join(sorted(_DECODERS))}")
    try:
        body = decoder(data, limit + 1)
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
        raise MalformedEntry("body", f"is not {encoding}: {str(error)[:100]}") from None
    if len(body) > limit:
        raise PageTooLarge("body", len(body), limit)
    return body


def _unzip(data: bytes, bound: int) -> bytes:
    """Gzip (RFC 1952), of one member or several, or zlib (RFC 1950)."""
    output = bytearray()
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    members = 1
    for rest in _blocks(data):
        while rest and len(output) < bound:
            if decoder.eof:
                rest = rest.lstrip(b"\0")  # noqa: PLW2901  # tar and some servers pad the end with zeros
                if not rest:
                    break
                members = _one_more(members)
                decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
            output += decoder.decompress(rest, bound - len(output))
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail  # noqa: PLW2901
    if len(output) < bound and not decoder.eof:
        raise EOFError(_TRUNCATED)
    return bytes(output)


def _unbrotli(data: bytes, bound: int) -> bytes:
    """Brotli (RFC 7932)."""
    decoder = brotli.Decompressor()
    output = bytearray(decoder.process(data, output_buffer_limit=bound))
    while len(output) < bound and not decoder.is_finished():
        part = decoder.process(b"", output_buffer_limit=bound - len(output))
        if not part:
            raise EOFError(_TRUNCATED)
        output += part
    return bytes(output)


def _unzstd(data: bytes, bound: int) -> bytes:
    """Zstandard (RFC 8878), of one frame or several.

    A single frame that declares a size within the bound is undone in one step, 8 times as fast; a
    lie there is an error.
    """
    if 0 < zstandard.frame_content_size(data) < bound:
        with suppress(zstandard.ZstdError):  # several frames perhaps: the careful way tells
            return _zstd().decompress(data, allow_extra_data=False)
    output = bytearray()
    with _zstd().stream_reader(data, read_across_frames=True) as reader:
        while len(output) < bound and (part := reader.read(bound - len(output))):
            output += part
    if len(output) < bound:
        _check_frames(data)
    return bytes(output)


def _check_frames(data: bytes) -> None:
    """Raise EOFError when the last zstd frame is cut: the stream reader takes that for an ordinary end."""
    decoder = _zstd().decompressobj()
    members = 1
    for rest in _blocks(data):
        while rest:
            if decoder.eof:
                members = _one_more(members)
                decoder = _zstd().decompressobj()
            decoder.decompress(rest)
            rest = decoder.unused_data  # noqa: PLW2901
    if not decoder.eof:
        raise EOFError(_TRUNCATED)


def _zstd() -> zstandard.ZstdDecompressor:
    """The thread's own decompressor: two must not use one at once, and a new one's first use costs 12 us."""
    if not hasattr(_own, "zstd"):
        _own.zstd = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decompressor: zstandard.ZstdDecompressor = _own.zstd
    return decompressor


def _blocks(data: bytes) -> Iterator[bytes]:
    """The data in blocks: what a member leaves over is copied, and there may be a member every few bytes."""
    return (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))


def _one_more(members: int) -> int:
    if members >= _MOST_MEMBERS:
        msg = f"more than {_MOST_MEMBERS:,} members"
        raise EOFError(msg)
    return members + 1


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "br": _unbrotli,
    "deflate": _unzip,
    "gzip": _unzip,
    "zstd": _unzstd,
}
