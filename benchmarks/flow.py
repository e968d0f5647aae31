"""What the flow costs: pages a second through the mill, beside a plain consumer, a loop, RQ and FastStream.

    python benchmarks/flow.py                     # all of it, some minutes
    python benchmarks/flow.py --work none --rounds 3 --systems mill,plain

Every system runs in the same round, on the same server and the same pages of 58 KB (zstd 3 in Redis),
with two workers. `none` puts a pipeline of constant cost in the real one's place (unique texts, all
published); `real` is the real one. The mill and the plain consumer make the very same commits, with everything
switched on that these do. A rate is of the middle eight tenths of the pages, by the times of their settlement;
the loop's, which has no start to leave out, is of all.
Ratios are of one round, their median over the rounds is printed: the machine's speed drifts.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec
from pages import make_page
from redis import Redis

import workers.milling
from pagemill import Draft, Extraction, Producer, RawPage
from pagemill.wire import encode
from pipeline import Options, warm_up
from pipeline.process import Reading
from pipeline.site_profile import SiteProfile
from workers.connection import connect
from workers.embedded import embedded_server
from workers.milling import Opened, mill, unpack
from workers.pool import run_pool
from workers.settings import Settings
from workers.store.contract import Taken
from workers.store.redis_store import RedisStore

HERE = Path(__file__).resolve().parent
QUEUE = "default"
WORKERS = 2
WORDS = 90
"""Of each page's text: as many characters as a short article has, and no copy of another page's."""


def constant(page: RawPage, _options: Options, _profile: SiteProfile | None) -> Reading:
    """A pipeline that costs next to nothing, and finds a new text in each page."""
    draft = Draft(
        id=page.id,
        url=page.url,
        canonical_url=page.url,
        host="example.org",
        text=" ".join(f"{page.id}{i}" for i in range(WORDS)),
        content_hash=page.id,
        extraction=Extraction(method="constant"),
    )
    return Reading(draft)


def use(work: str) -> None:
    """Put the pipeline of that name in place, in this process and what it forks."""
    if work == "none":
        workers.milling.read_page = constant


def fill(client: Redis, pages: int, distinct: list[dict]) -> None:
    """Put so many pages on the empty queue: bodies may come again, urls and ids do not."""
    client.flushall()
    RedisStore(client, Settings()).open([QUEUE])
    key = Settings().keys.pages(QUEUE)
    for start in range(0, pages, 500):
        with client.pipeline(transaction=False) as pipe:
            for i in range(start, min(start + 500, pages)):
                fields = dict(distinct[i % len(distinct)])
                fields |= {"url": f"https://example.org/{i}", "id": f"{random.getrandbits(128):032x}"}
                pipe.xadd(key, fields)
            pipe.execute()


def run_mill(url: str, work: str) -> None:
    """The pool, as `pagemill worker` runs it."""
    use(work)
    sys.exit(run_pool(Settings(redis_url=url, workers=WORKERS, log_level="warning")))


def run_plain(url: str, work: str) -> None:
    """XREADGROUP and the mill's own commit in a loop, in forked processes: no RQ, no claims, no horses."""
    use(work)
    for _ in range(WORKERS - 1):
        if os.fork() == 0:
            break
    settings = Settings(redis_url=url)
    store = RedisStore(connect(url), settings)
    consumer = f"plain-{os.getpid()}"
    taken: list[Taken] = []
    while True:
        opened = [unpack(page, settings.limits) for page in taken]
        known = store.recall([page.key for page in opened])
        done = [mill(page, settings.options) for page, seen in zip(opened, known, strict=True) if not seen]
        if done:
            _, taken = store.commit_and_take(done, consumer=consumer, queues=[QUEUE], most=settings.batch_pages)
        else:
            taken = store.take(consumer, [QUEUE], settings.batch_pages, wait=1)


def rate(client: Redis, system: str, work: str, pages: int, url: str) -> float:
    """Pages a second of a system that reads the queue, over the middle eight tenths of the pages."""
    role = subprocess.Popen(
        [sys.executable, __file__, "--role", system, "--url", url, "--work", work],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 300
        while client.xlen("pagemill:pages:default") and time.monotonic() < until:
            time.sleep(0.2)
            if role.poll() is not None:
                sys.exit(f"{system} ended early")
    finally:
        role.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        with suppress(ProcessLookupError):
            os.killpg(role.pid, signal.SIGKILL)
        role.wait()
    published = client.hget("pagemill:ledger", f"{QUEUE}|published")
    if int(published or 0) < 0.99 * pages:
        sys.exit(f"{system}: only {published} of {pages} were published")
    times = [int(entry.partition(b"-")[0]) for entry, _ in client.xrange("pagemill:settled")]
    first, last = len(times) // 10, len(times) * 9 // 10
    return (last - first) / (times[last] - times[first]) * 1000


def loop_rate(work: str, pages: int, distinct: list[dict]) -> float:
    """Pages a second of a loop in forked processes: unpack and mill, no queue, nothing kept."""
    use(work)
    if work == "real":
        warm_up()
    began = time.monotonic()
    children = []
    for worker in range(WORKERS):
        child = os.fork()
        if not child:
            for i in range(worker, pages, WORKERS):
                fields = {
                    k.encode(): v if isinstance(v, bytes) else v.encode()
                    for k, v in distinct[i % len(distinct)].items()
                }
                fields |= {b"url": f"https://example.org/{i}".encode(), b"id": f"{i:032x}".encode()}
                opened = unpack(Taken(queue=QUEUE, entry="1-1", fields=fields), Settings().limits)
                assert isinstance(opened, Opened)
                msgspec.json.encode(mill(opened, Settings().options).id)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return pages / (time.monotonic() - began)


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def push_rates(url: str, pages: list[RawPage]) -> None:
    """push_many from one process, with zstd and without."""
    client = connect(url)
    for name, compress in (("zstd", True), ("raw", False)):
        rates = []
        for _ in range(3):
            client.flushall()
            with Producer(url, compress=compress) as producer:
                began = time.monotonic()
                producer.push_many(pages)
                rates.append(len(pages) / (time.monotonic() - began))
        print(f"push_many {name:5} {statistics.median(rates):8,.0f} pages/s")


def latency(url: str, per_second: float, seconds: float, work: str) -> None:
    """Push at a steady rate while the mill runs, and read how long each page took to its record, by Redis's clock."""
    client = connect(url)
    client.flushall()
    role = subprocess.Popen(
        [sys.executable, __file__, "--role", "mill", "--url", url, "--work", work], start_new_session=True
    )
    time.sleep(3)
    key = Settings().keys.pages(QUEUE)
    body = [encode(make_page(i)) for i in range(50)]
    pushed: dict[str, int] = {}
    began = time.monotonic()
    i = 0
    while (now := time.monotonic() - began) < seconds:
        if i > now * per_second:
            time.sleep(min(0.001, i / per_second - now) if i / per_second > now else 0)
            continue
        fields = body[i % 50] | {"url": f"https://example.org/{i}", "id": f"{random.getrandbits(128):032x}"}
        pushed[fields["id"]] = int(client.xadd(key, fields).partition(b"-")[0])
        i += 1
    while client.xlen(key):
        time.sleep(0.05)
    took = sorted(
        int(entry.partition(b"-")[0]) - pushed[fields[b"id"].decode()]
        for entry, fields in client.xrange("pagemill:records")
    )
    role.send_signal(signal.SIGTERM)
    role.wait()
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    pace = f"{i / seconds:6,.0f} pages/s"
    print(f"latency at {pace} ({work}): p50 {p50} ms, p99 {p99} ms, worst {took[-1]} ms, n {len(took)}")


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", choices=["none", "real", "both"], default="both")
    parser.add_argument("--systems", default="mill,plain,loop,rq,faststream")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=40_000, help="for no work; a twentieth for the real pipeline")
    parser.add_argument("--no-push", action="store_true")
    parser.add_argument("--latency", type=float, default=0, help="seconds a measurement")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role:
        {"mill": run_mill, "plain": run_plain}[given.role](given.url, given.work)
    with embedded_server() as server:
        if not given.no_push:
            push_rates(server.url, [make_page(i) for i in range(3_000)])
        for work in ["none", "real"] if given.work == "both" else [given.work]:
            compare(server.url, given, work)
        if given.latency:
            for per_second in (5, 3000):
                latency(server.url, per_second, given.latency, "none")


def compare(url: str, given: argparse.Namespace, work: str) -> None:
    """Round after round of all systems, then the medians and the ratios to the mill."""
    client = connect(url)
    client.config_set("save", "")
    pages = given.pages if work == "none" else given.pages // 20
    # The real pipeline knows a text again, whatever its url.
    distinct = [encode(make_page(i)) for i in range(200 if work == "none" else pages)]
    systems = given.systems.split(",")
    found: dict[str, list[float]] = {system: [] for system in systems}
    for turn in range(given.rounds):
        for system in systems if turn % 2 == 0 else reversed(systems):
            if system == "loop":
                found[system].append(loop_rate(work, pages, distinct))
                continue
            if system in ("rq", "faststream"):
                if work == "none":
                    found[system].append(peer_rate(client, system, url))
                continue
            fill(client, pages, distinct)
            found[system].append(rate(client, system, work, pages, url))
    for system, rates in found.items():
        if rates:
            ratio = statistics.median(ours / theirs for ours, theirs in zip(found["mill"], rates, strict=True))
            shown = ", ".join(f"{one:,.0f}" for one in rates)
            middle = f"{statistics.median(rates):9,.0f} pages/s"
            print(f"{work:5} {system:11} {middle}   mill / {system} {ratio:6.2f}   ({shown})")


def peer_rate(client: Redis, system: str, url: str) -> float:
    """A peer at one page a message and no work; see peers.py."""
    client.flushall()
    pages = {"rq": 600, "faststream": 8_000}[system]
    ran = subprocess.run(
        [sys.executable, str(HERE / "peers.py"), system, url, str(pages), str(WORKERS)],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(ran.stdout.split()[-1])


if __name__ == "__main__":
    main()
