"""The long form of the fuzzing: hours, not seconds. `python tests/fuzz/run.py --minutes 60 --findings FOLDER`.

Each target has its share of the time, in a process of its own, that starts from the example pages and mutates them
(mutate.py). With atheris installed (pip install atheris) what reaches new code is kept and mutated further; without it
every mutation starts from the examples. An assertion, an exception, or more than 2 s of CPU is a finding: its input is
written to FOLDER, named by target and by what was raised where, once. Fixed findings belong into tests/fuzz/findings,
where the suite tries each with every target.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from hashlib import blake2b
from itertools import cycle
from pathlib import Path
from random import Random

from mutate import MOST, mutate

HERE = Path(__file__).parent
PAGES = HERE.parents[1] / "examples" / "pages"
SLOW = 2.0  # seconds of CPU
HUNG = 30
MEMORY = 2 << 30


def main() -> None:
    """Fuzz the targets asked for, one after the other; print what each did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="for all targets together")
    parser.add_argument("--targets", default="", help="names, with commas; all by default")
    parser.add_argument("--findings", type=Path, default=Path("findings"), help="the folder for inputs that fail")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.findings.mkdir(parents=True, exist_ok=True)
    if asked.child:
        _fuzz(asked.child, asked.findings, asked.minutes * 60, asked.seed)
        return
    from targets import TARGETS  # noqa: PLC0415 - a child imports it under atheris's eyes

    names = asked.targets.split(",") if asked.targets else list(TARGETS)
    for name in names:
        _run_child(name, asked, 60 * asked.minutes / len(names))


def seeds() -> list[bytes]:
    """What mutations start from: the example pages, inputs of other kinds, and the findings of old."""
    paths = [*sorted(PAGES.iterdir()), *sorted((HERE / "seeds").iterdir()), *sorted((HERE / "findings").glob("*"))]
    return [path.read_bytes()[:MOST] for path in paths if path.is_file()]


def _run_child(name: str, asked: argparse.Namespace, seconds: float) -> None:
    """One target for `seconds`; a child that died (a crash or a hang is a finding as well) is started again."""
    end = time.monotonic() + seconds
    for seed in range(asked.seed, asked.seed + 1_000):
        left = end - time.monotonic()
        if left < 1:
            return
        command = [sys.executable, __file__, "--child", name, "--minutes", str(left / 60), "--seed", str(seed)]
        done = subprocess.run([*command, "--findings", str(asked.findings)], check=False, stderr=subprocess.PIPE)
        if done.returncode == 0:
            return
        print(  # noqa: T201 - a script
            f"{name}: the child ended with {done.returncode}: {done.stderr[-2_000:].decode(errors='replace')}",
            flush=True,
        )


def _fuzz(name: str, findings: Path, seconds: float, seed: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        import atheris  # noqa: PLC0415 - optional
    except ImportError:
        atheris = None
    if atheris is not None:
        with atheris.instrument_imports(include=["pagemill", "pipeline", "workers"]):
            from targets import TARGETS  # noqa: PLC0415
    else:
        from targets import TARGETS  # noqa: PLC0415
    watched = _Watched(name, TARGETS[name], findings, time.monotonic() + seconds)
    if atheris is None:
        _mutate_on(watched, seed)
    else:
        _mutate_by_coverage(atheris, watched, seconds, seed)


class _Watched:
    """A target that notes what goes wrong, and goes on."""

    def __init__(self, name: str, target: Callable[[bytes], None], findings: Path, end: float) -> None:
        self.name = name
        self.target = target
        self.findings = findings
        self.end = end
        self.runs = 0
        self.found: set[str] = set()

    def __call__(self, fuzz: bytes) -> None:
        self.runs += 1
        last = self.findings / f"last-{self.name}"  # what a crash or a hang leaves behind
        last.write_bytes(fuzz)
        began = time.process_time()
        try:
            self.target(fuzz)
        except MemoryError:
            self._note("memory", "", fuzz)
        except Exception as error:  # noqa: BLE001 - to be told, whatever it is
            frames = traceback.extract_tb(error.__traceback__)
            self._note(
                f"{type(error).__name__}-{Path(frames[-1].filename).stem}-{frames[-1].lineno}",
                traceback.format_exc(),
                fuzz,
            )
        if time.process_time() - began > SLOW:
            self._note(f"slow-{blake2b(fuzz, digest_size=2).hexdigest()}", "", fuzz)

    def _note(self, what: str, why: str, fuzz: bytes) -> None:
        if what not in self.found:
            self.found.add(what)
            (self.findings / f"{self.name}-{what}").write_bytes(fuzz)
            (self.findings / f"{self.name}-{what}.txt").write_text(why, errors="backslashreplace")

    def tell(self) -> None:
        """Print what was done, as one line of JSON."""
        line = json.dumps({"target": self.name, "executions": self.runs, "findings": sorted(self.found)})
        print(line, flush=True)  # noqa: T201 - a script


def _mutate_on(watched: _Watched, seed: int) -> None:
    dice, starts = Random(seed), seeds()
    for start in cycle(starts):
        if time.monotonic() > watched.end:
            break
        watched(mutate(start, dice, starts))
    watched.tell()


def _mutate_by_coverage(atheris: object, watched: _Watched, seconds: float, seed: int) -> None:
    starts = seeds()
    corpus = watched.findings / f"corpus-{watched.name}"
    corpus.mkdir(exist_ok=True)
    for number, start in enumerate(starts):
        (corpus / f"seed-{number}").write_bytes(start)

    def once(fuzz: bytes) -> None:
        watched(fuzz)
        if time.monotonic() > watched.end:
            watched.tell()
            os._exit(0)

    def custom(fuzz: bytes, most: int, dice: int) -> bytes:
        random = Random(dice)
        return mutate(fuzz, random, starts, most) if random.random() < 0.7 else atheris.Mutate(fuzz, most)  # type: ignore[attr-defined]

    options = [
        f"-max_len={MOST}",
        f"-timeout={HUNG}",
        f"-seed={seed % 2**31}",
        f"-max_total_time={int(seconds) + 60}",
        "-rss_limit_mb=0",
    ]
    artifacts = [f"-artifact_prefix={watched.findings}/{watched.name}-died-"]
    atheris.Setup([sys.argv[0], *options, *artifacts, "-verbosity=0", str(corpus)], once, custom_mutator=custom)  # type: ignore[attr-defined]
    atheris.Fuzz()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
