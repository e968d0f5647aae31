"""Names of keys: what they look like, and what no name may hold."""

import pytest

from pagemill import SettingsError
from pagemill.keys import Keys, check_queue

NAMES = ("queues", "records", "settled", "ledger", "dead", "trials")


def test_every_key_lies_under_the_prefix():
    """One prefix for all keys, so that a hash tag puts a mill in one slot of a cluster."""
    keys = Keys("{mill}")
    every = [*(getattr(keys, name) for name in NAMES), keys.pages("news")]
    assert all(key.startswith("{mill}:") for key in every)
    assert len(set(every)) == len(every)


def test_the_documented_names():
    """What other languages rely on."""
    keys = Keys()
    assert (keys.pages("default"), keys.records, keys.settled) == (
        "pagemill:pages:default",
        "pagemill:records",
        "pagemill:settled",
    )


@pytest.mark.parametrize("queue", ["default", "a", "A-1_b.c", "x" * 64])
def test_a_queue_is_named_by_letters_digits_dot_dash_and_underscore(queue):
    """A good name comes back as it is."""
    assert check_queue(queue) == queue


@pytest.mark.parametrize("queue", ["", "-a", ".a", "a b", "a:b", "ä", "a\n", "x" * 65])
def test_any_other_name_of_a_queue_is_refused(queue):
    """The error names the queue, escaped."""
    with pytest.raises(SettingsError, match=r"^queue: ") as caught:
        Keys().pages(queue)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("prefix", ["", "a b", "a\n", "ä", "x" * 65])
def test_a_prefix_that_is_empty_long_or_not_ascii_is_refused(prefix):
    """The error names the prefix."""
    with pytest.raises(SettingsError, match=r"^prefix: "):
        Keys(prefix)
