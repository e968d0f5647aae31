"""Which commands each role needs, and which of them a user may not run. deploy/redis/users.acl grants the same."""

from collections.abc import Mapping, Sequence

from redis import Redis

from pagemill.keys import GROUP, Keys
from workers import rq_keys
from workers.scripts import Script

MAY = Script("may")

Command = tuple[str, ...]


def role_commands(keys: Keys, queue: str) -> Mapping[str, Sequence[Command]]:
    """For each role what it must be able to run, with keys: enough to tell a role's users from others."""
    pages, records = keys.pages(queue), keys.records
    head, ring, exact, near = keys.memory
    watching = [
        ("SMEMBERS", keys.queues), ("HGETALL", keys.ledger), ("XLEN", records), ("XLEN", keys.dead),
        ("XINFO", "GROUPS", records), ("XINFO", "STREAM", pages), ("XINFO", "GROUPS", pages), ("TIME",),
        ("XREVRANGE", keys.settled, "+", "-"), ("LLEN", rq_keys.queue_key(queue)), ("SMEMBERS", rq_keys.WORKERS),
        ("HMGET", rq_keys.worker_key("x"), "state"), ("EXISTS", rq_keys.SUSPENDED),
        ("HGETALL", keys.meters("hosts:new")), ("XREVRANGE", keys.meters("counts"), "+", "-"),
        ("XRANGE", keys.meters("minutes"), "-", "+"), ("XPENDING", records, "g"),
        ("HMGET", head, "at"), ("GETRANGE", f"{ring}:0", "0", "1"), ("ZCARD", f"{rq_keys.PREFIX}:wip:{queue}"),
    ]  # fmt: skip
    return {
        "push": [("XADD", pages, "*", "url", "u"), ("XLEN", pages)],
        "work": [
            ("XREADGROUP", "GROUP", GROUP, "c", "STREAMS", pages, ">"), ("XCLAIM", pages, GROUP, "c", "0", "0-1"),
            ("XPENDING", pages, GROUP), ("XACK", pages, GROUP, "0-1"), ("XDEL", pages, "0-1"),
            ("XADD", records, "*", "body", "b"), ("XADD", keys.settled, "*", "id", "i"),
            ("XADD", keys.dead, "*", "url", "u"), ("HINCRBY", keys.ledger, "f", "1"), ("HSET", keys.trials, "f", "v"),
            ("HSET", keys.articles("new"), "f", "v"), ("SET", keys.memory_since, "1"), ("HSET", head, "f", "v"),
            *(("SETRANGE", f"{strings}:0", "0", "v") for strings in (ring, exact, near)),
            ("HSET", keys.meters("hosts:new"), "f", "v"), ("XADD", keys.meters("counts"), "*", "f", "v"),
            ("ZADD", keys.sites, "1", "h"), ("SET", f"{keys.site}:h", "p"), ("MGET", f"{keys.site}:h"),
            ("SADD", rq_keys.WORKERS, "w"), ("HSET", rq_keys.worker_key("x"), "f", "v"),
        ],
        "read records": [
            ("XGROUP", "CREATE", records, "g", "0"), ("XREADGROUP", "GROUP", "g", "c", "STREAMS", records, ">"),
            ("XACK", records, "g", "0-1"), ("XAUTOCLAIM", records, "g", "c", "0", "0"),
        ],
        "watch": watching,
    }  # fmt: skip


def missing_rights(client: Redis, keys: Keys, queue: str) -> dict[str, str]:
    """Role -> the first command that this user may not run for it, or "". Raises redis's errors."""
    roles = role_commands(keys, queue)
    commands = [command for role in roles.values() for command in role]
    words: list[str | bytes | int] = []
    for command in commands:
        words += (len(command), *command)
    denied = {number - 1 for number in MAY(client, [], words)}
    missing: dict[str, str] = {}
    at = 0
    for role, needed in roles.items():
        first = next((one for number, one in enumerate(needed, at) if number in denied), None)
        missing[role] = " ".join(first[:3]) if first else ""
        at += len(needed)
    return missing
