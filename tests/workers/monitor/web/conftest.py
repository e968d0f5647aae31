"""A monitor that serves, and what asks it."""

import json
import time
from contextlib import ExitStack

import httpx
import msgspec
import pytest

from workers.monitor.web.serving import Monitor
from workers.settings import Settings

TOKEN = "a-token-of-this-test"


@pytest.fixture
def settings(redis_url, redis_client):
    """Of a mill on the tests' server, which is empty."""
    return Settings(redis_url=redis_url)


@pytest.fixture
def serve(redis_client, settings):
    """Starts a monitor on a free port of loopback, and answers a client for it."""
    with ExitStack() as stack:

        def start(*, token=TOKEN, **more):
            monitor = stack.enter_context(Monitor(redis_client, settings, listen="127.0.0.1:0", token=token, **more))
            return stack.enter_context(httpx.Client(base_url=monitor.url, timeout=60, trust_env=False))

        yield start


@pytest.fixture
def site(serve):
    """A client for a monitor that has a token."""
    return serve()


@pytest.fixture
def bury(redis_client, settings):
    """Puts dead letters where the commit puts them; answers their ids."""

    def put(count=1, **fields):
        return [_bury(redis_client, settings, number, fields) for number in range(count)]

    return put


def _bury(client, settings, number, fields):
    url = f"https://mill.example/{number}"
    entry = {
        "url": url,
        "body": "<p>It killed its horse.",
        "dead_reason": "crashed",
        "dead_detail": "Traceback\nSIGSEGV",
        "dead_queue": "default",
        "dead_entry": "1-1",
        "dead_id": f"p{number}",
        "dead_url": url,
        "dead_host": "mill.example",
        "dead_at": "2026-03-01T12:00:00Z",
        "dead_bytes": "23",
        **fields,
    }
    return client.xadd(settings.keys.dead, entry).decode()


@pytest.fixture
def publish(redis_client, settings):
    """Puts records into the stream as the commit does; answers their entries."""

    def put(count=1, **fields):
        bodies = [
            {"id": f"p{n}", "url": f"https://mill.example/{n}", "text": "two words", **fields} for n in range(count)
        ]
        return [redis_client.xadd(settings.keys.records, {"body": json.dumps(body)}).decode() for body in bodies]

    return put


@pytest.fixture
def bearer():
    """The headers of who has the token."""
    return {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


@pytest.fixture
def act(site, bearer):
    """Replays or drops letters, as who has the token."""

    def post(action, *letters):
        body = msgspec.json.encode({"letters": letters})
        return site.post(f"/api/dead/{action}", content=body, headers=bearer).json()

    return post


@pytest.fixture
def eventually():
    """Asks until the answer is true, and answers it."""

    def wait(check):
        deadline = time.monotonic() + 60
        while not (found := check()):
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)
        return found

    return wait
