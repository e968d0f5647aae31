"""Content encodings, undone within a bound that holds while decompressing.

A few bytes can claim gigabytes (809 bytes of brotli hold 1 GiB), so each decoder is asked for at
most one byte more than the limit, and never trusts a length that the input declares.
"""

import zlib
from collections.abc import Callable

import brotli
import zstandard

from pagemill.errors import MalformedEntry, PageTooLarge

_ZSTD_WINDOW = 2**27  # 128 MiB: what level 19 needs, and far below the 2 GiB that a frame may claim
_ZSTD = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


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
    parts: list[bytes] = []
    rest = data
    size = 0
    while rest and size < bound:
        decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
        part = decoder.decompress(rest, bound - size)
        parts.append(part)
        size += len(part)
        if size >= bound:
            break
        if not decoder.eof:
            msg = "truncated"
            raise EOFError(msg)
        rest = decoder.unused_data.lstrip(b"\0")  # tar and some servers pad the end with zeros
    return b"".join(parts)


def _unbrotli(data: bytes, bound: int) -> bytes:
    decoder = brotli.Decompressor()
    parts = [decoder.process(data, output_buffer_limit=bound)]
    size = len(parts[0])
    while size < bound and not decoder.is_finished():
        part = decoder.process(b"", output_buffer_limit=bound - size)
        if not part:
            msg = "truncated"
            raise EOFError(msg)
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _unzstd(data: bytes, bound: int) -> bytes:
    """Zstandard (RFC 8878). A frame that declares a size within the bound is undone in one step, 8 times as fast."""
    if 0 <= zstandard.frame_content_size(data) < bound:
        return _ZSTD.decompress(data, allow_extra_data=False)
    parts: list[bytes] = []
    size = 0
    with zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).stream_reader(data, read_across_frames=True) as reader:
        while size < bound and (part := reader.read(bound - size)):
            parts.append(part)
            size += len(part)
    if size < bound:
        _check_frames(data)
    return b"".join(parts)


def _check_frames(data: bytes) -> None:
    """Raise EOFError when the last zstd frame is cut: the stream reader takes that for an ordinary end."""
    rest = data
    while rest:
        decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        decoder.decompress(rest)
        if not decoder.eof:
            msg = "truncated"
            raise EOFError(msg)
        rest = decoder.unused_data


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "br": _unbrotli,
    "deflate": _unzip,
    "gzip": _unzip,
    "zstd": _unzstd,
}
