"""The proxy that other tests cut connections with does what they count on."""

import threading
import time

import pytest
import redis
from proxy import Proxy
from redis.backoff import NoBackoff
from redis.retry import Retry

ECHO = b"*2\r\n$4\r\nECHO\r\n$5\r\nhello\r\n"


@pytest.fixture
def proxy(redis_client, redis_url):
    with Proxy(redis_url) as proxy:
        yield proxy


@pytest.fixture
def connect(proxy):
    """Makes clients that send each command once."""
    with_one_try = {"retry": Retry(NoBackoff(), 0), "socket_timeout": 20}
    made = []

    def make():
        made.append(redis.Redis.from_url(proxy.url, **with_one_try))
        return made[-1]

    yield make
    for client in made:
        client.close()


def test_all_comes_through_whole(connect, redis_client):
    """Megabytes in both directions arrive as they were sent."""
    body = bytes(range(256)) * 20_000
    client = connect()
    client.set("body", body)
    assert redis_client.get("body") == body
    assert client.get("body") == body


@pytest.mark.parametrize("count", [0, 1, 7, 100_000])
def test_a_request_is_cut_at_its_byte(proxy, connect, redis_client, count):
    """The server has seen a part of the command, so nothing is done; the next connection is whole."""
    client = connect()
    client.ping()
    proxy.cut_after(count)
    with pytest.raises(redis.ConnectionError):
        client.set("body", b"x" * 200_000)
    assert redis_client.get("body") is None
    assert (proxy.cuts, proxy.armed()) == (1, 0)
    assert client.set("body", b"y")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_reply_is_cut_at_its_byte(proxy, connect, redis_client, count):
    """The command was carried out, and its sender does not learn of it."""
    client = connect()
    client.ping()
    proxy.cut_after(count, "replies")
    with pytest.raises(redis.ConnectionError):
        client.incr("counter")
    assert redis_client.get("counter") == b"1"


def test_a_cut_waits_for_its_request(proxy, connect, redis_client):
    """Words at the seam of two pieces are found, and commands before them are left alone."""
    client, other = connect(), connect()
    client.ping()
    proxy.cut_after(0, "replies", after=b"INCR")
    assert other.ping()
    assert client.ping()
    with pytest.raises(redis.ConnectionError):
        client.execute_command("INCR", "counter")
    assert redis_client.get("counter") == b"1"
    assert other.ping()


def test_all_connections_are_cut(proxy, connect):
    """Each client notices, and connects anew."""
    clients = [connect(), connect()]
    before = [client.client_id() for client in clients]
    assert proxy.cut_all() == 2
    assert proxy.cuts == 2
    after = [client.client_id() for client in clients]
    assert set(after).isdisjoint(before)


def test_a_hang_lets_nothing_through_and_loses_nothing(proxy, connect, redis_client):
    """A command that is sent in a hang is carried out behind it."""
    client = connect()
    client.ping()
    proxy.hang()
    waiting = threading.Thread(target=client.incr, args=("counter",))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()
    assert redis_client.get("counter") is None
    proxy.go_on()
    waiting.join()
    assert redis_client.get("counter") == b"1"


def test_a_hang_ends_by_itself(proxy, connect):
    """After its seconds."""
    client = connect()
    began = time.monotonic()
    proxy.hang(0.2)
    assert client.ping()
    assert time.monotonic() - began >= 0.2


def test_a_delay_slows_each_piece(proxy, connect):
    """Request and reply each wait."""
    client = connect()
    client.ping()
    proxy.delay(0.1)
    began = time.monotonic()
    client.ping()
    assert time.monotonic() - began >= 0.2


def test_new_connections_are_refused_for_a_while(proxy, connect):
    """As when no server listens; the port stays the same."""
    client = connect()
    client.ping()
    url = proxy.url
    proxy.refuse()
    with pytest.raises(redis.ConnectionError):
        client.ping()
    with pytest.raises(redis.ConnectionError, match="refused"):
        client.ping()
    proxy.accept()
    assert proxy.url == url
    assert client.ping()
