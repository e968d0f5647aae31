"""A TCP port in front of the test server, which may lose replies."""

import socket
import threading
from contextlib import contextmanager, suppress

import pytest
import redis


def connected(options):
    """A socket to the server that redis-py's options name."""
    if "path" not in options:
        return socket.create_connection((options["host"], options["port"]))
    server = socket.socket(socket.AF_UNIX)
    server.connect(options["path"])
    return server


@contextmanager
def listening(options, cut):
    """A TCP port that passes bytes on to the server, and asks `cut(reply)` before it passes a reply back.

    Where the answer is true the connection is cut instead: the server did the work, the client never hears.
    """
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(client):
        server = connected(options)
        threading.Thread(target=copy, args=(client, server, lambda _: False), daemon=True).start()
        copy(server, client, cut)

    def copy(source, target, stop):
        with suppress(OSError):
            while (block := source.recv(65_536)) and not stop(block):
                target.sendall(block)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def accept():
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.fixture
def proxy(redis_url):
    """`proxy(cut)`: a context manager that gives the URL of a port before the test server; see `listening`."""
    options = redis.Redis.from_url(redis_url).connection_pool.connection_kwargs
    return lambda cut: listening(options, cut)


@pytest.fixture
def redis_tcp_url(proxy):
    """The test server by TCP, for programs that know no unix sockets."""
    with proxy(lambda _: False) as url:
        yield url
