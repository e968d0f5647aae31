"""The queues in Redis: each a stream with the workers' consumer group, made when it is not there."""

from collections.abc import Sequence
from typing import cast

from redis import Redis
from redis.exceptions import ResponseError

from pagemill.errors import PagemillError
from pagemill.keys import GROUP, Keys
from workers.scripts import Script
from workers.store.commit import commit_keys

RIGHTS = Script("rights")


def make_queues(client: Redis, keys: Keys, queues: Sequence[str]) -> None:
    """Make these queues with their group, where they are not, and book their names.

    Raises PagemillError where a key holds something else.
    """
    for queue in queues:
        _make_queue(client, keys.pages(queue))
    known = cast("set[bytes]", client.smembers(keys.queues))
    if new := [queue for queue in queues if queue.encode() not in known]:  # at maxmemory Redis refuses any SADD
        client.sadd(keys.queues, *new)


def check_rights(client: Redis, keys: Keys, queue: str) -> None:
    """Raises PagemillError when this user may not do all that a commit does: a script that fails loses pages."""
    denied = RIGHTS(client, commit_keys(keys, [queue]), [])
    if denied:
        msg = f"Redis does not permit this user {denied.decode()}: grant it, or pages would be lost half-way"
        raise PagemillError(msg)


def _make_queue(client: Redis, key: str) -> None:
    try:
        if not _has_group(client, key):
            client.xgroup_create(key, GROUP, id="0", mkstream=True)
    except ResponseError as error:
        text = str(error)
        if text.startswith("WRONGTYPE"):
            msg = f"{key}: is not a stream: somebody else uses this key; rename it, or set another prefix"
            raise PagemillError(msg) from None
        if not text.startswith("BUSYGROUP"):
            raise


def _has_group(client: Redis, key: str) -> bool:
    """Asked first, because at maxmemory Redis refuses XGROUP CREATE whether there is one or not."""
    if not client.exists(key):
        return False
    return any(group["name"] == GROUP.encode() for group in client.xinfo_groups(key))
