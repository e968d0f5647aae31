"""Main text measured against true text, side by side in one run: `extract.py DATA [--systems blocks,trafilatura]`.

DATA holds sets of pages, each a folder with `truth.jsonl.gz` (a JSON object a line: `html`, the page's file; `text`;
`url`, `page_type`) and the files, gzipped. Prints precision, recall and F1 of the words, a page each, with the 95 %
bootstrap interval of F1, by set and page type; CPU a page from bytes to text, pages that gave nothing, and errors.
"""

import argparse
import gzip
import importlib.util
import json
import random
import re
import resource
import statistics
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from pagemill import RawPage
from pipeline.decoding.decode import Decoded, decode
from pipeline.markup.parse import Parsed, parse

EACH = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"  # a word a character
WORD = re.compile(f"[{EACH}]|[^\\W{EACH}]+")
System = Callable[[RawPage], str]


class Scored(msgspec.Struct):
    """One page by one system: precision, recall, F1, milliseconds of CPU; the groups that it counts in."""

    precision: float
    recall: float
    f1: float
    ms: float
    empty: bool
    failed: bool
    groups: tuple[str, ...]


def main() -> None:
    """Score the systems asked for, and print a table of each."""
    asked = _parser().parse_args()
    rows = list(_truths(asked.data, asked.sets))
    if asked.limit < len(rows):
        rows = random.Random(1).sample(rows, asked.limit)
    pages = [(row, RawPage(url=row.get("url") or "https://example.org/", body=_body(row))) for row in rows]
    for name in asked.systems:
        if name not in SYSTEMS:
            print(f"{name}: not installed")
            continue
        run = SYSTEMS[name]()
        for _, page in pages[:5]:
            run(page)  # word lists and weights are read
        print(f"\n{name}\n{_report([_score(run, row, page) for row, page in pages])}", flush=True)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, all pages held")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument(
        "--systems", type=lambda names: names.split(","), default=["blocks", "trafilatura", "resiliparse"]
    )
    parser.add_argument("--sets", type=lambda names: names.split(","), default=[])
    parser.add_argument("--limit", type=int, default=1_000_000, help="pages, drawn by lot")
    return parser


def _truths(folder: Path, sets: Sequence[str]) -> Iterator[dict[str, str]]:
    for path in sorted(folder.glob("*/truth.jsonl.gz")):
        if sets and path.parent.name not in sets:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if row.get("text"):
                    yield {**row, "set": path.parent.name, "path": str(path.parent / row["html"])}


def _body(row: Mapping[str, str]) -> bytes:
    with gzip.open(row["path"]) as file:
        return file.read()


def _score(run: System, row: Mapping[str, str], page: RawPage) -> Scored:
    began = time.process_time()
    failed = False
    try:
        text = run(page)
    except Exception:  # noqa: BLE001 (a peer's error is a page lost, and counted)
        text, failed = "", True
    ms = 1000 * (time.process_time() - began)
    true, found = words_in(row["text"]), words_in(text)
    common = sum((Counter(true) & Counter(found)).values())
    kind = row.get("page_type") or "article"
    return Scored(
        precision=common / len(found) if found else 0.0,
        recall=common / max(len(true), 1),
        f1=2 * common / max(len(true) + len(found), 1),
        ms=ms,
        empty=not found,
        failed=failed,
        groups=("all", f"set {row['set']}", f"type {kind}", "articles" if kind == "article" else "other types"),
    )


def words_in(text: str) -> list[str]:
    """The words of a text in lower case; a character of a script without blanks is a word."""
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


def _report(scores: Sequence[Scored]) -> str:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for score in scores:
        for group in score.groups:
            groups[group].append(score)
    lines = [f"{'pages':26}{'n':>6}{'P':>8}{'R':>8}{'F1':>8}   {'95 %':18}{'< .5':>7}{'empty':>7}"]
    for group, rows in sorted(groups.items()):
        low, high = _interval([row.f1 for row in rows])
        means = [statistics.fmean(getattr(row, field) for row in rows) for field in ("precision", "recall", "f1")]
        lost = statistics.fmean(row.f1 < 0.5 for row in rows)
        columns = "".join(f"{mean:8.4f}" for mean in means)
        empty = sum(row.empty for row in rows)
        lines.append(f"{group:26}{len(rows):6}{columns}   {low:.4f} to {high:.4f}  {lost:7.3f}{empty:7}")
    ms = sorted(score.ms for score in scores)
    p95 = ms[min(len(ms) - 1, int(0.95 * len(ms)))]
    lines.append(f"CPU ms a page: median {statistics.median(ms):.1f}, mean {statistics.fmean(ms):.1f}, 95 % {p95:.1f}")
    lines.append(f"errors: {sum(score.failed for score in scores)}")
    return "\n".join(lines)


def _interval(values: Sequence[float], rounds: int = 1_000) -> tuple[float, float]:
    dice = random.Random(7)
    means = sorted(statistics.fmean(dice.choices(values, k=len(values))) for _ in range(rounds))
    return means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1]


def _tree(page: RawPage) -> Parsed | None:
    decoded = decode(page)
    return parse(decoded.text) if isinstance(decoded, Decoded) else None


def _blocks() -> System:
    from pipeline.blocks.extract import extract_blocks

    return lambda page: extract_blocks(parsed.tree).text if (parsed := _tree(page)) else ""


def _parse_only() -> System:
    """What all on lxml pay before they begin; finds no text."""

    def run(page: RawPage) -> str:
        _tree(page)
        return ""

    return run


def _pipeline() -> System:
    """The whole pipeline as it is set by default, metadata and clean-up with it."""
    from pipeline import process

    return lambda page: getattr(process(page), "text", "")


def _trafilatura() -> System:
    import trafilatura

    return lambda page: trafilatura.extract(page.body, include_comments=False) or ""


def _resiliparse() -> System:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    def run(page: RawPage) -> str:
        text = bytes_to_str(page.body, detect_encoding(page.body))
        return str(extract_plain_text(text, main_content=True, list_bullets=False, alt_texts=False))

    return run


def _readability() -> System:
    from lxml.html import fromstring
    from readability import Document

    return lambda page: str(fromstring(Document(page.body).summary(html_partial=True)).text_content())


_PEERS = {"trafilatura": _trafilatura, "resiliparse": _resiliparse, "readability": _readability}
SYSTEMS: dict[str, Callable[[], System]] = {
    "blocks": _blocks,
    "parse": _parse_only,
    "pipeline": _pipeline,
    **{name: peer for name, peer in _PEERS.items() if importlib.util.find_spec(name)},
}


if __name__ == "__main__":
    main()
