"""Main text and metadata measured against the truth, all systems that are installed side by side in one run.

    python benchmarks/extract.py DATA --weights FOLDER
    python benchmarks/extract.py DATA --weights FOLDER --ways text+cookie+double,text+inscriptis
    python benchmarks/extract.py DATA --limit 300 --systems pagemill,trafilatura

DATA: sets of pages, as extract_truth.py says. FOLDER: what `--keep FOLDER` of `python -m training DATA --folds 5
--copyleft` and of training.lines left; without it the weights of the package are measured, which saw these pages.
The peers are those that are installed; resiliparse is needed to flatten pages to text.

Each system runs in a process of its own, one after the other. P, R and F1 of the bags of words, a page each (a CJK or
Thai character is a word); intervals of 95 % by bootstrap over domains, differences of the same pages. CPU is from bytes
to text, and to metadata where a system gives any; peak memory is the process's, of which it had so much before.
`pagemill+site`: up to 16 other pages of the host are known, drawn by lot. `pagemill+stream`: those that came before.
`blocks`: the extractor alone, without what tidies its text. A page that Pagemill refuses counts as empty.
"""

import argparse
import os
import statistics
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import msgspec
from extract_own import OWN
from extract_run import Job, Run, run_system
from extract_scores import FIELDS as ALL_FIELDS
from extract_scores import by_group, field_row, text_row
from extract_systems import FIELDS, missing, peers

ON_WISH = {"trafilatura-text"}
"""Run where `--systems` names them: the library without its metadata."""


def main() -> None:
    """Run the systems asked for, and print what each way of coming gives."""
    asked = _parser().parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read by the processes to come
    job = Job(data=asked.data, sets=asked.sets, limit=asked.limit, weights=asked.weights, seconds=asked.seconds)
    print(f"{len(job.truths())} pages of {asked.data.name}\n{_weights_line(asked)}")
    for way in asked.ways:
        runs = {}
        for name in _names(asked, way):
            began = time.monotonic()
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                try:
                    runs[name] = pool.submit(run_system, name, way, job).result()
                except BrokenProcessPool:
                    print(f"{name} took its process with it")
            print(f"{way}, {name}: {time.monotonic() - began:.0f} s", flush=True)
            if asked.out and name in runs:
                _write(asked.out, way, name, runs[name])
        _print_way(way, runs, asked)


def _parser() -> argparse.ArgumentParser:
    def names(text: str) -> list[str]:
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path, help="a folder of cross-validated weights")
    parser.add_argument(
        "--ways", type=names, default=["html", "text"], help="in which pages come: see extract_truth.py"
    )
    parser.add_argument("--systems", type=names, default=[], help="by default all that are installed")
    parser.add_argument("--sets", type=names, default=[])
    parser.add_argument("--limit", type=int, default=0, help="pages, drawn by lot")
    parser.add_argument("--against", default="trafilatura", help="the system that others are compared with")
    parser.add_argument("--seconds", type=int, default=60, help="that a page may take")
    parser.add_argument("--out", type=Path, help="a file for the scores of every page, one JSON object a line")
    return parser


def _weights_line(asked: argparse.Namespace) -> str:
    if asked.weights:
        return f"pagemill: each page by weights of {asked.weights.name} that saw no page of its domain"
    return "pagemill: IN-SAMPLE. The package's weights were learned from such pages: its figures flatter it"


def _names(asked: argparse.Namespace, way: str) -> list[str]:
    every = [name for name in OWN if way == "html" or name != "blocks"] + list(peers(way))
    absent = missing(way)
    if absent:
        print(f"\nnot installed: {', '.join(absent)}")
    if unknown := set(asked.systems).difference(every, absent):
        print(f"\nunknown here: {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    return [name for name in every if name in asked.systems or (not asked.systems and name not in ON_WISH)]


def _print_way(way: str, runs: Mapping[str, Run], asked: argparse.Namespace) -> None:
    groups = {name: by_group(run.scores) for name, run in runs.items()}
    for group in next(iter(groups.values()), {}):
        yardstick = groups.get(asked.against, {}).get(group)
        print(f"\n{way}, {group}: {len(next(iter(groups.values()))[group])} pages")
        print(f"{'':18}{'P':>7}{'R':>7}{'F1':>7}  {'95 %':16}  {'above ' + asked.against:27}{'< .5':>6}{'empty':>6}")
        for name, found in groups.items():
            print(f"{name:18}{text_row(found[group], None if name == asked.against else yardstick)}")
    _print_costs(way, runs, asked.against)
    if way == "html":
        print(f"\nmetadata, the share that is right\n{'':18}{''.join(field.rjust(20) for field in ALL_FIELDS)}")
        for name, run in runs.items():
            fields = ("title", "authors", "day", "language") if name in OWN[:3] else FIELDS.get(name)
            if fields:
                print(f"{name:18}{field_row(run.scores, fields)}")


def _write(out: Path, way: str, name: str, run: Run) -> None:
    with out.open("ab") as file:
        for one in run.scores:
            file.write(msgspec.json.encode({"way": way, "system": name, **msgspec.structs.asdict(one)}) + b"\n")


def _print_costs(way: str, runs: Mapping[str, Run], against: str) -> None:
    titles = ("median", "mean", "95 %", "most", f"x {against}", "MB before", "MB peak")
    print(f"\n{way}, CPU ms a page, and memory\n{'':18}{''.join(title.rjust(14) for title in titles)}  lost")
    yardstick = statistics.fmean(one.ms for one in runs[against].scores) if against in runs else 0.0
    for name, run in runs.items():
        ms = sorted(one.ms for one in run.scores)
        mean = statistics.fmean(ms)
        cells = (statistics.median(ms), mean, ms[int(0.95 * (len(ms) - 1))], ms[-1])
        ratio = f"{mean / yardstick:14.3f}" if yardstick else " " * 14
        told = "".join(f"{cell:14.1f}" for cell in cells) + ratio + f"{run.before:14.0f}{run.peak:14.0f}"
        print(f"{name:18}{told}  {', '.join(f'{count} {error}' for error, count in run.errors.items())}")
        if run.asked == 0:
            print(f"{'':18}the pipeline asked for no weights of a fold: these figures are in-sample")


if __name__ == "__main__":
    main()
