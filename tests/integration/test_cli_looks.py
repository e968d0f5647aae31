"""`why`, `settled`, `healthy` and `dead try` on a mill."""

import json

import pytest

from pagemill.keys import GROUP, Keys
from workers.store.contract import Settlement

URL = "https://a.example/wheel"
TEXT = " ".join(f"Sentence number {number} tells of the old mill and its wheel." for number in range(20))
HOSTILE = "p\x1b[31m\n2026-01-01 00:00:00  published: forged"


def page(**fields):
    """A page's fields on the wire."""
    body = f"<html><title>The wheel</title><body><article><p>{TEXT}</p></article></body></html>"
    return {"url": URL, "id": "p1", "body": body, **fields}


@pytest.fixture
def settled(mill, redis_client):
    """A mill that has published a page, met it again elsewhere under a hostile id, and rejected a third."""
    pages = [
        page(),
        page(url="https://b.example/copy", id=HOSTILE),
        page(url="https://b.example/none", id="p3", body="<p>"),
    ]
    for fields in pages:
        redis_client.xadd(Keys().pages("default"), fields)
    worker = mill.start("worker", "--workers", "1")
    import time

    deadline = time.monotonic() + 60
    while redis_client.xlen("pagemill:settled") < 3 and worker.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return worker


def test_a_running_mill_is_looked_into(mill, settled, redis_client):
    """`why` tells decisions and what is repeated, `settled` finds them, `healthy` sees the worker; hostile ids forge nothing."""
    told = mill("why", "https://b.example/copy")
    assert told.returncode == 0
    assert "duplicate" in told.stdout
    assert f'version 1 "The wheel", {URL}' in told.stdout
    assert "\x1b" not in told.stdout
    assert not [line for line in told.stdout.splitlines() if line.startswith("2026-01-01")]
    (decision,) = json.loads(mill("why", "http://A.example:80/wheel?utm_source=x", "--json").stdout)["decisions"]
    assert (decision["page"]["outcome"], decision["record"]["title"]) == ("published", "The wheel")
    rejected = mill("settled", "--outcome", "rejected", "--host", "b.example", "--json").stdout.splitlines()
    assert [json.loads(line)["id"] for line in rejected] == ["p3"]
    assert "https://b.example/copy" in mill("settled", "--since", "1h").stdout
    assert "looked at 3 of 3 settled pages" in mill("settled", "--reason", "timeout").stdout
    assert mill("healthy").returncode == 0
    assert mill("healthy", "--host", "elsewhere").returncode == 1
    settled.terminate()
    settled.communicate()
    done = mill("healthy")
    assert (done.returncode, done.stderr) == (1, "pagemill: no worker of this machine is registered\n")


def test_what_is_not_known_is_said(mill):
    """`why` ends with 1 and tells how far it looked; a search that finds none ends with 0; a wrong entry is usage."""
    done = mill("why", URL)
    assert (done.returncode, "nothing is known of it" in done.stdout) == (1, True)
    assert "looked at 0 of 0 settled pages" in done.stdout
    assert mill("settled").returncode == 0
    assert mill("settled", "--before", "yesterday").returncode == 2
