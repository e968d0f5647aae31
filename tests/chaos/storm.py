"""The storm: a whole mill at work, and everything that can go wrong with it going wrong.

    python tests/chaos/storm.py [--kills 1000] [--seed N]

Producers push pages into three queues, and pools of workers mill them, on a real server behind a proxy. Processes
are killed at named points and at random, paused and stopped, connections cut, the server killed and started again.
At the end all is left alone, and what came of each page is reckoned up.
"""

import random
import signal
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from faults import Faults, deal
from mill import PATIENCE, Mill
from points import POINTS
from reckoning import Figures, figures

TELL_EVERY = 10.0

LATE = 3
"""Results that come too late and are dropped: so many at least, or the storm did not try the token."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a storm came to."""

    seed: int
    seconds: float
    kills: Mapping[str, int]
    """SIGKILLs, by whom they met."""

    others: Mapping[str, int]
    """Other faults."""

    late: int
    """Results that came when somebody else had settled the page, and were dropped."""

    points: int
    missed: list[str]
    """Points at which nothing happened."""

    figures: Figures
    problems: list[str]


def cover(seed: int, tell: Callable[[str], object]) -> Report:
    """A fault at each named point, and others at random meanwhile."""
    with _mill(seed) as mill:
        rng = random.Random(seed)
        faults = Faults(mill, rng)

        def points() -> Iterator[int]:
            yield from faults.at_points(deal(rng), patience=5)
            while faults.untried:
                yield len(faults.untried)
            faults.resting = True
            deadline = time.monotonic() + PATIENCE
            while mill.late_results() < LATE and time.monotonic() < deadline:
                faults.be_late()
                yield 0

        _run(mill, points(), _striking(faults, rng, every=2), tell)
        return _report(mill)


def rage(seed: int, kills: int, tell: Callable[[str], object]) -> Report:
    """So many kills, at points and at random, as long as it takes."""
    with _mill(seed) as mill:
        rng = random.Random(seed)
        faults = Faults(mill, rng)

        def deals() -> Iterator[int]:
            while mill.kills.total() < kills:
                for _ in faults.at_points(deal(rng), patience=10):
                    if mill.kills.total() >= kills:
                        return
                    faults.be_late()
                    yield kills - mill.kills.total()

        _run(mill, deals(), _striking(faults, rng, every=0.4), tell)
        return _report(mill)


def _run(mill: Mill, points: Iterator[int], striking: Iterator[None], tell: Callable[[str], object]) -> None:
    while not mill.settled():
        mill.tend()
        time.sleep(0.02)
    told = 0.0
    for left in points:
        mill.tend()
        next(striking)
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            tell(f"{left} to go, {mill.kills.total()} kills, {mill.others.total()} others, {mill.settled()} pages")
        time.sleep(0.02)


def _striking(faults: Faults, rng: random.Random, *, every: float) -> Iterator[None]:
    """A fault at random, about every so many seconds, while the mill moves."""
    due = time.monotonic() + every
    while True:
        if time.monotonic() >= due and faults.strike():
            due = time.monotonic() + rng.expovariate(1 / every)
        yield


@contextmanager
def _mill(seed: int) -> Iterator[Mill]:
    """A mill in a temporary folder; what its processes said is shown when it fails."""
    with TemporaryDirectory(prefix="mill-") as folder:  # a socket's path must be short
        mill = Mill(Path(folder), seed)
        try:
            yield mill
        except BaseException:
            for log in Path(folder).glob("*.log"):
                sys.stderr.write(f"--- the end of {log.name}\n{log.read_text('utf-8', 'replace')[-20_000:]}\n")
            raise
        finally:
            mill.end()


def _report(mill: Mill) -> Report:
    account, planned, problems = mill.close()
    hits = Counter(hit.point for hit in mill.hits)
    return Report(
        seed=mill.seed,
        seconds=round(time.monotonic() - mill.began, 1),
        kills=mill.kills,
        others=mill.others,
        late=mill.late_results(),
        points=len(POINTS),
        missed=[point for point in POINTS if not hits[point]],
        figures=figures(account, planned),
        problems=problems,
    )


def main() -> None:
    """The long form; exits with 1 when a promise was broken."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--cover", action="store_true", help="the short form: a fault at each named point, once")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves nothing behind

    def tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    report = cover(given.seed, tell) if given.cover else rage(given.seed, given.kills, tell)
    sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(report)).decode()}\n")
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
