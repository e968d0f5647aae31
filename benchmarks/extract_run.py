"""One system over all pages: what it finds, and what it takes."""

import gc
import resource
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

import msgspec
from extract_own import OWN, FoldWeights, Own
from extract_scores import Score, score
from extract_systems import Found, System, peers
from extract_truth import Truth, page_of, read_truths, sample
from pages import make_page

_GC_THRESHOLDS = 20_000, 20, 20  # as a worker sets them


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured: see the options of extract.py."""

    data: Path
    sets: Sequence[str] = ()
    limit: int = 0
    weights: Path | None = None
    seconds: int = 60

    def truths(self) -> list[Truth]:
        """The pages that are measured."""
        return sample(read_truths(self.data, self.sets), self.limit)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What one system did. `errors`: what pages were lost of. `before`, `peak`: memory in MB."""

    scores: list[Score]
    errors: Mapping[str, int]
    before: float
    peak: float
    asked: int | None


def run_system(name: str, way: str, job: Job) -> Run:
    """One system over all pages as they come in this `way`; the process should do nothing else, for it is measured."""
    truths, every = job.truths(), read_truths(job.data)
    domains = Counter(truth.domain for truth in every)
    before = _peak()
    weights = FoldWeights(job.weights) if job.weights and name in OWN else None
    if weights:
        weights.install()
    system = {**peers(way), **Own(truths, every, way=way, weights=weights).systems()}[name]()
    _warm(system, way)
    signal.signal(signal.SIGALRM, _too_long)
    scores = []
    errors: Counter[str] = Counter()
    for truth in truths:
        page = page_of(truth, way)
        signal.alarm(job.seconds)
        began = time.process_time()
        try:
            found, lost = system(truth, page), False
        except Exception as error:  # noqa: BLE001 (a page lost, and counted)
            found, lost = Found(), True
            errors[type(error).__name__] += 1
        ms = 1000 * (time.process_time() - began)
        signal.alarm(0)
        scores.append(score(truth, found, ms=ms, lost=lost, many=domains[truth.domain] > 2))
    return Run(scores=scores, errors=errors, before=before, peak=_peak(), asked=weights and weights.asked)


def _warm(system: System, way: str) -> None:
    """Word lists and weights are read, and the collector is set, before anything is measured."""
    for number in range(5):
        page = make_page(number)
        truth = Truth(path=Path(), dataset="", id="", domain="", url=page.url, kind="article")
        flat = msgspec.structs.replace(page, content_type="text/plain", id="") if way != "html" else page
        system(truth, flat)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


def _peak() -> float:
    """The most memory that this process held, in MB: of its own, not of who started it, where Linux says so."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line[:6] == "VmHWM:") / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
