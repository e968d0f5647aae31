"""Does the mill go on? Not whether a process lives, but whether pages are settled."""

from workers.monitor.verdict import STOPPED
from workers.monitor.web.exchange import Answer, json_answer
from workers.monitor.web.lookout import View

STALE = 30.0
"""Seconds after which a snapshot proves nothing any more."""


def health(view: View) -> Answer:
    """200 while it does, else 503; with the reasons, in which no name of the mill's appears.

    A mill that has nothing to do, was suspended, or is slower than what comes in, goes on; one that stands still,
    has no worker while pages wait, or cannot be seen, does not.
    """
    if view.verdict is None or view.age is None or view.age > STALE:
        return _answer(["unseen"])
    return _answer([finding.kind for finding in view.verdict.findings if finding.kind in STOPPED])


def _answer(reasons: list[str]) -> Answer:
    return json_answer({"ok": not reasons, "reasons": reasons}, status=503 if reasons else 200)
