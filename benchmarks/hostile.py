"""What hostile pages cost: each goes through `process` in a child of its own, under limits of CPU and memory.

    python benchmarks/hostile.py                       # the cases of hostile_pages.py at 1 MB, some minutes
    python benchmarks/hostile.py --mb 10 --only many_  # some of them at the body's limit
    python benchmarks/hostile.py --mb 0 CORPUS...      # all files below folders: plain, .gz, .zip, and .jsonl of cases

Printed: the share of pages that are settled within 2 s of CPU and 512 MB, the share of drafts among those that hold
text, every outcome's count, and the worst. Memory is the peak of the whole child, interpreter and libraries included.
"""

import argparse
import gzip
import json
import os
import re
import resource
import signal
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec
from hostile_pages import CASES, SENTENCES, WITHOUT_TEXT, content_type, make

from pagemill import RawPage
from pagemill.limits import DEFAULT_LIMITS
from pipeline import Draft, process, warm_up

MEMORY = 4 << 30
GOOD_SECONDS = 2.0
GOOD_MB = 512
ENOUGH_WORDS = 30
_UNSEEN = re.compile(
    rb"<!--.*?(?:-->|$)|<(script|style|template|title)\b.*?(?:</\1|$)|<[a-z/!?][^>]*>?", re.IGNORECASE | re.DOTALL
)


class Case(msgspec.Struct, frozen=True):
    """A page to try. `body` makes it, in the child; `holds_text` is None where that is to be guessed."""

    name: str
    body: Callable[[], bytes]
    content_type: str | None = None
    holds_text: bool | None = None


class Result(msgspec.Struct, kw_only=True):
    """What became of a page: `outcome` is draft, the reason of a refusal, raised:NAME or killed:SIGNAL."""

    name: str = ""
    outcome: str
    cpu: float = 0.0
    mb: float = 0.0
    bytes: int = 0
    holds_text: bool = False
    whole: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether it stayed within the bounds that the mill promises, without a death."""
        alive = not self.outcome.startswith(("killed", "raised"))
        return alive and self.cpu <= GOOD_SECONDS and self.mb <= GOOD_MB


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--mb", default="1", help="sizes of the made pages in MB, with commas; 0 for none of them")
    parser.add_argument("--only", default="", help="a regular expression that a page's name must match")
    parser.add_argument("--cpu", type=int, default=30, help="seconds of CPU after which a page is killed")
    parser.add_argument("--worst", type=int, default=10, help="how many of the slowest to show")
    parser.add_argument("--json", type=Path, help="a file for all results, one a line")
    asked = parser.parse_args()
    warm_up()
    cases = [
        *_made([float(size) for size in asked.mb.split(",")]),
        *(c for folder in asked.folders for c in _found(folder)),
    ]
    results = []
    with asked.json.open("wb") if asked.json else nullcontext() as lines:
        for case in cases:
            if re.search(asked.only, case.name):
                results.append(_try(case, asked.cpu))
                if lines:
                    lines.write(msgspec.json.encode(results[-1]) + b"\n")
                    lines.flush()
    _report(results, asked.worst)


def _made(sizes: list[float]) -> Iterator[Case]:
    for size in filter(None, sizes):
        length = min(int(size * 1_000_000), DEFAULT_LIMITS.max_body - 5_000)
        for name in CASES:
            yield Case(
                f"{name} {size:g} MB",
                lambda name=name, length=length: make(name, length),
                content_type(name),
                name not in WITHOUT_TEXT,
            )


def _found(folder: Path) -> Iterator[Case]:
    """The pages in a folder's files. What a compressed file holds is cut behind the body's limit."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    yield Case(f"{name}/{member}", lambda path=path, member=member: _member(path, member))
        elif path.name.endswith((".jsonl", ".jsonl.gz")):
            for number, line in enumerate(_bytes_of(path).splitlines()):
                yield Case(f"{name}:{number + 1}", lambda line=line: _case_of(line), "text/html")
        elif path.is_file():
            yield Case(name, lambda path=path: _bytes_of(path))


def _bytes_of(path: Path) -> bytes:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return file.read(DEFAULT_LIMITS.max_body + 1)


def _member(path: Path, member: str) -> bytes:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        return file.read(DEFAULT_LIMITS.max_body + 1)


def _case_of(line: bytes) -> bytes:
    """The input of a parser's test case: its `data` or `input`, else the line."""
    case = json.loads(line)
    text = next((case[key] for key in ("data", "input", "body") if isinstance(case.get(key), str)), None)
    return line if text is None else text.encode("utf-8", "surrogatepass")


def _try(case: Case, cpu: int) -> Result:
    """`case` in a child process; what it reports, or how it died."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(writing, msgspec.json.encode(_settle(case)))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123 - a descriptor
        report = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    if report:
        result = msgspec.json.decode(report, type=Result)
    else:
        result = Result(
            outcome=f"killed:{signal.Signals(os.WTERMSIG(status)).name}", cpu=usage.ru_utime + usage.ru_stime
        )
    result.name, result.mb = case.name, usage.ru_maxrss / 1024
    if sys.stderr.isatty():
        print(f"\r{result.name[:70]:70} {result.cpu:6.2f} s {result.outcome[:20]:20}", end="", file=sys.stderr)
    return result


def _settle(case: Case) -> Result:
    body = case.body()
    holds_text = _holds_text(body) if case.holds_text is None else case.holds_text
    page = RawPage(url="https://mill.example/a/diary", body=body, content_type=case.content_type)
    began = time.process_time()
    try:
        answer = process(page)
        msgspec.json.encode(answer)
    except Exception as error:  # noqa: BLE001 - to be reported, whatever it is
        outcome, answer = f"raised:{type(error).__name__}", None
    else:
        outcome = "draft" if isinstance(answer, Draft) else answer.reason.value
    cpu = time.process_time() - began
    draft = answer if isinstance(answer, Draft) else None
    whole = draft is not None and all(sentence in draft.text for sentence in SENTENCES)
    return Result(
        outcome=outcome,
        cpu=cpu,
        bytes=len(body),
        holds_text=holds_text,
        whole=whole,
        warnings=draft.warnings if draft else (),
    )


def _holds_text(body: bytes) -> bool:
    """Whether 30 words stand outside of tags in a page that begins like text or HTML: a guess, in one pass."""
    if body[:512].translate(None, bytes(range(9)) + bytes(range(14, 32))) != body[:512]:
        return False
    return len(re.findall(rb"[^\W\d_]{2,30}\b", _UNSEEN.sub(b" ", body[:2_000_000]))) >= ENOUGH_WORDS


def _report(results: list[Result], worst: int) -> None:
    print(f"\n{len(results)} pages; outcomes: {dict(Counter(result.outcome for result in results).most_common())}")
    if not results:
        return
    good = sum(result.settled for result in results)
    print(f"settled within {GOOD_SECONDS:g} s of CPU and {GOOD_MB} MB: {good} ({good / len(results):.2%})")
    texts = [result for result in results if result.holds_text]
    drafts = sum(result.outcome == "draft" for result in texts)
    whole = sum(result.whole for result in texts)
    if texts:
        print(
            f"hold text: {len(texts)}; drafts of them: {drafts} ({drafts / len(texts):.2%}); the whole article: {whole}"
        )
        lost = [f"{result.name} ({result.outcome})" for result in texts if result.outcome != "draft"]
        print("text, and no draft:", ", ".join(lost[:40]) or "none")
    print("most CPU:")
    for result in sorted(results, key=lambda result: -result.cpu)[:worst]:
        print(
            f"  {result.cpu:7.2f} s {result.mb:6.0f} MB  {result.outcome:12} {result.name}  {' '.join(result.warnings)}"
        )
    print("most memory:")
    for result in sorted(results, key=lambda result: -result.mb)[:worst]:
        print(f"  {result.mb:6.0f} MB {result.cpu:7.2f} s  {result.outcome:12} {result.name}")


if __name__ == "__main__":
    main()
