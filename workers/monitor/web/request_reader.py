"""Reads requests off a socket, each within a size and a time: who sends slowly, or without end, holds nothing up."""

import io
import socket
import time

MOST_HEAD = 16_384
"""Bytes of a request line with its headers."""

MOST_BODY = 2_000_000
"""Bytes of what is posted: a page's source, to be explained."""

_END = b"\r\n\r\n"
_CHUNK = 65_536


class TooLarge(Exception):
    """More was sent than is read."""


class RequestReader:
    """Heads and bodies from one connection.

    `idle`: seconds that a kept connection may wait for the next request. `patience`: seconds within which a
    request, once begun, must be there as a whole. Raises TimeoutError past either, and TooLarge.
    """

    def __init__(self, connection: socket.socket, *, idle: float, patience: float) -> None:
        self._socket = connection
        self._idle = idle
        self._patience = patience
        self._buffer = b""
        self._deadline = 0.0

    def head(self) -> io.BytesIO | None:
        """The next request's line and headers, or None where the peer has gone."""
        if not self._buffer and not self._more(time.monotonic() + self._idle):
            return None
        self._deadline = time.monotonic() + self._patience
        seen = 0
        while (end := self._buffer.find(_END, max(0, seen - len(_END)))) < 0:
            seen = len(self._buffer)
            if seen > MOST_HEAD:
                raise TooLarge
            if not self._more(self._deadline):
                return None
        end += len(_END)
        if end > MOST_HEAD:
            raise TooLarge
        head, self._buffer = self._buffer[:end], self._buffer[end:]
        return io.BytesIO(head)

    def body(self, length: int) -> bytes | None:
        """So many bytes behind the head, or None where the peer has gone."""
        while len(self._buffer) < length:
            if not self._more(self._deadline):
                return None
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return body

    def _more(self, deadline: float) -> bool:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        chunk = self._socket.recv(_CHUNK)
        self._buffer += chunk
        return bool(chunk)
