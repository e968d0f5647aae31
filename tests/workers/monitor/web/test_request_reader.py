"""Requests off a socket, within their bounds."""

import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.monitor.web.request_reader import MOST_HEAD, RequestReader, TooLarge

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def reader_of(connection, **bounds):
    return RequestReader(connection, **{"idle": 20, "patience": 20, **bounds})


@pytest.fixture
def ends():
    """A peer's end, and ours."""
    peer, ours = socket.socketpair()
    with peer, ours:
        yield peer, ours


@given(bodies=st.lists(st.binary(max_size=40), min_size=1, max_size=4), cut=st.integers(1, 30))
def test_requests_are_told_apart_however_they_arrive(bodies, cut):
    """In pieces of any size, several in one piece, bodies that look like heads."""
    peer, ours = socket.socketpair()
    with peer, ours:
        sent = b"".join(HEAD + body for body in bodies)
        reader = reader_of(ours)
        for begin in range(0, len(sent), cut):
            peer.sendall(sent[begin : begin + cut])
        peer.shutdown(socket.SHUT_WR)
        for body in bodies:
            assert reader.head().read() == HEAD
            assert reader.body(len(body)) == body
        assert reader.head() is None


def test_a_peer_that_leaves_in_the_middle_is_gone(ends):
    """In its head, or in its body."""
    peer, ours = ends
    peer.sendall(HEAD + HEAD[:9])
    peer.shutdown(socket.SHUT_WR)
    reader = reader_of(ours)
    assert reader.head()
    assert reader.head() is None
    assert reader.body(99) is None


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_headers_beyond_their_bound_are_not_read(ends, end):
    """Whether they end or not."""
    peer, ours = ends
    peer.sendall(HEAD[:-2] + b"X: " + b"x" * MOST_HEAD + end)
    with pytest.raises(TooLarge):
        reader_of(ours).head()


def test_who_sends_byte_by_byte_has_no_more_time_than_others(ends):
    """The time is the request's, not the byte's."""
    peer, ours = ends
    peer.sendall(HEAD[:5])
    reader = reader_of(ours, patience=0.05)
    with pytest.raises(TimeoutError):
        reader.head()


def test_who_says_nothing_is_waited_for_so_long_and_no_longer(ends):
    """A kept connection holds a thread."""
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        reader_of(ends[1], idle=0.05).head()
    assert time.monotonic() - began >= 0.05
