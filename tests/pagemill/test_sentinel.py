"""URLs of a primary behind sentinels."""

import pytest
from redis.sentinel import SentinelManagedConnection, SentinelManagedSSLConnection

from pagemill import SettingsError
from pagemill.connection import address, connect


def sentinels(client):
    """Host and port of each, in order, and what they are asked with."""
    manager = client.connection_pool.sentinel_manager
    asked = [sentinel.connection_pool.connection_kwargs for sentinel in manager.sentinels]
    return [(kwargs["host"], kwargs["port"]) for kwargs in asked], asked[0]


def test_a_url_names_sentinels_primary_and_database():
    """Several hosts, ports that default to 26379, an IPv6 address, a quoted password; and the database."""
    client = connect("redis+sentinel://me:p%40ss@one,two:26380,[::1]:5/the%20mill/2")
    hosts, asked = sentinels(client)
    assert hosts == [("one", 26379), ("two", 26380), ("::1", 5)]
    assert asked.get("password") is None
    pool = client.connection_pool
    assert (pool.service_name, pool.connection_class) == ("the mill", SentinelManagedConnection)
    own = pool.connection_kwargs
    assert (own["username"], own["password"], own["db"]) == ("me", "p@ss", 2)
    assert address(client) == "sentinel:the mill"


def test_the_sentinels_may_have_a_login_of_their_own():
    """It is the query's; the primary is not told it."""
    client = connect("redis+sentinel://:p@one/mill?sentinel_username=s&sentinel_password=q&socket_timeout=3")
    _, asked = sentinels(client)
    assert (asked["username"], asked["password"]) == ("s", "q")
    assert client.connection_pool.connection_kwargs["password"] == "p"


def test_tls_is_for_the_sentinels_too():
    """rediss+sentinel: both kinds of connections, with the same certificates."""
    client = connect("rediss+sentinel://one/mill?ssl_ca_certs=/ca.pem")
    _, asked = sentinels(client)
    assert asked["ssl_ca_certs"] == "/ca.pem"
    assert client.connection_pool.connection_class is SentinelManagedSSLConnection
    assert client.connection_pool.connection_kwargs["ssl_ca_certs"] == "/ca.pem"


@pytest.mark.parametrize(
    "rest", ["one", "one/", "/mill", "one,/mill", "one:port/mill", "one/mill/db", "one/mill/-1", "[one/mill"]
)
def test_a_sentinel_url_that_is_none_is_a_settings_error(rest):
    """No primary's name, no host, no number: the error shows what it looks like, and no password."""
    with pytest.raises(SettingsError, match=r"redis\+sentinel://") as told:
        connect(f"redis+sentinel://me:sesame@{rest}")
    assert "sesame" not in str(told.value)
