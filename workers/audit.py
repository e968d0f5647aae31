"""The audit: reconciles the ledger with the queues and the streams."""

from collections.abc import Iterator
from typing import Any

from pagemill.outcomes import Outcome
from workers.readings import totals
from workers.rq_keys import queue_key
from workers.store.contract import Ledger, QueueCount


def audit(ledger: Ledger) -> dict[str, Any]:
    """`ok`, `pushed`, `waiting`, `running`, `outcomes`, and `problems`: a sentence each; ok is that there is none."""
    problems = list(_problems(ledger))
    return {
        "ok": not problems,
        "pushed": sum(queue.pushed or 0 for queue in ledger.queues),
        "waiting": sum(queue.waiting for queue in ledger.queues),
        "running": sum(queue.running for queue in ledger.queues),
        "outcomes": {outcome.value: totals(ledger.outcomes).get(outcome, 0) for outcome in Outcome},
        "problems": problems,
    }


def _problems(ledger: Ledger) -> Iterator[str]:
    known = {queue.queue for queue in ledger.queues}
    for queue in ledger.queues:
        settled = sum(ledger.outcomes.get(queue.queue, {}).values())
        yield from _of_queue(queue, settled)
    for name, counts in ledger.outcomes.items():
        settled = sum(counts.values())
        if name not in known and settled:
            yield f"queue {name}: {settled:,} pages settled, but the queue itself is gone"
    if ledger.records_trimmed:
        yield f"{ledger.records_trimmed:,} records were trimmed before every group had read them"
    yield from _of_dead(ledger)


def _of_queue(queue: QueueCount, settled: int) -> Iterator[str]:
    if queue.pushed is None:
        if settled or queue.waiting or queue.running:
            yield f"queue {queue.queue}: the server does not tell how many pages were pushed"
    else:
        missing = queue.pushed - settled - queue.waiting - queue.running
        sums = f"pushed {queue.pushed:,}, settled {settled:,}, waiting {queue.waiting:,}, in hand {queue.running:,}"
        if missing > 0:
            yield f"queue {queue.queue}: {missing:,} pages vanished: somebody trimmed or deleted entries ({sums})"
        if missing < 0:
            yield f"queue {queue.queue}: {-missing:,} pages too many: its stream was deleted and made anew ({sums})"
    if queue.waiting < 0:
        yield f"queue {queue.queue}: {-queue.waiting:,} pages were deleted while in hand"
    if queue.refused_jobs:
        yield f"{refused(queue)}: delete the list to be rid of them"


def refused(queue: QueueCount) -> str:
    """What to say of ordinary RQ jobs."""
    jobs = "1 ordinary RQ job lies" if queue.refused_jobs == 1 else f"{queue.refused_jobs:,} ordinary RQ jobs lie"
    return f"queue {queue.queue}: {jobs} in {queue_key(queue.queue)}, refused and never run"


def _of_dead(ledger: Ledger) -> Iterator[str]:
    counted = sum(counts.get(Outcome.DEAD, 0) for counts in ledger.outcomes.values())
    there = ledger.dead + ledger.dead_replayed + ledger.dead_dropped + ledger.dead_expired
    if counted != there:
        yield (
            f"dead letters: {counted:,} were counted, but {ledger.dead:,} lie there, {ledger.dead_replayed:,} were "
            f"replayed, {ledger.dead_dropped:,} dropped and {ledger.dead_expired:,} expired"
        )
