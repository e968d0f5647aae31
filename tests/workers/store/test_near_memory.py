"""The memory in Redis and its twin in this process: what they know, and what they forget."""

import random
from hashlib import blake2b

import pytest

from pipeline.sameness.near import DEFAULT_THRESHOLDS
from pipeline.sameness.sketch import fingerprint
from workers.memory.ring import Ring
from workers.store.near_memory import Known, Met, NearMemory

LONG = 10**12
VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrstv"]


def prose(seed, words=200):
    chance = random.Random(seed)
    return [chance.choice(VOCABULARY) for _ in range(words)]


def met(words, address, record=None):
    """A page of these words, as it is met at an address."""
    text = " ".join(words)

    def key(kind):
        return blake2b(f"{kind} {text if kind == 'text' else address}".encode(), digest_size=16).digest()

    made = fingerprint(text)
    return Met(record or key("id").hex(), key("bytes"), key("text"), key("article"), made.keys, made.sketch)


@pytest.fixture
def memory(redis_client):
    """A memory for a thousand pages."""
    return NearMemory(redis_client, "mill:memory", pages=1000, age=LONG)


def copy_of(seed, other):
    """The text of `prose(seed)` with another headline and a word changed."""
    return [*prose(other, 8), *prose(seed)[:150], "changed", *prose(seed)[151:]]


def test_a_page_is_known_by_its_bytes_its_text_and_what_is_near(memory):
    """A page again, its text elsewhere, and an edited copy all name the record that they repeat."""
    first = met(prose(1), "a")
    assert memory.seed([first]) == [None]
    again, mirror, copy, other = memory.seed([first, met(prose(1), "b"), met(copy_of(1, 2), "c"), met(prose(3), "d")])
    assert again == Known("bytes", first.id)
    assert mirror == Known("text", first.id)
    assert (copy.how, copy.of, copy.likeness.rule) == ("near", first.id, "resemblance")
    assert other is None


def test_a_batch_knows_its_own_pages(memory):
    """Mirrors and copies in one batch repeat the first of it."""
    pages = [met(prose(1), "a"), met(prose(1), "b"), met(copy_of(1, 2), "c")]
    assert [known and known.how for known in memory.seed(pages)] == [None, "text", "near"]


def test_a_copys_bytes_are_remembered(memory):
    """A copy that comes again is known by its bytes, and names the record that it copied."""
    first, copy = met(prose(1), "a"), met(copy_of(1, 2), "b")
    memory.seed([first, copy])
    assert memory.seed([copy]) == [Known("bytes", first.id)]


@pytest.mark.parametrize(
    "record", ["short", "00ff" * 8, "00FF" * 8, "é" * 60, "x" * 128, "7" * 31, "水" * 128, "y" * 1024]
)
def test_ids_of_any_length_come_back(memory, record):
    """The id of a record is told as it was given, hexadecimal or not."""
    memory.seed([met(prose(1), "a", record)])
    assert memory.seed([met(prose(1), "b")]) == [Known("text", record)]


def test_the_oldest_is_forgotten_first(redis_client):
    """A memory of so many pages knows the newest of them, and none that is older than the ring."""
    memory = NearMemory(redis_client, "mill:memory", pages=1000, age=LONG)
    pages = [met([str(number)], number) for number in range(4000)]
    for first in range(0, 4000, 100):
        assert memory.seed(pages[first : first + 100]) == [None] * 100
    assert all(memory.seed([page])[0] for page in pages[-500:])
    assert memory.seed(pages[:500]) == [None] * 500


def test_what_is_too_old_is_not_known(redis_client):
    """Beyond the age that is asked for, a page is news."""
    memory = NearMemory(redis_client, "mill:memory", pages=1000, age=-2000)
    assert memory.seed([met(prose(1), "a")]) == [None]
    assert memory.seed([met(prose(1), "a")]) == [None]


def test_a_phrase_that_all_pages_share_drives_nothing_out(memory):
    """A site's phrase is an index key of all its pages; the table still knows each by its text."""
    phrase = prose(999, 25)
    pages = [met([*prose(seed, 100), *phrase], seed) for seed in range(200)]
    memory.seed(pages)
    assert {
        known.how for known in memory.seed([met([*prose(seed, 100), *phrase], -seed - 1) for seed in range(200)])
    } == {"text"}


def test_a_memory_keeps_the_size_that_it_was_made_with(redis_client):
    """Another setting does not make what is remembered unreadable."""
    NearMemory(redis_client, "mill:memory", pages=1000, age=LONG).seed([met(prose(1), "a")])
    larger = NearMemory(redis_client, "mill:memory", pages=5000, age=LONG)
    assert larger.seed([met(prose(1), "b")])[0].how == "text"


def test_its_size_is_bounded(redis_client):
    """However many pages come, the memory never takes more than its strings."""
    memory = NearMemory(redis_client, "mill:memory", pages=200, age=LONG)
    pages = [met([str(number)], number) for number in range(3000)]
    sizes = []
    for _ in range(3):
        for first in range(0, 3000, 100):
            memory.seed(pages[first : first + 100])
        sizes.append(sum(redis_client.memory_usage(key, samples=0) for key in redis_client.scan_iter()))
    assert sizes[1] == sizes[2]
    assert sizes[2] < 800_000


def test_it_tells_how_full_it_is(redis_client):
    """A memory tells what it was made for, how full it is, and since when it remembers."""
    memory = NearMemory(redis_client, "mill:memory", pages=1000, age=LONG)
    assert memory.fill() == (1000, 0.0, None)
    before = redis_client.time()[0]
    memory.seed([met(["0"], 0)])
    begun = memory.fill()
    assert 0 < begun.used < 0.01
    assert before <= begun.since.timestamp() <= redis_client.time()[0]
    for first in range(1, 4001, 200):
        memory.seed([met([str(number)], number) for number in range(first, first + 200)])
    assert memory.fill().used == 1.0
    assert memory.fill().since >= begun.since


@pytest.mark.parametrize("part", ["ring", "exact", "near"])
@pytest.mark.parametrize("harm", ["gone", "short", "list"])
def test_a_string_that_is_harmed_is_forgotten(memory, redis_client, part, harm):
    """What lay in a string that is gone, cut or replaced is news again, and is remembered anew; nothing raises."""
    pages = [met(prose(seed), seed) for seed in range(20)]
    memory.seed(pages)
    for key in redis_client.keys(f"mill:memory:{part}:*"):
        redis_client.delete(key)
        if harm == "short":
            redis_client.set(key, "xyz")
        elif harm == "list":
            redis_client.rpush(key, "x")
    first, second = (memory.seed([met(prose(seed), seed + add) for seed in range(20)]) for add in (100, 200))
    assert all(second)
    assert first == {"ring": [None] * 20}.get(part, first)


def traffic(seed, pages):
    """Pages with mirrors, copies, repetitions and ids of any length among them."""
    chance = random.Random(seed)
    for number in range(pages):
        of = chance.randrange(max(1, number // 2))
        words = chance.choice([prose(number, 30), prose(of, 30), [*prose(of, 28), "x", "y"], prose(of, 200)])
        yield met(words, chance.choice([number, of]), chance.choice([None, f"id-{number}" * chance.randrange(1, 12)]))


def test_the_twin_knows_and_forgets_the_same(redis_client):
    """Whatever comes, for longer than the ring is, the memory in Redis and that in this process answer alike."""
    memory, ring = NearMemory(redis_client, "mill:memory", pages=60, age=LONG), Ring(pages=60, age=LONG)
    pages = list(traffic(0, 4500))
    for first in range(0, len(pages), 150):
        batch = pages[first : first + 150]
        assert memory.seed(batch) == [ring.seed(page, 0, DEFAULT_THRESHOLDS) for page in batch]


def test_fakeredis_holds_it_too(fake_redis):
    """The memory asks nothing of Redis that only a real server has."""
    memory, ring = NearMemory(fake_redis, "mill:memory", pages=60, age=LONG), Ring(pages=60, age=LONG)
    batch = list(traffic(1, 60))
    assert memory.seed(batch) == [ring.seed(page, 0) for page in batch]
