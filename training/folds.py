"""Cross-validation: in which fold a page is, and the weights of each fold, kept for the benchmarks."""

import zlib
from pathlib import Path


def fold_of(domain: str, folds: int) -> int:
    """The fold of a registrable domain: all of its pages are in one."""
    return zlib.crc32(domain.encode()) % folds


def fold_file(folder: Path, net: str, fold: int, folds: int) -> Path:
    """Where the weights of `net` ("blocks" or "lines") lie that saw no domain of this fold."""
    return folder / f"{net}-{fold}-of-{folds}.npz"


def keep_fold(file: Path, packed: bytes) -> None:
    """Write the weights of a fold."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(packed)
