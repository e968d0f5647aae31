"""The comparison in Lua is that of pipeline.sameness.near."""

import json
import lzma
import random

import pytest

from pipeline.sameness.near import Thresholds, compare
from pipeline.sameness.sketch import fingerprint
from workers.scripts import Script

COMPARE = (
    Script("near/compare").text
    + """
local answers, t = {}, read_thresholds(ARGV[1])
for i = 2, #ARGV, 2 do
  local found = compare(read_sketch(ARGV[i], 1), read_sketch(ARGV[i + 1], 1), t)
  answers[#answers + 1] = found and {found.rule, found.similarity, found.containment, found.figures} or {}
end
return answers
"""
)


def in_lua(client, pairs, thresholds):
    """What Lua says of each pair of sketches; None where they are apart."""
    found = []
    for first in range(0, len(pairs), 100):
        flat = [sketch for pair in pairs[first : first + 100] for sketch in pair]
        found += client.eval(COMPARE, 0, " ".join(map(str, thresholds.numbers())), *flat)
    return [(one[0].decode(), *one[1:]) if one else None for one in found]


def in_python(pairs, thresholds):
    found = [tuple(compare(*pair, thresholds)) for pair in pairs]
    return [None if one[0] == "apart" else one for one in found]


def kin(chance):
    """Two sketches of which a part is the same, as those of copies are, with sizes of every order."""
    share = chance.random()

    def half(one):
        return bytes(byte if chance.random() < share else chance.randrange(256) for byte in one)

    def size():
        return min(65535, int(10 ** chance.uniform(-1, 5))).to_bytes(2, "big")

    base = chance.randbytes(128)
    if chance.random() < 0.3:
        base = bytes(byte if chance.random() < 0.2 else 0 for byte in base)
    return tuple(size() + size() + bytes([chance.randrange(251)]) + half(base) for _ in range(2))


@pytest.mark.parametrize("seed", range(3))
def test_lua_decides_as_python_does(redis_client, seed):
    """For two thousand pairs of sketches, of any sizes and likeness, and any thresholds, both say the same."""
    chance = random.Random(seed)
    pairs = [kin(chance) for _ in range(2000)]
    names = Thresholds.__struct_fields__ if seed else ()
    thresholds = Thresholds(**{name: chance.randrange(800) for name in names})
    assert in_lua(redis_client, pairs, thresholds) == in_python(pairs, thresholds)


def test_fakeredis_decides_so_too(fake_redis):
    """The script asks nothing of Lua that only a real server has."""
    pairs = [kin(random.Random(seed)) for seed in range(50)]
    assert in_lua(fake_redis, pairs, Thresholds()) == in_python(pairs, Thresholds())


def test_real_pages_are_decided_alike(redis_client, shared_data):
    """For real pages, each beside the few before it, both say the same."""
    with lzma.open(shared_data / "dedup" / "hard.jsonl.xz", "rt", encoding="utf-8") as lines:
        sketches = [fingerprint(json.loads(line)["text"]).sketch for line, _ in zip(lines, range(300), strict=False)]
    pairs = [(one, other) for i, one in enumerate(sketches) for other in sketches[max(0, i - 8) : i]]
    found = in_python(pairs, Thresholds())
    assert in_lua(redis_client, pairs, Thresholds()) == found
    assert any(found)
