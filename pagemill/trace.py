"""The trace that a page belongs to, on its way from producer to consumer: W3C's traceparent.

https://www.w3.org/TR/trace-context/#traceparent-header
"""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from pagemill.errors import SettingsError

FIELD = "traceparent"
"""Its name among the fields of a page's entry and of a record's."""

_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_LENGTH = 55


def read_traceparent(fields: Mapping[Any, Any]) -> str | None:
    """The traceparent in an entry's fields; None where there is none, or what stands there is none.

    A page is not worse for it: as the standard wants, whoever cannot read it begins a trace of their own.
    """
    told = fields.get(b"traceparent", fields.get(FIELD))
    if told is None or len(told) != _LENGTH:
        return None
    text = told.decode("ascii", "replace") if isinstance(told, bytes) else told
    return text if _FORM.fullmatch(text) else None


def check_installed(*, sending: bool) -> None:
    """Raise SettingsError where OpenTelemetry is not installed; `sending`: its SDK and exporter too."""
    needed = ["opentelemetry", *(["opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"] if sending else [])]
    for name in needed:
        if not _is_there(name):
            msg = f"tracing: needs {name}, which is not installed: pip install 'pagemill[otel]', or leave tracing off"
            raise SettingsError(msg)


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of a package around it
        return False
