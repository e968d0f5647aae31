"""Mirrors of one story in several processes at once: `benchmarks/mirrors.py` in small."""

import msgspec
import pytest
from mirror_pages import make_mirrors
from mirrors import compare, read_decided

from workers.milling import mill, unpack
from workers.store.redis_store import RedisStore

PAGES = 400


@pytest.fixture
def alone(works):
    """What one process makes of pages, in their order: one after the other, under another prefix, whose keys go."""

    def decide(pages):
        settings = msgspec.structs.replace(works.settings, prefix="alone")
        store = RedisStore(works.client, settings)
        store.open(["default"])
        for page in pages:
            works.client.xadd(settings.keys.pages("default"), page.fields)
        while taken := store.take("here", ["default"], settings.batch_pages):
            store.commit([mill(unpack(one, settings.limits), settings.options) for one in taken])
        return read_decided(works.client, settings.keys)

    return decide


def test_four_processes_decide_as_one(works, alone):
    """Of one text never two records, no page a copy of another story's, nearly all stories give as many articles."""
    pages = make_mirrors(PAGES)
    one = alone(pages)
    works.push_pages([page.fields for page in pages])
    works.start(workers=4, batch_pages=8)
    works.await_settled(PAGES)
    difference = compare(pages, one, read_decided(works.client, works.settings.keys))
    assert (difference.texts_twice, difference.wrong) == (0, 0)
    assert difference.articles < difference.stories * 0.05
    works.check_books()
