"""The doctor's checks of the server: each looks at Facts, and yields what it found."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from workers.connection import OLDEST
from workers.doctor.facts import Facts
from workers.doctor.finding import Finding, error, note, ok, warning

_NEARLY_FULL = 0.95
_SLOW, _VERY_SLOW = 0.005, 0.05  # seconds of a round trip
_SKEW = 2.0  # seconds
_EVERYWHERE = frozenset({"*", "0.0.0.0", "::", "::*", ""})  # noqa: S104 - looked for, not bound to


def version(facts: Facts) -> Iterator[Finding]:
    """A release that has all commands."""
    name, number = facts.hello["server"], facts.hello["version"]
    oldest = OLDEST.get(name)
    numbers = tuple(int(part) for part in re.findall(r"\d{1,9}", number)[:2])
    if oldest and numbers < oldest:
        wanted = ".".join(map(str, oldest))
        yield error(
            f"{name} {number} is too old", "commands and Lua functions are missing", f"install {wanted} or later"
        )
    else:
        yield ok(f"{name} {number}")


def role(facts: Facts) -> Iterator[Finding]:
    """A primary takes writes."""
    if facts.hello["role"] in {"master", "primary"}:
        yield ok("a primary")
    else:
        yield error("a read-only replica", "no page can be pushed, taken or settled here", "connect to its primary")


def cluster(facts: Facts) -> Iterator[Finding]:
    """Scripts touch several keys, which must lie in one slot."""
    prefix = facts.settings.prefix
    if facts.hello.get("mode") != "cluster" or re.search(r"\{[^}]+\}", prefix):
        yield ok(f"mode {facts.hello.get('mode', 'standalone')}")
    else:
        why = "a script whose keys lie in different slots is refused (CROSSSLOT)"
        yield error("a cluster, and a prefix without a hash tag", why, f"PAGEMILL_PREFIX='{{{prefix}}}'")


def persistence(facts: Facts) -> Iterator[Finding]:
    """What a restart of Redis leaves."""
    told = facts.server
    on_disk = "CONFIG SET appendonly yes, and appendonly yes in redis.conf"
    if told.get("aof_enabled"):
        if told.get("aof_last_write_status", "ok") != "ok":
            why = "Redis refuses writes, or will lose them: its disk is full or gone"
            yield error("the append-only file cannot be written", why, "make room on its disk, see Redis's log")
        if told.get("aof_last_bgrewrite_status", "ok") != "ok":
            why = "the append-only file grows until its disk is full"
            yield warning("the append-only file could not be rewritten", why, "BGREWRITEAOF, and see Redis's log")
        yield ok("append-only file on")
    elif (facts.options or {}).get("save"):
        why = "a crash loses all pages and records since the last snapshot"
        yield warning("snapshots, but no append-only file", why, on_disk)
    else:
        why = "a restart of Redis loses every page, record and count"
        yield error("nothing is kept on disk", why, on_disk)
    if told.get("rdb_last_bgsave_status", "ok") != "ok":
        stops = (facts.options or {}).get("stop-writes-on-bgsave-error", "yes") == "yes"
        found = error if stops else warning
        why = "Redis refuses writes while it fails (MISCONF)" if stops else "the snapshot on disk grows old"
        yield found("the last snapshot failed", why, "make room on its disk, see Redis's log; then BGSAVE")


def fsync(facts: Facts) -> Iterator[Finding]:
    """How much of the append-only file a crash of the machine loses."""
    if not facts.server.get("aof_enabled"):
        return
    how = facts.options.get("appendfsync", "")
    if how == "no":
        why = "a crash of the machine loses what its kernel had not written: some 30 s"
        yield warning("appendfsync no", why, "CONFIG SET appendfsync everysec")
    else:
        lost = "what was acknowledged stays" if how == "always" else "a crash of the machine loses at most about 1 s"
        yield ok(f"appendfsync {how}: {lost}")


def eviction(facts: Facts) -> Iterator[Finding]:
    """Redis must never throw our keys away."""
    policy = facts.server.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        yield ok("noeviction")
    else:
        why = "at maxmemory Redis would delete pages, records and counts to make room"
        mend = "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf"
        yield error(f"maxmemory-policy {policy}", why, mend)


def memory(facts: Facts) -> Iterator[Finding]:
    """Room for what is pushed, and for what is settled."""
    used, most = int(facts.server.get("used_memory", 0)), int(facts.server.get("maxmemory", 0))
    share = facts.settings.memory_share
    if not most:
        why = "Redis grows until the kernel kills it, and no push is ever told that it is full"
        yield warning(
            "maxmemory is not set", why, "CONFIG SET maxmemory 2gb (what the machine can spare), and in redis.conf"
        )
    elif used >= _NEARLY_FULL * most:
        why = "pushes are refused, and soon all that the mill writes"
        yield error(
            f"{used / most:.0%} of maxmemory used", why, "raise maxmemory; start workers; pagemill dead drop --all"
        )
    elif used >= share * most:
        why = f"nothing is pushed above {share:.0%} (memory_share)"
        yield warning(f"{used / most:.0%} of maxmemory used", why, "start workers, or raise maxmemory")
    else:
        yield ok(f"{used / most:.0%} of {most / 1e6:,.0f} MB used")


def limits(facts: Facts) -> Iterator[Finding]:
    """Limits of the server under which ours must lie."""
    longest = int(facts.options.get("proto-max-bulk-len") or 0)
    if longest and longest < facts.settings.max_body:
        why = f"a page's body may have {facts.settings.max_body:,} bytes (max_body), and Redis cuts the connection"
        yield error(f"proto-max-bulk-len {longest:,}", why, "CONFIG SET proto-max-bulk-len 512mb, or lower max_body")
    cut = re.search(r"normal (\d{1,19}) (\d{1,19})", facts.options.get("client-output-buffer-limit", ""))
    batch = facts.settings.batch_bytes
    for bytes_ in {int(number) for number in cut.groups()} if cut else ():
        if 0 < bytes_ < 2 * batch:
            why = f"a batch of pages may weigh more than {batch:,} bytes, and Redis cuts the connection that reads it"
            yield warning(
                f"client-output-buffer-limit normal {bytes_:,}",
                why,
                "CONFIG SET client-output-buffer-limit 'normal 0 0 0'",
            )
    yield ok("room for a page and for a batch")


def exposure(facts: Facts) -> Iterator[Finding]:
    """Who reaches Redis without a password."""
    told = facts.options
    ports = {told.get("port", "0"), told.get("tls-port", "0")} - {"0", ""}
    bound = {address.lstrip("-") for address in told.get("bind", "").split()} or {""}
    anywhere = bool(ports) and bool(bound & _EVERYWHERE)
    abroad = bool(ports) and any(not is_loopback(address) for address in bound)
    mend = "user default off in the ACL file (deploy/redis/users.acl), or requirepass; and bind to what is needed"
    if not _is_open(facts.users.get("default")):
        if anywhere:
            yield note(
                "listens on all interfaces", "whoever reaches the port may try passwords", "bind to what is needed"
            )
        else:
            yield ok("no way in without a password")
    elif not ports:
        yield ok("a unix socket alone, without a password: its file's mode is the lock")
    elif abroad and told.get("protected-mode") == "no":
        why = "whoever reaches the port reads and deletes everything, and may make Redis write files"
        yield error("open to the network without a password", why, mend)
    elif abroad:
        why = "protected-mode alone keeps other machines out"
        yield warning("no password", why, mend)
    else:
        yield note("no password, for this machine alone", "every program here reads and deletes everything", mend)


def tls(facts: Facts) -> Iterator[Finding]:
    """Nobody on the way may read pages and passwords."""
    host = facts.address.host
    if facts.address.tls and not facts.address.verified:
        why = "whoever sits between can pass for Redis, and gets the password"
        yield error(
            "TLS, but the certificate is not checked", why, "leave ssl_cert_reqs out of the URL, give ssl_ca_certs=FILE"
        )
    elif facts.address.tls:
        yield ok("TLS, with the certificate checked")
    elif not host or is_loopback(host):
        yield ok("this machine: no TLS needed")
    else:
        why = "pages and the password pass the network in clear"
        yield warning(f"no TLS to {host}", why, "tls-port in redis.conf, and rediss:// in PAGEMILL_REDIS_URL")


def user(facts: Facts) -> Iterator[Finding]:
    """Least rights."""
    told = facts.users.get(facts.user, {})
    everything = "+@all" in told.get("categories", ()) and "~*" in told.get("keys", ())
    if everything:
        why = "a worker or a scraper that is taken over could delete and reconfigure all"
        yield note(f"user {facts.user} may do everything", why, "a user for each role: deploy/redis/users.acl")
    else:
        yield ok(f"user {facts.user}, with rights of its own")


def rights(facts: Facts) -> Iterator[Finding]:
    """What this user could do in the mill."""
    may = [role for role, missing in facts.rights.items() if not missing]
    lacks = "; ".join(f"{role}: {missing}" for role, missing in facts.rights.items() if missing)
    if not may:
        yield error("this user can neither push, work, read nor watch", f"it lacks {lacks}", "deploy/redis/users.acl")
    elif lacks:
        yield note(f"this user may {', '.join(may)}", f"for the rest it lacks {lacks}", "")
    else:
        yield ok(f"this user may {', '.join(may)}")


def clock(facts: Facts) -> Iterator[Finding]:
    """Leases run on Redis's clock; times in records and ages on that of each machine."""
    if abs(facts.ahead) <= _SKEW:
        yield ok(f"{abs(facts.ahead):.1f} s apart")
    else:
        side = "ahead" if facts.ahead > 0 else "behind"
        why = "ages, heartbeats and fetched_at are wrong by as much"
        yield warning(f"Redis's clock is {abs(facts.ahead):,.0f} s {side}", why, "run an NTP client on both machines")


def latency(facts: Facts) -> Iterator[Finding]:
    """A batch costs two round trips."""
    shown = f"{1000 * facts.round_trip:.1f} ms a PING"
    if facts.round_trip < _SLOW:
        yield ok(shown)
    else:
        found = warning if facts.round_trip >= _VERY_SLOW else note
        yield found(shown, "each batch of pages costs two round trips", "workers near Redis, or a larger batch_pages")


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_open(default: Mapping[str, Any] | None) -> bool:
    """Whether the user that everyone is at first is on, without a password, and may do anything at all."""
    if not default or not default.get("enabled"):
        return False
    granted = [right for right in (*default.get("categories", ()), *default.get("commands", ())) if right[:1] == "+"]
    return "nopass" in default.get("flags", ()) and bool(granted)
