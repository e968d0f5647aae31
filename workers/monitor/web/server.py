"""The HTTP server: the standard library's, with a bound on everything that a peer decides."""

import gzip
import socket
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec
import structlog

from pagemill.errors import SettingsError
from workers.monitor.web.exchange import Answer, Refused, Request
from workers.monitor.web.guard import HEADERS
from workers.monitor.web.request_reader import MOST_BODY, RequestReader, TooLarge

MOST_CONNECTIONS = 64
"""At a time, a thread each; one more is turned away with 503. Above half of them none is kept for a next request."""

_IDLE = 15.0
_PATIENCE = 10.0
_MOST_FIELDS = 20
_WORTH_PACKING = 2_000

Respond = Callable[[Request], Answer]

log = structlog.get_logger("pagemill.monitor")


class Server(ThreadingHTTPServer):
    """Serves `respond` on an address, until shut down."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, respond: Respond) -> None:
        try:
            family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        except OSError as error:
            msg = f"--listen: {host!r}: {error.strerror}"
            raise SettingsError(msg) from None
        self.address_family = family
        self.respond = respond
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address, Handler)  # type: ignore[arg-type]  # getaddrinfo's own type is wider

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self.server_address[:2]
        shown = f"[{host!s}]" if self.address_family == socket.AF_INET6 else host
        return f"http://{shown!s}:{port}/"

    @property
    def is_crowded(self) -> bool:
        """Whether a connection should rather be given to another than be kept."""
        return len(self._open) > MOST_CONNECTIONS // 2

    def server_bind(self) -> None:
        """Without HTTPServer's question to the name service, which may take long, and of which nobody asks."""
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for the connection, or a refusal where all are taken."""
        if len(self._open) >= MOST_CONNECTIONS:
            self._turn_away(request)
            return
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Its end, whatever it was."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """End the connections too: to those who keep one, a server that is gone should be gone."""
        super().server_close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's signature
        """What a peer's leaving raises is nobody's concern; anything else is a flaw of ours."""
        log.debug("connection ended", peer=client_address[0])

    def _turn_away(self, request: Any) -> None:
        with suppress(OSError):  # it may have gone by itself
            request.settimeout(0)
            request.send(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n")
        self.shutdown_request(request)


class Handler(BaseHTTPRequestHandler):
    """One connection: requests one after the other, each read within its bounds."""

    protocol_version = "HTTP/1.1"
    server: Server
    default_request_version = "HTTP/1.1"
    server_version = "pagemill"
    sys_version = ""
    timeout = _PATIENCE
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Requests come through the reader, not through the file that the base makes."""
        super().setup()
        self._reader = RequestReader(self.connection, idle=_IDLE, patience=_PATIENCE)

    def handle_one_request(self) -> None:
        """Read one, answer it; the connection ends with a peer that is gone, slow, or sends too much."""
        self.close_connection = True
        self.requestline, self.request_version, self.command = "", "HTTP/1.1", ""
        try:
            head = self._reader.head()
            if head is None:
                return
            self.raw_requestline = head.readline()
            self.rfile = head
            if self.parse_request():
                self._send(self._answer())
        except TooLarge:
            self._send(Refused(431, f"a request's headers are at most 16 KiB, its body {MOST_BODY:,} bytes").answer())
        except (TimeoutError, ConnectionError):
            self.close_connection = True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """The base's own refusals of what is no HTTP, in the form of all others."""
        self.close_connection = True
        self._send(Refused(code, message or "no such request").answer())

    def log_message(self, *_arguments: Any) -> None:
        """The base writes to standard error; `_send` logs."""

    def handle_expect_100(self) -> bool:
        """Nothing is promised before the whole request was looked at."""
        self._send(Refused(417, "send the body at once").answer())
        return False

    def _answer(self) -> Answer:
        try:
            return self.server.respond(self._request())
        except Refused as refusal:
            if self.command not in ("GET", "HEAD"):
                self.close_connection = True  # its body may not have been read
            return refusal.answer()
        except Exception:
            log.exception("a request failed", method=self.command, path=self.path)
            self.close_connection = True
            return Refused(500, "the monitor failed: its log says why").answer()

    def _request(self) -> Request:
        if "transfer-encoding" in self.headers or len(self.headers.get_all("content-length", [])) > 1:
            raise Refused(411, "send the body's length")
        told = self.headers.get("content-length", "0")
        if not (told.isascii() and told.isdigit()):
            raise Refused(400, "content-length: must be a number")
        if len(told) > len(str(MOST_BODY)) or int(told) > MOST_BODY:
            raise Refused(413, f"a body has at most {MOST_BODY:,} bytes")
        body = self._reader.body(int(told))
        if body is None:
            raise ConnectionResetError
        parts = urlsplit(self.path)
        try:
            query = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
        except ValueError:
            raise Refused(400, "the query has too many fields") from None
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(method=self.command, path=unquote(parts.path), query=query, headers=headers, body=body)

    def _packed(self, answer: Answer) -> Answer:
        """With gzip where the peer takes it and it pays. Files of the page stay as their ETag says."""
        if len(answer.body) < _WORTH_PACKING or any(name == "ETag" for name, _ in answer.headers):
            return answer
        if "gzip" not in self.headers.get("accept-encoding", ""):
            return answer
        headers = (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        return msgspec.structs.replace(answer, body=gzip.compress(answer.body, 3), headers=headers)

    def _send(self, answer: Answer) -> None:
        self.close_connection = self.close_connection or self.server.is_crowded
        path = self.path.partition("?")[0] if self.command else ""  # what somebody puts behind it may be a token
        log.debug("answered", method=self.command, path=path, status=answer.status)
        answer = self._packed(answer)
        self.send_response_only(answer.status)
        for name, value in (*HEADERS, *answer.headers):
            self.send_header(name, value)
        if not any(name == "Cache-Control" for name, _ in answer.headers):
            self.send_header("Cache-Control", "no-store")
        if answer.body:
            self.send_header("Content-Type", answer.content_type)
        if answer.status != 304:  # noqa: PLR2004
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
