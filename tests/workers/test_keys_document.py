"""docs/keys.md lists every key that a mill makes."""

import re
from pathlib import Path

import msgspec
import pytest

from workers.vitals import take_sample

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "keys.md").read_text("utf-8")


@pytest.mark.parametrize("make_bench", ["valkey"], indirect=True)
def test_every_key_and_its_type_is_documented(make_bench):
    """A mill that published, updated, repeated, gave up and turned its memory over has no other key than these."""
    bench = make_bench(memory_days=30, metered_names=1)
    for text in ("one", "two", "one"):
        bench.publish("article", text)
    bench.publish("mirror", "one")
    page = bench.take_one()
    bench.commit(msgspec.structs.replace(bench.draft(page, "of a site", "four"), imprint=b"name\0\0"))
    bench.sleep(days=20)
    bench.publish("other article", "three")
    bench.settle("dead", "crashed")
    page = bench.take_one()
    bench.store.mark("w1", "default", page.entry, "strike")
    bench.store.renew("w1", [("default", page.entry)])
    bench.commit(bench.settlement(bench.take_one(), "rejected", reason="empty", host="another.example", source="feed"))
    take_sample(bench.mill.client, bench.mill.keys)
    rows = re.findall(r"^\| (`pagemill:.*?) \| (\w+) \|", DOCUMENT, re.MULTILINE)
    documented = {}
    for cell, kind in rows:
        (name, *others) = re.findall(r"`(.*?)`", cell)
        for key in (name, *(name.removesuffix(":new") + other for other in others)):
            named = key.replace("HOST", "example.org")
            documented |= {named.replace("QUEUE", queue): kind for queue in ("default", "urgent")}
    client = bench.mill.client
    found = {re.sub(r":\d+$", ":N", key.decode()): client.type(key).decode() for key in client.scan_iter()}
    assert found == documented


@pytest.mark.parametrize("make_bench", ["valkey"], indirect=True)
def test_every_field_of_the_ledger_is_documented(make_bench):
    """What is counted beside the outcomes stands in the table of the ledger's fields."""
    bench = make_bench(records_limit=1, records_at_limit="trim", dead_bytes=1)
    bench.mill.add_group("slow")
    bench.publish("one", "text of one")
    bench.publish("two", "text of two")
    for _ in range(3):
        bench.settle("dead", "crashed", body="")
    for act in (bench.store.drop, bench.store.replay):
        page = bench.take_one()
        bench.mill.delete("default", page.entry)
        bench.commit(bench.settlement(page, "dead", reason="lost"))
        assert act(bench.store.dead_letters()[-1].letter)
    fields = {field.decode() for field in bench.mill.client.hkeys(bench.mill.keys.ledger)}
    own = {re.sub(r"(?<=^latency\|)\d+", "N", field) for field in fields if not field.startswith("default|")}
    own = {re.sub(r"(?<=^dead\|lying\|)\w+", "REASON", field) for field in own}
    written = re.findall(r"`((?:dead|records|latency)(?:\\\|\w+)+)`", DOCUMENT)
    assert own == {field.replace("\\", "") for field in written}
