"""The doctor's checks of the mill: its keys, its output, its workers, its settings."""

from collections.abc import Iterator

from workers.doctor.facts import NOBODYS, Facts
from workers.doctor.finding import Finding, error, note, ok, warning

SILENT = 120.0
"""Seconds: a worker tells of itself every ten, busy or not."""

_COST = {"redis": 385, "valkey": 350}
"""Bytes of the server's memory for a remembered page (docs/keys.md)."""

_IMPRINT = 780
"""Bytes of an article in its site's profile, with 190 blocks (docs/site-profile.md)."""

_HALF = 0.5
_NEAR = 0.8
_SHORT_LEASE, _LONG_LEASE = 5.0, 60.0  # seconds
_LONG_PAGE = 300.0


def key_types(facts: Facts) -> Iterator[Finding]:
    """Nobody else may use a key of ours."""
    wrong = [(key, kind) for key, kind in facts.types.items() if kind != facts.expected[key]]
    former = [key for key, _ in wrong if facts.expected[key] == NOBODYS]
    for key in former:
        yield warning(f"{key} is left from an earlier release", "nobody reads it, and it takes memory", f"UNLINK {key}")
    for key, kind in wrong:
        if key in former:
            continue
        why = "whatever the mill writes there is refused (WRONGTYPE)"
        yield error(
            f"{key} is a {kind}, and should be a {facts.expected[key]}",
            why,
            f"RENAME {key} elsewhere, or set another prefix",
        )
    if not wrong:
        yield ok(f"{len(facts.types)} keys under {facts.settings.prefix}, each of its type")


def queue_names(facts: Facts) -> Iterator[Finding]:
    """The set of queues holds names of queues."""
    for name in facts.strange_queues:
        why = "no page can be there: somebody who may write to the set put it there"
        yield warning(f"{name[:80]!a} is named as a queue", why, f"SREM {facts.settings.keys.queues} ...")
    if not facts.strange_queues:
        yield ok("every name is one of a queue")


def output(facts: Facts) -> Iterator[Finding]:
    """A group that does not read holds the mill up, or loses records."""
    limit, length = facts.settings.records_limit, facts.books.records
    slow = [group for group in facts.books.groups if group.pending or group.unread != 0]
    name = max(slow, key=lambda group: (group.unread or 0) + group.pending).group if slow else ""
    mend = f"read it, or forget it: pagemill records --drop-group {name}"
    if length < _NEAR * limit or not slow:
        yield ok(f"{length:,} records in the stream, of {limit:,}")
    elif facts.settings.records_at_limit == "trim":
        yield warning(
            f"{length:,} of {limit:,} records lie unread", f"what group {name!a} has not read is trimmed", mend
        )
    elif length >= limit:
        yield error(
            f"{length:,} of {limit:,} records", f"the mill waits for group {name!a} and publishes nothing", mend
        )
    else:
        yield warning(f"{length:,} of {limit:,} records", f"soon the mill waits for group {name!a}", mend)


def leases(facts: Facts) -> Iterator[Finding]:
    """Pages of workers that are gone are taken up by others."""
    for queue, count in facts.orphans.items():
        why = "their workers are gone, and nobody takes them up"
        yield warning(f"queue {queue}: {count:,} pages in the hand of nobody", why, f"pagemill worker --queues {queue}")
    if not facts.orphans:
        yield ok("no page's lease ran out long ago")


def workers(facts: Facts) -> Iterator[Finding]:
    """Somebody works, and those that say so do."""
    silent = [one for one in facts.workers if one.heartbeat_age is not None and one.heartbeat_age > SILENT]
    depth = facts.books.depth
    for one in silent:
        what = f"worker {one.name[:32]} on {one.hostname[:40]} is silent for {one.heartbeat_age or 0:,.0f} s"
        yield warning(
            what,
            "it hangs, is stopped, cannot reach Redis, or its machine is gone",
            "look at its log there, restart it",
        )
    if facts.suspended:
        yield warning("suspended", "no worker takes a page", "rq resume")
    elif depth and len(silent) == len(facts.workers):
        yield warning(f"{depth:,} pages to do, and no worker", "they wait", "pagemill worker")
    elif not silent:
        yield ok(f"{len(facts.workers)} at work" if facts.workers else "none, and nothing to do")


def remembering(facts: Facts) -> Iterator[Finding]:
    """What is kept by the settings must fit into maxmemory, beside what waits."""
    most = int(facts.server.get("maxmemory", 0))
    cost = _COST.get(facts.hello["server"], max(_COST.values()))
    profiles = facts.settings.profile_sites * facts.settings.profile_articles * _IMPRINT * facts.settings.site_profile
    kept = facts.settings.memory_pages * cost + facts.settings.dead_bytes + profiles
    shown = f"memory_pages, dead_bytes and profile_sites may take {kept / 1e6:,.0f} MB"
    if not most or kept <= _HALF * facts.settings.memory_share * most:
        yield ok(shown)
    else:
        why = f"that is more than half of what may be used of {most / 1e6:,.0f} MB: little room is left for pages"
        yield warning(shown, why, "raise maxmemory, or lower memory_pages or profile_sites")


def times(facts: Facts) -> Iterator[Finding]:
    """Leases and limits of time."""
    lease, page = facts.settings.lease_seconds, facts.settings.page_seconds
    if lease < _SHORT_LEASE:
        why = "a Redis that pauses for so long (a fork, a slow disk) gives pages to a second worker: work is done twice"
        yield warning(f"lease_seconds {lease:g}", why, "lease_seconds = 30")
    elif lease > _LONG_LEASE:
        yield note(
            f"lease_seconds {lease:g}", "the pages of a worker that is gone wait for so long", "lease_seconds = 30"
        )
    else:
        yield ok(f"leases of {lease:g} s")
    if page > _LONG_PAGE:
        why = "a page that hangs holds its worker and its batch up for so long, for each of its strikes"
        yield note(f"page_seconds {page:g}", why, "page_seconds = 30")
