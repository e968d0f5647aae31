"""Connections to Redis, and which of its faults pass."""

import pytest
from redis import Redis
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ConnectionError,  # noqa: A004
    DataError,
    NoScriptError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,  # noqa: A004
)
from redis.sentinel import Sentinel, SentinelConnectionPool

from pagemill.errors import SettingsError
from workers.connection import REPLY_SECONDS, check_server, connect, connect_like, hide_password, passes


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError("refused"),
        TimeoutError("slow"),
        BusyLoadingError("loading"),
        ReadOnlyError("a replica"),
        AuthenticationError("changed just now"),
        ResponseError("OOM command not allowed when used memory > 'maxmemory'."),
        ResponseError("MISCONF Redis is configured to save RDB snapshots, but it's unable to persist to disk."),
        ResponseError("MASTERDOWN Link with MASTER is down"),
        ResponseError("CLUSTERDOWN The cluster is down"),
        ResponseError("UNBLOCKED force unblock from blocking operation, instance state changed"),
        ResponseError(
            "Command # 2 (HSET rq:worker:x state busy) of pipeline caused error: MISCONF Redis is configured"
        ),
    ],
)
def test_faults_that_pass(error):
    """Redis away, loading, read-only, full, failing over: also when a pipeline tells of it."""
    assert passes(error)


@pytest.mark.parametrize(
    "error",
    [
        ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
        ResponseError("ERR MISCONF is only a word here"),
        ResponseError("NOGROUP No such key"),
        ResponseError("NOPERM this user has no permissions"),
        NoScriptError("No matching script"),
        DataError("Invalid input of type"),
        ResponseError("Command # 1 (SET OOM 1) of pipeline caused error: WRONGTYPE it is a list"),
    ],
)
def test_faults_that_stay(error):
    """What is wrong with a command or a key will be wrong the next time."""
    assert not passes(error)


def test_a_url_that_is_none_is_told_without_its_password():
    """The error names the setting and the address; the password is not in it."""
    with pytest.raises(SettingsError) as told:
        connect("http://user:geheim@example.org/0")
    assert "redis_url" in str(told.value)
    assert "example.org" in str(told.value)
    assert "geheim" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:pw@host:1/0", "redis://:***@host:1/0"),
        ("rediss://user:p%40w:x@host/0", "rediss://user:***@host/0"),
        ("unix://user:pw@/tmp/sock?db=1", "unix://user:***@/tmp/sock?db=1"),
        ("redis://host/0?password=pw&db=1", "redis://host/0?password=***&db=1"),
        ("redis://user:p@w:x@host/0", "redis://user:***@host/0"),
        ("redis+sentinel://u:pw@a,b:1/m?sentinel_password=pw", "redis+sentinel://u:***@a,b:1/m?sentinel_password=***"),
        ("redis://[pw@host", "***"),
    ],
)
def test_passwords_are_hidden(url, shown):
    """In the authority and in the query; what cannot be read as a URL is hidden whole."""
    assert hide_password(url) == shown


def test_a_connection_like_another_goes_to_the_same_place(redis_url, redis_client):
    """Same server and database, with our own patience instead of RQ's, and bytes for answers."""
    redis_client.set("here", "yes")
    theirs = Redis.from_url(redis_url, socket_timeout=415, protocol=3)
    ours = connect_like(theirs)
    assert ours.get("here") == b"yes"
    assert ours.connection_pool is not theirs.connection_pool
    assert ours.connection_pool.connection_kwargs["socket_timeout"] == REPLY_SECONDS
    assert theirs.connection_pool.connection_kwargs["socket_timeout"] == 415
    theirs.close()
    ours.close()


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_connection_like_one_over_tcp_goes_to_the_same_place(protocol):
    """Also when redis-py has added notifications of maintenance to the other, which want RESP 3 (`rq worker --url`)."""
    theirs = Redis.from_url("redis://:pw@example.org:7000/2", protocol=protocol)
    ours = connect_like(theirs).connection_pool.make_connection()
    assert (ours.host, ours.port, ours.db) == ("example.org", 7000, 2)


def test_a_connection_like_one_behind_sentinels_asks_them_too():
    """Also when it was made by somebody else: the same sentinels and primary, in a pool of its own."""
    theirs = Sentinel([("127.0.0.1", 1)]).master_for("mill", db=3)
    pool = connect_like(theirs).connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    assert (pool.service_name, pool.is_master, pool.connection_kwargs["db"]) == ("mill", True, 3)
    assert pool.connection_kwargs["socket_timeout"] == REPLY_SECONDS
    assert pool.connection_kwargs["connection_pool"] is pool.proxy


def test_the_servers_that_we_test_on_are_new_enough(redis_client, debian_redis_url):
    """Valkey and Redis 7.0 are let in."""
    check_server(redis_client)
    with connect(debian_redis_url) as client:
        check_server(client)
