"""A producer's spans: one for each page that is made, one for each chunk that is sent.

By OpenTelemetry's conventions for messaging (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/),
through whatever tracer provider the program has set up. Only imported by a producer that traces.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanContext, SpanKind

from pagemill.trace import FIELD, read_traceparent


class Sending:
    """Makes spans, and the `traceparent` that travels in a page's entry."""

    def __init__(self) -> None:
        self._tracer = trace.get_tracer("pagemill", version("pagemill"))

    def create(self, stream: str) -> dict[str, str]:
        """The field for a page that goes to `stream`; none where the program traces nothing.

        Its span is a child of whatever span the caller is in.
        """
        with self._tracer.start_as_current_span(
            f"create {stream}", kind=SpanKind.PRODUCER, attributes=attributes(stream, "create", "create")
        ) as span:
            return {FIELD: traceparent(span)} if span.get_span_context().is_valid else {}

    @contextmanager
    def send(self, stream: str, entries: Sequence[Mapping[str, bytes | str]]) -> Iterator[None]:
        """A span around the sending of these entries, linked to the pages' own."""
        links = [Link(context) for entry in entries if (context := creation_context(entry))]
        told = attributes(stream, "send", "send") | {"messaging.batch.message_count": len(entries)}
        with self._tracer.start_as_current_span(f"send {stream}", kind=SpanKind.CLIENT, attributes=told, links=links):
            yield


def attributes(stream: str, operation: str, name: str) -> dict[str, str | int]:
    """What every span tells of itself. `operation`: one of the conventions' types."""
    return {
        "messaging.system": "redis",
        "messaging.destination.name": stream,
        "messaging.operation.type": operation,
        "messaging.operation.name": name,
    }


def traceparent(span: Span) -> str:
    """The span as others refer to it."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def creation_context(fields: Mapping[Any, Any]) -> SpanContext | None:
    """The span that made the page of an entry; None where it tells of none."""
    told = read_traceparent(fields)
    if told is None:
        return None
    _, trace_id, span_id, flags = told.split("-")
    flag = trace.TraceFlags(int(flags, 16))
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=flag)
