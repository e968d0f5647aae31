"""Rows of a Parquet file, batch by batch; needs pyarrow, an extra."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pagemill.errors import PagemillError

MAGIC = b"PAR1"
_ROWS = 128  # at once


def is_parquet(path: Path) -> bool:
    """Whether the file begins as one, whatever its name; no pipe does, of which nothing may be lost. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def read_parquet(path: Path, wanted: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """A mapping for each row, of those `wanted` columns that there are; times to the microsecond.

    Raises OSError, and PagemillError when pyarrow is missing or the file is broken.
    """
    try:
        arrow = import_module("pyarrow")
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        msg = "Parquet needs pyarrow: pip install 'pagemill[parquet]'"
        raise PagemillError(msg) from None
    number = 0
    try:
        with parquet.ParquetFile(path, pre_buffer=False) as file:
            columns = [name for name in wanted if name in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
                for row in _whole(arrow, batch).to_pylist():
                    number += 1
                    yield row
    except (arrow.ArrowException, ValueError, OverflowError) as error:
        msg = f"is Parquet, and broken behind row {number}: {str(error).splitlines()[0][:200]}"
        raise PagemillError(msg) from None


def _whole(arrow: Any, batch: Any) -> Any:
    """Times in microseconds: Python has no finer ones."""
    for at, field in enumerate(batch.schema):
        if arrow.types.is_timestamp(field.type):
            micro = batch.column(at).cast(arrow.timestamp("us", tz=field.type.tz), safe=False)
            batch = batch.set_column(at, field.name, micro)
    return batch
