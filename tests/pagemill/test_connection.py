"""Clients, addresses, waits, and redis's errors in one line."""

import itertools

import pytest
import redis
from redis import exceptions
from redis.sentinel import MasterNotFoundError, Sentinel

from pagemill import SettingsError
from pagemill.connection import Patience, address, connect, describe, passes, pauses, retrying


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://me:sesame@example.org:7000/3", "example.org:7000/3"),
        ("rediss://:sesame@example.org", "example.org:6379/0"),
        ("unix://me:sesame@/tmp/redis.sock?db=2", "unix:/tmp/redis.sock"),
    ],
)
def test_an_address_tells_where_but_not_who(url, expected):
    """Host, port and database, or the socket's path: never the user or the password."""
    assert address(connect(url)) == expected


def test_the_address_behind_a_sentinel_is_the_services_name():
    """With Sentinel the host may change; the service does not."""
    assert address(Sentinel([("127.0.0.1", 1)]).master_for("mill")) == "sentinel:mill"


def test_a_client_that_is_given_is_used_as_it_is():
    """Its retries and timeouts are its owner's matter."""
    client = redis.Redis()
    assert connect(client) is client


@pytest.mark.parametrize("url", ["", "example.org:6379", "http://example.org", "redis://h:port", "redis://h/0?db=x"])
def test_a_url_that_is_none_is_a_settings_error(url):
    """The error shows what a URL looks like."""
    with pytest.raises(SettingsError, match="rediss://"):
        connect(url)


def test_pauses_grow_to_half_a_second_and_differ():
    """Doubling with a jitter of a half, so that many who wait do not come back at once."""
    first = list(itertools.islice(pauses(), 12))
    assert 0.01 <= first[0] <= 0.02
    assert all(0.25 <= pause <= 0.5 for pause in first[6:])
    assert len(set(first)) == 12


def test_patience_of_no_seconds_is_none():
    """Without time there is no second try."""
    assert not Patience(0).wait()


def test_patience_ends():
    """With a little time there are some tries, and then none."""
    patience = Patience(0.03)
    tries = sum(1 for _ in itertools.takewhile(lambda _: patience.wait(), range(1_000)))
    assert 1 <= tries < 1_000
    assert not patience.wait()


def test_a_fault_that_passes_is_waited_out(caplog):
    """The call's answer comes after four failures, and the log tells of the wait and of its end, once each."""
    faults = [redis.ConnectionError(), redis.TimeoutError(), redis.ReadOnlyError(), redis.ResponseError("MISCONF disk")]
    outcomes = iter([*faults, "answer"])

    def call():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with caplog.at_level("INFO", logger="pagemill.connection"):
        assert retrying(call, 60, redis.Redis(host="example.org")) == "answer"
    waits, again = caplog.messages
    assert waits.startswith("Redis at example.org:6379/0 cannot be reached")
    assert again == "Redis at example.org:6379/0 answers again"


@pytest.mark.parametrize(
    "error",
    [
        redis.AuthenticationError("no"),
        exceptions.AuthorizationError("no"),
        exceptions.NoPermissionError("no"),
        redis.ResponseError("no"),
    ],
)
def test_what_would_fail_again_is_raised_at_once(error):
    """What only a person can mend is not tried again."""
    calls = []

    def call():
        calls.append(error)
        raise error

    assert not passes(error)
    with pytest.raises(type(error)):
        retrying(call, 60, redis.Redis())
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (redis.ConnectionError("Error 111 connecting"), "cannot be reached"),
        (redis.TimeoutError("Timeout reading"), "did not answer in time"),
        (MasterNotFoundError("No master found for 'mill' : <Redis>"), "no primary now that its sentinels know of"),
        (redis.BusyLoadingError("loading"), "still loading"),
        (redis.ReadOnlyError("READONLY"), "read-only replica"),
        (redis.AuthenticationError("invalid username-password pair"), "refused the login"),
        (exceptions.NoPermissionError("User x has no permissions"), "does not permit"),
        (redis.ResponseError("ACL failure in script: User x has no permissions"), "does not permit"),
        (redis.ResponseError("WRONGTYPE Operation against a key"), "something else under a key of ours"),
        (exceptions.MaxConnectionsError("Too many connections"), "no free connection"),
        (redis.ResponseError("MISCONF Redis is\r\nconfigured to save"), "refused: MISCONF"),
    ],
)
def test_each_error_of_redis_is_one_line_that_tells_what_to_do(error, words):
    """The line begins with the address, is printable, and says what is wrong in our words."""
    line = str(describe(error, redis.Redis(host="example.org")))
    assert line.startswith("Redis at example.org:6379/0 ")
    assert words in line
    assert line.isprintable()
