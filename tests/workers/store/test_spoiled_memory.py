"""Whatever became of the memory's keys, a commit settles its batch: a script that fails half-way is not rolled back."""

import random

import msgspec
import pytest

from workers.store.ring_layout import STRING_UNITS

pytestmark = pytest.mark.parametrize("make_bench", ["valkey", "redis-7.0"], indirect=True)

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrstv"]
IDS = ["0" * 32, "short", "y" * 300]
SETTLED = {"published", "updated", "duplicate", "near_duplicate", "stale"}


def prose(seed):
    chance = random.Random(seed)
    return [chance.choice(VOCABULARY) for _ in range(200)]


def copy_of(seed, other):
    """The text of `prose(seed)` with another headline and a word changed."""
    return " ".join([*prose(other)[:8], *prose(seed)[:150], "changed", *prose(seed)[151:]])


def settle(bench, texts):
    """Settle a page for each (article, text) in one commit; answers the outcomes."""
    for _ in texts:
        bench.push()
    pages = zip(bench.take(most=len(texts)), texts, strict=True)
    drafts = [bench.draft(page, article, text, name=f"{at:032x}") for at, (page, (article, text)) in enumerate(pages)]
    return [one.outcome for one in bench.commit(*drafts)]


def test_a_ring_that_began_anew_is_not_led_astray_by_its_old_tables(make_bench):
    """Without its head the ring begins anew; what the tables knew may lead to a record of bytes only."""
    bench = make_bench()
    settle(bench, [(f"a{seed}", " ".join(prose(seed))) for seed in range(3)])
    bench.mill.client.delete(bench.mill.keys.memory[0])
    text = " ".join(prose(9))
    # A record of 12 units and five of 3: the last lies where the third of the old ones lay, and so do its index keys.
    outcomes = settle(bench, [("new", text), *((f"mirror {i}", text) for i in range(5)), ("b", copy_of(2, 8))])
    assert outcomes == ["published", *["duplicate"] * 5, "published"]


def test_an_id_that_is_no_text_is_told_in_escapes(make_bench):
    """The batch is settled by then: whoever asks what became of it must not fall over one name."""
    bench = make_bench()
    settle(bench, [("a", "one text")])
    client, articles = bench.mill.client, bench.mill.keys.articles("new")
    ((address, value),) = client.hgetall(articles).items()
    client.hset(articles, address, value[:-1] + b"\xff")
    page = bench.take_one()
    (settled,) = bench.commit(bench.draft(page, "a", "one text"))
    assert (settled.outcome, settled.of) == ("duplicate", "0" * 31 + "\\xff")


def a_batch(bench, chance):
    """Texts, copies and pages seen again, of a few articles under ids of every kind."""
    for _ in range(20):
        bench.push()
    for page in bench.take(most=20):
        body = f"body {chance.randrange(60)}"
        if chance.random() < 0.2:
            yield bench.settlement(page, "same", bytes_key=bench.key(body))
            continue
        seed = chance.randrange(12)
        text = copy_of(seed, chance.randrange(9)) if chance.random() < 0.6 else " ".join(prose(seed))
        draft = bench.draft(page, f"a{chance.randrange(15)}", text, body=body, name=chance.choice(IDS))
        yield msgspec.structs.replace(draft, imprint=b"name\2\0" + chance.randbytes(8))


def spoil(client, key, chance):
    """Lose a key, cut it, put another type in its place, or write over parts of it."""
    kind, harm = client.type(key), chance.choice(["lost", "cut", "replaced", "written over"])
    if harm == "lost" or kind not in (b"string", b"hash"):
        client.delete(key)
    elif kind == b"hash":
        for field in client.hkeys(key):
            client.hset(key, field, chance.randbytes(chance.choice([0, 1, 12, 17, 19, 20, 40])))
    elif harm == "cut":
        client.set(key, client.get(key)[: chance.randrange(9_000)])
    elif harm == "replaced":
        client.delete(key)
        client.rpush(key, "somebody else's")
    else:
        for _ in range(400):
            client.setrange(key, chance.randrange(STRING_UNITS), bytes([chance.randrange(3)]))


@pytest.mark.parametrize("days", [30, 100_000])
def test_a_spoiled_memory_stops_no_commit(make_bench, days):
    """Its strings and articles lost or full of rubbish, its head lost: every page is settled, or asked for again."""
    bench, chance = make_bench(memory_pages=100, memory_days=days), random.Random(days)
    client, head, since = bench.mill.client, bench.mill.keys.memory[0].encode(), bench.mill.keys.memory_since.encode()
    for _ in range(10):
        settled = bench.commit(*a_batch(bench, chance))
        assert {one.outcome for one in settled} <= SETTLED
        for key in sorted(client.scan_iter("pagemill:memory:*")) + sorted(client.scan_iter("pagemill:site:*")):
            if key == since or chance.random() > 0.3:
                continue
            if key == head:
                client.delete(key)
            else:
                spoil(client, key, chance)
