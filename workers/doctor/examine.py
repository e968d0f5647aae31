"""The doctor: what is wrong with a Redis, or with a mill on it, and what to mend.

Each check is a pure function over what was read (`workers.doctor.facts`); CHECKS lists them all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from workers.doctor import mill, server
from workers.doctor.facts import Facts
from workers.doctor.finding import Finding, Level, note


class Check(msgspec.Struct, frozen=True):
    """`look` is called when all of `needs` (fields of Facts) could be read."""

    name: str
    look: Callable[[Facts], Iterable[Finding]]
    needs: tuple[str, ...] = ()


CHECKS: Sequence[Check] = (
    Check("version", server.version, ("hello",)),
    Check("role", server.role, ("hello",)),
    Check("cluster", server.cluster, ("hello",)),
    Check("persistence", server.persistence, ("server",)),
    Check("fsync", server.fsync, ("server", "options")),
    Check("eviction", server.eviction, ("server",)),
    Check("memory", server.memory, ("server",)),
    Check("limits", server.limits, ("options",)),
    Check("exposure", server.exposure, ("options", "users")),
    Check("tls", server.tls),
    Check("user", server.user, ("user", "users")),
    Check("rights", server.rights, ("rights",)),
    Check("clock", server.clock, ("ahead",)),
    Check("latency", server.latency),
    Check("keys", mill.key_types, ("types",)),
    Check("queues", mill.queue_names, ("strange_queues",)),
    Check("output", mill.output, ("books",)),
    Check("leases", mill.leases, ("orphans",)),
    Check("workers", mill.workers, ("workers", "books", "suspended")),
    Check("remembering", mill.remembering, ("server", "hello")),
    Check("times", mill.times),
)


def examine(facts: Facts) -> list[Finding]:
    """What every check found, in the order of the table; a check that could not be made says so."""
    return [finding for check in CHECKS for finding in _found(check, facts)]


def report(findings: Sequence[Finding]) -> dict[str, Any]:
    """For programs: `ok` (no error), how many of each level, and all findings."""
    counts = {level.value: sum(finding.level == level for finding in findings) for level in Level}
    return {"ok": not counts[Level.ERROR], "counts": counts, "findings": [msgspec.to_builtins(one) for one in findings]}


def _found(check: Check, facts: Facts) -> Iterator[Finding]:
    refused = [facts.refused[name] for name in check.needs if name in facts.refused]
    found = [note("not looked at", f"Redis answers: {refused[0]}", _ASK)] if refused else check.look(facts)
    for finding in found:
        yield finding.of(check.name)


_ASK = "run the doctor once as a user who may ask: admin in deploy/redis/users.acl"
