"""A file in zstd (RFC 8878) as a stream, in little memory, that tells when it was cut."""

import io
from typing import Any, BinaryIO, cast

import zstandard

MAGIC = b"\x28\xb5\x2f\xfd"

_WINDOW = 128 * 1024 * 1024  # what the zstd command takes at most, unless it is asked for more
_READ = 1024  # bytes: in the worst case they unpack to 32 MB


def open_zstd(file: BinaryIO) -> BinaryIO:
    """What the frames of `file` unpack to, one behind the other; closing it closes the file.

    Reading raises EOFError when the last frame is cut, and ZstdError for what is none.
    """
    return cast("BinaryIO", io.BufferedReader(_Frames(file)))


class _Frames(io.RawIOBase):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        self._frame = self._decompressor.decompressobj()
        self._begun = False
        self._rest = b""
        self._unpacked = memoryview(b"")
        self._told = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        target = memoryview(buffer)
        while not self._unpacked:
            if not (packed := self._rest or self._file.read(_READ)):
                if self._begun:
                    msg = "the last frame is cut"
                    raise EOFError(msg)
                return 0
            self._unpacked = memoryview(self._unpack(packed))
        count = min(len(target), len(self._unpacked))
        target[:count] = self._unpacked[:count]
        self._unpacked = self._unpacked[count:]
        self._told += count
        return count

    def tell(self) -> int:
        return self._told

    def close(self) -> None:
        self._file.close()
        super().close()

    def _unpack(self, packed: bytes) -> bytes:
        unpacked = self._frame.decompress(packed)
        self._begun = not self._frame.eof
        self._rest = b""
        if self._frame.eof:
            self._rest = self._frame.unused_data
            self._frame = self._decompressor.decompressobj()
        return unpacked
