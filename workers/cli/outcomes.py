"""Outcomes and their reasons as rows of a table."""

from collections.abc import Mapping

from pagemill.outcomes import DeadReason, Outcome, RejectReason

_OUTCOME_OF: dict[str, Outcome] = {
    **{reason.value: Outcome.REJECTED for reason in RejectReason},
    **{reason.value: Outcome.DEAD for reason in DeadReason},
}


def outcome_rows(outcomes: Mapping[str, int], reasons: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """Each outcome with its share, and its reasons indented below it."""
    total = sum(outcomes.values()) or 1
    rows: list[tuple[str, int, str]] = []
    for outcome, count in outcomes.items():
        if not count:
            continue
        rows.append((outcome, count, f"{count / total:.1%}"))
        named = {reason: n for reason, n in reasons.items() if n and _OUTCOME_OF.get(reason) == outcome}
        rows += [(f"  {reason}", n, "") for reason, n in sorted(named.items(), key=lambda item: (-item[1], item[0]))]
    return rows
