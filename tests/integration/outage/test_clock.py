"""Redis's clock jumps an hour, forth and back."""

import time
from pathlib import Path

import pytest

FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
LEASE = 3.0


@pytest.mark.skipif(FAKETIME is None, reason="no libfaketime: apt-get install faketime")
def test_a_jump_of_an_hour_moves_no_page_and_strands_none(make_server, make_works, monkeypatch, tmp_path):
    """Forth: holders keep their pages, though all leases look used up. Back: a dead holder's page waits for no hour."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    with monkeypatch.context() as environment:
        environment.setenv("LD_PRELOAD", str(FAKETIME))
        environment.setenv("FAKETIME_TIMESTAMP_FILE", str(clock))
        environment.setenv("FAKETIME_NO_CACHE", "1")
        environment.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        server = make_server()
    works = make_works(server.url)
    works.until(works.answers, "Redis")
    holder = works.start(lease_seconds=LEASE, claim_seconds=3600)
    works.await_in_hand(works.push(wish="wait")[0])
    idle = works.start(lease_seconds=LEASE, claim_seconds=0.3)
    held = {name: pages for name, pages in works.consumers().items() if pages}
    began = works.client.time()[0]
    clock.write_text("+3600")
    works.until(lambda: works.client.time()[0] > began + 3000, "the jump")
    tried = time.monotonic() + LEASE + 1
    works.until(lambda: time.monotonic() > tried, "looks of the idle worker")
    assert {name: pages for name, pages in works.consumers().items() if pages} == held
    holder.kill()
    clock.write_text("+0")
    works.let_go()
    works.push(3)
    works.await_settled(4)
    works.push(3)
    works.await_settled(7)
    assert not idle.events("worker_died")
    works.check_books()
