"""Passwords out of what is printed."""

import pytest

from workers.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://:secret@host:6379/0", "redis://:***@host:6379/0"),
        ("cannot reach rediss://user:secret@host, sorry", "cannot reach rediss://user:***@host, sorry"),
        ("redis://:se@cr@et@host", "redis://:***@host"),
        ("unix:///run/redis.sock?db=0&password=secret", "unix:///run/redis.sock?db=0&password=***"),
        ("https://example.org/a:b", "https://example.org/a:b"),
        ("no url: a@b", "no url: a@b"),
    ],
)
def test_a_password_is_masked_wherever_a_url_may_hold_it(text, shown):
    """In the authority, with or without a user, also one with an @ in it, and in the query."""
    assert masked(text) == shown
