"""Peers of flow.py, a page a message and no work: `peers.py rq|faststream URL PAGES WORKERS` prints pages a second."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

from pages import make_page
from redis import Redis

STREAM, COUNT = "peer:pages", "peer:done"


def no_work(_body: bytes) -> None:
    """What an RQ job does here."""


def rq_rate(url: str, pages: int, workers: int) -> float:
    """Plain RQ as its documentation has it: a page a job, forking workers, in burst mode."""
    from rq import Queue

    client = Redis.from_url(url)
    queue = Queue("peer", connection=client)
    bodies = [make_page(i).body for i in range(50)]
    queue.enqueue_many([Queue.prepare_data(no_work, (bodies[i % 50],), result_ttl=0) for i in range(pages)])
    command = ["rq", "worker", "--burst", "--quiet", "--url", url, "--path", str(Path(__file__).parent), "peer"]
    began = time.monotonic()
    running = [subprocess.Popen([sys.executable, "-m", "rq.cli", *command[1:]]) for _ in range(workers)]
    for one in running:
        one.wait()
    return pages / (time.monotonic() - began - _start_up())


def _start_up() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import rq.cli"], check=True)
    return time.monotonic() - began


def faststream_rate(url: str, pages: int, workers: int) -> float:
    """FastStream on a Redis Stream with a consumer group, a message a page, as its documentation has it."""
    client = Redis.from_url(url)
    client.xgroup_create(STREAM, "peer", id="0", mkstream=True)
    bodies = [make_page(i).body for i in range(50)]
    for start in range(0, pages, 200):
        with client.pipeline(transaction=False) as pipe:
            for i in range(start, start + 200):
                pipe.xadd(STREAM, {"data": bodies[i % 50]})
            pipe.execute()
    running = [subprocess.Popen([sys.executable, __file__, "consume", url, str(n), "0"]) for n in range(workers)]
    while not int(client.get(COUNT) or 0):
        time.sleep(0.01)
    began, first = time.monotonic(), int(client.get(COUNT))
    while (done := int(client.get(COUNT))) < pages * 0.98:
        time.sleep(0.02)
    took = time.monotonic() - began
    for one in running:
        one.send_signal(signal.SIGKILL)
        one.wait()
    return (done - first) / took


def consume(url: str, name: str) -> None:
    """One FastStream consumer, which counts what it handled, a hundred at a time."""
    from faststream import FastStream
    from faststream.redis import RedisBroker, StreamSub

    broker = RedisBroker(url, logger=None)
    client = Redis.from_url(url)
    handled = 0

    @broker.subscriber(stream=StreamSub(STREAM, group="peer", consumer=name, max_records=64))
    async def handle(body: bytes) -> None:
        nonlocal handled
        handled += bool(body)
        if handled % 100 == 0:
            client.incrby(COUNT, 100)

    asyncio.run(FastStream(broker, logger=None).run())


def main() -> None:
    """Run the peer that the arguments name."""
    system, url, pages, workers = sys.argv[1:5]
    if system == "consume":
        consume(url, pages)
    else:
        print({"rq": rq_rate, "faststream": faststream_rate}[system](url, int(pages), int(workers)))


if __name__ == "__main__":
    main()
