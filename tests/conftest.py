"""Servers and data that tests ask for by name."""

import os
import shutil
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import fakeredis
import pytest
import redis
from hypothesis import settings

from workers.embedded import embedded_server

REPOSITORY = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
DEBIAN_REDIS = Path("/usr/bin/redis-server")

settings.register_profile("laptop", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if IN_CI else "laptop")


@pytest.fixture(scope="session")
def redis_url():
    """A real server for this test process: PAGEMILL_TEST_REDIS_URL, or else an embedded one."""
    if given := os.environ.get("PAGEMILL_TEST_REDIS_URL"):
        yield _own_database(given)
        return
    with embedded_server() as server:
        yield server.url


@pytest.fixture
def redis_client(redis_url):
    """A client on `redis_url`, whose database is empty at the test's start."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def chromium(require):
    """The path of a Chromium; without one a test is skipped, and fails in CI."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        require("chromium")
    return found


@pytest.fixture(scope="session")
def debian_redis_url(require):
    """Debian's redis-server (7.0): the oldest release that is supported."""
    require(DEBIAN_REDIS)
    with embedded_server(binary=DEBIAN_REDIS) as server:
        yield server.url


@pytest.fixture
def fake_redis():
    """An empty fakeredis with Lua, in this process."""
    with fakeredis.FakeRedis(server=fakeredis.FakeServer(), protocol=2) as client:  # as `connect` does
        yield client


@pytest.fixture(scope="session")
def require():
    """A function that skips the test where a program is missing, but fails it in CI, where all are installed."""

    def check(program):
        if shutil.which(program):
            return
        reason = f"no {program}: apt-get install it"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)

    return check


@pytest.fixture(scope="session")
def shared_data():
    """The corpora that lie beside the repository, where they do."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}")
    return folder


def _own_database(url):
    """The url with a database of its own for each process of pytest-xdist (gw0, gw1, ...)."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "db"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("db", worker)])))
