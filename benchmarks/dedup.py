"""How many copies are found, and how many pages are wrongly called copies, beside the common filters, in one run.

    python benchmarks/dedup.py FOLDER
    python benchmarks/dedup.py FOLDER --costs   # beside it bytes, the server's time up to a million pages, the mill
    python benchmarks/dedup.py FOLDER --sets syn,hard --only pagemill,datasketch-0.7

FOLDER holds sets as NAME.jsonl.xz: one page a line in the order in which it comes, with `text`, `cluster` (pages of one
cluster are copies) and, where neither answer is wrong, `soft` (clusters that it may be called a copy of); and, if it is
there, urls.jsonl: pairs of addresses `a` and `b`, and whether they are the `same` page.
Peers that are not installed are left out: `pip install datasketch rensa`. Times are CPU time of one process.
"""

import argparse
import json
import lzma
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from dedup_costs import WEIGHED, flow, server_cost, weigh
from dedup_peers import PEERS

from pipeline.sameness.near import DEFAULT_THRESHOLDS
from pipeline.sameness.sketch import fingerprint
from pipeline.urls.url import url_key
from workers.connection import connect
from workers.embedded import embedded_server
from workers.store.near_memory import Met, NearMemory

SETS = ("syn", "hard", "reuters", "wiki", "plag", "books")
BATCH = 32


class Filter(Protocol):
    """What calls a page a copy of an earlier one."""

    def prepare(self, number: int, text: str) -> Any:
        """What is made of a page by itself."""

    def decide(self, prepared: Sequence[Any]) -> list[int | None]:
        """For each page of the next batch: the number of the page that it copies, or None."""


class Pagemill:
    """The fingerprint of the pipeline, and the memory in Redis."""

    def __init__(self, url: str, pages: int = 20_000) -> None:
        client = connect(url)
        client.flushall()
        self._memory = NearMemory(client, "benchmark:memory", pages=pages, age=10**12)

    def prepare(self, number: int, text: str) -> Met:
        """The page as the memory meets it, with an id that tells its number; its keys are of nothing but that."""
        keys = (blake2b(f"{kind}{number}".encode(), digest_size=16).digest() for kind in ("bytes", "text", "article"))
        return Met(f"{number:032x}", *keys, *fingerprint(text))

    def decide(self, prepared: Sequence[Met]) -> list[int | None]:
        """One call of Redis for the batch."""
        return [int(known.of, 16) if known else None for known in self._memory.seed(prepared, DEFAULT_THRESHOLDS)]


class Score(NamedTuple):
    """`found` of `copies`, `wrong` calls in all, `wrong_unique` of them on the `unique` pages that copy nothing."""

    found: int
    copies: int
    wrong: int
    wrong_unique: int
    unique: int


def score(pages: Sequence[Mapping[str, Any]], said: Sequence[int | None]) -> Score:
    """Hold what a filter said against the clusters."""
    seen: set[str] = set()
    found = copies = wrong = wrong_unique = 0
    for page, of in zip(pages, said, strict=True):
        is_copy = page["cluster"] in seen
        seen.add(page["cluster"])
        original = None if of is None else pages[of]
        right = original is not None and original["cluster"] == page["cluster"]
        is_wrong = original is not None and not right and not _may_be(page, original)
        # A call where neither answer is wrong counts for nothing, unless it hides a copy.
        copies += is_copy and (right or is_wrong or original is None)
        found += right
        wrong += is_wrong
        wrong_unique += is_wrong and not is_copy
    return Score(found, copies, wrong, wrong_unique, len(seen))


def _may_be(page: Mapping[str, Any], original: Mapping[str, Any]) -> bool:
    return original["cluster"] in page.get("soft", ()) or page["cluster"] in original.get("soft", ())


def run(made: Filter, pages: Sequence[Mapping[str, Any]]) -> tuple[Score, float, float]:
    """The score of a filter on a set, and its microseconds a page: to prepare it, and to decide."""
    began = time.process_time()
    prepared = [made.prepare(number, page["text"] or "") for number, page in enumerate(pages)]
    between = time.process_time()
    said: list[int | None] = []
    for first in range(0, len(prepared), BATCH):
        said += made.decide(prepared[first : first + BATCH])
    each = 1e6 / len(pages)
    return score(pages, said), (between - began) * each, (time.process_time() - between) * each


def main() -> None:
    """Run every filter on every set."""
    arguments = _arguments()
    with embedded_server() as server:
        filters: dict[str, Callable[[], Filter]] = {"pagemill": lambda: Pagemill(server.url)}
        filters |= {name: _with_url(make, server.url) for name, (package, make) in PEERS.items() if _has(package)}
        names = arguments.only.split(",") if arguments.only else list(filters)
        if arguments.costs:
            weighed = filters | {"pagemill": lambda: Pagemill(server.url, WEIGHED)}
            _tell_bytes({name: weighed[name] for name in names}, server.url)
        sets = {name: list(_read(arguments.folder / f"{name}.jsonl.xz")) for name in arguments.sets.split(",")}
        for name in names:
            for of, pages in sets.items():
                _tell(name, of, *run(filters[name](), pages))
    _tell_urls(arguments.folder / "urls.jsonl")
    if arguments.costs:
        costs = map(server_cost, ([10_000], [100_000], [10_000, 100_000, 1_000_000]))
        for line in chain(*costs, flow([1, 2])):
            print(line, flush=True)


def _tell_bytes(filters: Mapping[str, Callable[[], Filter]], url: str) -> None:
    with connect(url) as client:
        for name, make in filters.items():
            own, in_redis = weigh(make, client)
            print(f"{name:18} {own:6,.0f} bytes a page in its process, {in_redis:6,.0f} in Redis", flush=True)


def _tell_urls(path: Path) -> None:
    """How many pairs of addresses are told right that are one page, or two; and how many are wrongly joined."""
    if not path.exists():
        return
    pairs = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    joined = [url_key(pair["a"]) == url_key(pair["b"]) for pair in pairs]
    right = sum(bool(pair["same"]) == one for pair, one in zip(pairs, joined, strict=True))
    wrong = sum(one and not pair["same"] for pair, one in zip(pairs, joined, strict=True))
    print(f"{'urls':18} {right} of {len(pairs)} pairs right, {wrong} wrongly joined", flush=True)


def _with_url(make: Callable[[str], Filter], url: str) -> Callable[[], Filter]:
    return lambda: make(url)


def _tell(name: str, of: str, result: Score, prepare: float, decide: float) -> None:
    recall = result.found / result.copies if result.copies else 1.0
    precision = result.found / (result.found + result.wrong) if result.found + result.wrong else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    per_1000 = 1000 * result.wrong_unique / result.unique
    print(
        f"{name:18} {of:8} P {precision:.3f} R {recall:.3f} F1 {f1:.3f}  wrong {per_1000:6.2f} in 1,000"
        f"  prepare {prepare:5.0f} us  decide {decide:5.0f} us",
        flush=True,
    )


def _read(path: Path) -> Iterable[Mapping[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _has(package: str) -> bool:
    return not package or find_spec(package) is not None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--only", help="names of filters, one comma apart")
    parser.add_argument("--costs", action="store_true", help="also bytes a page, the server's time, the whole mill")
    return parser.parse_args()


if __name__ == "__main__":
    main()
