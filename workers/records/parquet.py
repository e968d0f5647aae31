"""Records as a Parquet file: one row group a batch, a column a field; needs pyarrow, an extra."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from pagemill.errors import PagemillError
from pagemill.record import Record
from workers.records.outputs import whole_file
from workers.records.sinks import end_file

_JSON = ("meta",)  # of any shape: as JSON


class ParquetSink:
    """A Parquet file that appears when it is complete: until its footer is written nobody could read it.

    Raises PagemillError when pyarrow is missing, or there is such a file already: none can be added to.
    """

    def __init__(self, path: Path) -> None:
        try:
            arrow = import_module("pyarrow")
            parquet = import_module("pyarrow.parquet")
        except ImportError:
            msg = "Parquet needs pyarrow: pip install 'pagemill[parquet]'"
            raise PagemillError(msg) from None
        if path.exists():
            msg = f"{path}: exists, and a Parquet file cannot be added to: name another"
            raise PagemillError(msg)
        self._arrow = arrow
        self._schema = _schema(arrow)
        self._context = whole_file(str(path))
        self._file = self._context.__enter__()
        self._writer = parquet.ParquetWriter(self._file, self._schema, compression="zstd")

    def write(self, bodies: Sequence[bytes]) -> None:
        """A row group."""
        try:
            rows = [_row(msgspec.json.decode(body, type=Record)) for body in bodies]
        except msgspec.DecodeError as error:
            msg = f"a record is of another release, or none: {error}"
            raise PagemillError(msg) from None
        self._writer.write_table(self._arrow.Table.from_pylist(rows, schema=self._schema))

    def keep(self) -> None:
        """Nothing is safe before the end."""

    def close(self, *, complete: bool) -> None:
        """Write the footer and give the file its name, or drop it."""
        self._writer.close()
        end_file(self._context, complete=complete)


def _schema(arrow: Any) -> Any:
    """From the record's own fields, so that none is forgotten."""
    text, texts = arrow.string(), arrow.list_(arrow.string())
    special = {
        "version": arrow.int32(),
        "schema_version": arrow.int32(),
        "authors": texts,
        "tags": texts,
        "warnings": texts,
        "estimated_change": arrow.struct([("added", arrow.float64()), ("removed", arrow.float64())]),
        "extraction": arrow.struct(
            [
                ("method", text),
                ("confidence", arrow.float64()),
                ("removed", arrow.map_(text, arrow.int64())),
                ("profile", text),
            ]
        ),
    }
    moment = arrow.timestamp("us", tz="UTC")
    fields = msgspec.structs.fields(Record)
    return arrow.schema(
        [(field.name, special.get(field.name) or (moment if _is_moment(field.type) else text)) for field in fields]
    )


def _is_moment(kind: Any) -> bool:
    return kind is datetime or datetime in getattr(kind, "__args__", ())


def _row(record: Record) -> Mapping[str, Any]:
    row = msgspec.structs.asdict(record)
    row["extraction"] = msgspec.structs.asdict(record.extraction)
    row["extraction"]["removed"] = list(record.extraction.removed.items())
    row["estimated_change"] = record.estimated_change and msgspec.structs.asdict(record.estimated_change)
    for name in _JSON:
        row[name] = msgspec.json.encode(row[name]).decode()
    return row
