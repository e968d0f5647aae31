"""HTTP as the server speaks it."""

import re
import socket
from contextlib import ExitStack
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from pagemill.errors import SettingsError
from workers.monitor.web.exchange import Refused, json_answer
from workers.monitor.web.request_reader import MOST_BODY, MOST_HEAD
from workers.monitor.web.server import MOST_CONNECTIONS, Server
from workers.monitor.web.serving import Monitor, parse_listen

GATE = Event()


def answer(request):
    if request.path == "/wait":
        assert GATE.wait(60)
    if request.path == "/flaw":
        raise RuntimeError
    if request.path == "/no":
        raise Refused(403, "no")
    return json_answer(
        {"method": request.method, "path": request.path, "query": request.query, "body": len(request.body)}
    )


@pytest.fixture
def server():
    """A server that tells what it was asked."""
    GATE.clear()
    server = Server("127.0.0.1", 0, answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    GATE.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def dial(server):
    """Opens connections to it."""
    parts = urlsplit(server.url)
    with ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection((parts.hostname, parts.port), timeout=60))


def said(connection):
    """All that comes until the server hangs up."""
    found = b""
    while piece := connection.recv(65_536):
        found += piece
    return found


def test_a_connection_serves_request_after_request(dial):
    """HTTP/1.1: kept until the peer says otherwise."""
    connection = dial()
    connection.sendall(b"GET /a?x=1&x=2&%79=%20 HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    connection.sendall(b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
    told = said(connection)
    assert told.count(b'{"method":"GET","path":"/a","query":{"x":"2","y":" "},"body":0}') == 2
    assert told.count(b'{"method":"POST","path":"/b","query":{},"body":3}') == 1


def test_head_answers_the_headers_alone(dial):
    """With the length that GET would have."""
    lengths = []
    for method in (b"HEAD", b"GOOD"):
        connection = dial()
        connection.sendall(method + b" / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = said(connection).partition(b"\r\n\r\n")
        lengths.append((re.search(rb"Content-Length: (\d+)", head)[1], len(body)))
    ((promised, none), (length, sent)) = lengths
    assert (promised, none, sent) == (length, 0, int(length))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GARBAGE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET /" + b"x" * MOST_HEAD + b" HTTP/1.1\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1), 413),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 411),
        (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n\r\n", 417),
        (b"GET /?" + b"a&" * 50 + b" HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        (b"GET /no HTTP/1.1\r\nConnection: close\r\n\r\n", 403),
        (b"GET /flaw HTTP/1.1\r\nHost: x\r\n\r\n", 500),
    ],
)
def test_what_is_wrong_is_answered_and_ends_the_connection(dial, sent, status):
    """With our headers, and a reason as JSON; nothing of what was sent comes back."""
    connection = dial()
    connection.sendall(sent)
    head, _, body = said(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert b"X-Content-Type-Options: nosniff" in head
    assert body.startswith(b'{"error":')
    assert b"x" * 99 not in head + body


def test_one_more_than_can_be_served_is_turned_away(server, dial, eventually):
    """And served again when there is room."""
    taken = [dial() for _ in range(MOST_CONNECTIONS)]
    for connection in taken:
        connection.sendall(b"GET /wait HTTP/1.1\r\nConnection: close\r\n\r\n")
    eventually(lambda: len(server._open) == MOST_CONNECTIONS)
    assert said(dial()).startswith(b"HTTP/1.1 503 ")
    GATE.set()
    for connection in taken:
        assert b'"path":"/wait"' in said(connection)
    connection = dial()
    connection.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert said(connection).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("8712", ("127.0.0.1", 8712)),
        (":0", ("127.0.0.1", 0)),
        ("[::1]:80", ("::1", 80)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),
    ],
)
def test_an_address_to_listen_on(told, found):
    """Without a host it is loopback."""
    assert parse_listen(told) == found


@pytest.mark.parametrize(
    "told", ["", "localhost", "localhost:", "localhost:http", "localhost:65536", "localhost:-1", "localhost:٣"]
)
def test_what_is_no_address_to_listen_on(told):
    """The error names the option."""
    with pytest.raises(SettingsError, match="--listen"):
        parse_listen(told)


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_without_a_token_it_does_not_start_where_others_reach_it(redis_client, settings, listen):
    """And says how to make one."""
    with pytest.raises(SettingsError, match="openssl rand"):
        Monitor(redis_client, settings, listen=listen, token="")
