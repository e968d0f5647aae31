"""Plain RQ under the same kills, for comparison: a page a job, forking workers, RQ's own pool, `Retry(max=5)`.

    python tests/chaos/plain_rq.py --kills 100 [--seed N] [--wait 1800]

The job runs the pipeline, appends to a stream and returns. After the kills RQ is left in peace until it has found
each page again, or for so many seconds: its maintenance runs every ten minutes, and looks twice.
"""

import os
import random
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import msgspec
from feed import QUEUES, page, plan
from redis import Redis
from rq import Queue, Retry, get_current_job
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from server import Server

OUTPUT = "output"
DEEP = 100


def publish(seed: int, number: int) -> None:
    """The job: the real pipeline on a page, then its record into the stream."""
    from pipeline import Options, process  # noqa: PLC0415 - as a job would

    process(page(plan(seed, 0, number)), Options())
    cast("Job", get_current_job()).connection.xadd(OUTPUT, {"id": str(number)})


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `where`: what RQ knows of the pages that are lost."""

    seed: int
    kills: dict[str, int]
    pages: int
    lost: int
    twice: int
    where: dict[str, int]
    seconds_of_kills: float
    seconds_of_peace: float


def main() -> None:
    """Run it, and print what came of it."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--wait", type=float, default=1_800)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves nothing behind
    with TemporaryDirectory(prefix="mill-") as folder:
        server = Server(Path(folder))
        command = [str(Path(sys.executable).with_name("rq")), "worker-pool", *QUEUES, "--num-workers", "3", "--quiet"]
        with (Path(folder) / "rq.log").open("w") as log:
            pool = subprocess.Popen(
                [*command, "--url", server.url, "--path", str(Path(__file__).parent)],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            report = _run(Redis.from_url(server.url), pool.pid, given.kills, given.wait, given.seed)
        finally:
            family = [pool.pid, *_children(pool.pid), *_horses(pool.pid)]
            for pid in family:
                _kill(pid)
            pool.wait()
            server.kill()
    sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(report)).decode()}\n")


def _run(client: Redis, pool: int, kills: int, wait: float, seed: int) -> Report:
    rng = random.Random(seed)
    queues = {name: Queue(name, connection=client) for name in QUEUES}
    killed: Counter[str] = Counter()
    jobs: dict[str, str] = {}
    began = time.monotonic()
    while killed.total() < kills:
        while sum(queue.count for queue in queues.values()) < DEEP:
            number = len(jobs)
            job = queues[plan(seed, 0, number).queue].enqueue(
                "plain_rq.publish", seed, number, retry=Retry(max=5), result_ttl=0
            )
            jobs[str(number)] = job.id
        time.sleep(rng.expovariate(1))
        role, pids = rng.choice([("worker", _children(pool)), ("horse", _horses(pool))])
        if pids and client.xlen(OUTPUT):
            _kill(rng.choice(pids))
            killed[role] += 1
    stormy = time.monotonic() - began
    peace = time.monotonic()
    while len(_published(client)) < len(jobs) and time.monotonic() - peace < wait:
        time.sleep(1)
    published = _published(client)
    lost = jobs.keys() - published.keys()
    return Report(
        seed=seed,
        kills=killed,
        pages=len(jobs),
        lost=len(lost),
        twice=sum(n > 1 for n in published.values()),
        where=Counter(_whereabouts(client, jobs[number]) for number in lost),
        seconds_of_kills=round(stormy, 1),
        seconds_of_peace=round(time.monotonic() - peace, 1),
    )


def _published(client: Redis) -> Counter[str]:
    return Counter(fields[b"id"].decode() for _, fields in cast("Any", client).xrange(OUTPUT))


def _whereabouts(client: Redis, job: str) -> str:
    for name in QUEUES:
        queue = Queue(name, connection=client)
        places = {
            "waits": queue.job_ids,
            "intermediate": [one.decode() for one in cast("Any", client).lrange(queue.intermediate_queue_key, 0, -1)],
            "failed": FailedJobRegistry(queue=queue).get_job_ids(cleanup=False),
            "started": StartedJobRegistry(queue=queue).get_job_ids(cleanup=False),
        }
        for place, ids in places.items():
            if job in ids:
                return place
    return "nowhere" if client.exists(Job.key_for(job)) else "no trace"


def _horses(pool: int) -> list[int]:
    return [horse for worker in _children(pool) for horse in _children(worker)]


def _children(pid: int) -> list[int]:
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
