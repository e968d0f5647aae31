"""`why`, `settled`, `healthy` and `dead try` on a mill."""

import json
import time

import pytest

from pagemill.keys import Keys
from workers.settings import Settings
from workers.store.contract import Settlement
from workers.store.redis_store import RedisStore

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
    deadline = time.monotonic() + 60
    while redis_client.xlen("pagemill:settled") < 3 and worker.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return worker


def test_a_running_mill_is_looked_into(mill, settled, redis_client):
    """`why` tells what is repeated, `settled` finds it, `healthy` sees the worker; hostile ids forge nothing."""
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


@pytest.fixture
def letters(mill, redis_client):
    """Two dead letters: a page that gets on now, and an entry that is none."""
    store = RedisStore(redis_client, Settings())
    store.open(["default"])
    for fields, reason in ((page(), "timeout"), (page(v="99", url="https://b.example/x"), "malformed")):
        redis_client.xadd(Keys().pages("default"), fields)
        (taken,) = store.take("w", ["default"], 1)
        settled = Settlement(
            verdict="dead", queue="default", entry=taken.entry, id="p", url=fields["url"], reason=reason
        )
        store.commit([settled])
    return [letter.letter for letter in store.dead_letters()]


def test_dead_letters_are_tried_and_none_is_settled(mill, letters, redis_client):
    """One with its draft, several in a line each with a sum; 1 when any would die again; an id that is gone is told."""
    one = mill("dead", "try", letters[0])
    assert one.returncode == 0
    assert "then: dead, timeout" in one.stdout
    assert "now:  draft of a record" in one.stdout
    assert "Sentence number 3" in one.stdout
    both = mill("dead", "try", "--all")
    assert both.returncode == 1
    assert f"{letters[0]}  timeout -> draft of a record  {URL}" in both.stdout.splitlines()
    assert "1 dead letter: malformed -> dead: malformed" in both.stdout.splitlines()
    told = json.loads(mill("dead", "try", "--url", "A.EXAMPLE", "--json").stdout)
    assert (told["is_mended"], told["draft"]["title"]) == (True, "The wheel")
    gone = mill("dead", "try", "1-1")
    assert (gone.returncode, "no dead letter '1-1'" in gone.stderr) == (1, True)
    assert redis_client.xlen("pagemill:dead") == 2
    assert redis_client.xlen(Keys().pages("default")) == 0
