"""What the commands that learn are asked."""

import argparse
from pathlib import Path

from training.pages import COPYLEFT


def parser_of(description: str | None, *, epochs: int) -> argparse.ArgumentParser:
    """What both commands that learn are asked."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", type=Path, help="a folder of sets, each with truth.jsonl.gz and pages")
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder for the weights of each fold: the benchmarks take them")
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--cache", type=Path, help="a file for the pages read; remove it when the code that reads changes"
    )
    parser.add_argument("--copyleft", action="store_true", help=f"learn from {', '.join(COPYLEFT)} too")
    return parser
