"""Spans on their way to a collector: in batches, from a thread of their own, and never at the mill's cost.

Where they go is said by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT and the like).
"""

import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

LAST_SECONDS = 1.0
"""What the end waits for the last spans, at most: a tenth of a claim."""

EVERY_MS = 1_000
"""Spans are sent so often: the SDK's 5 s are half of a claim."""

log = structlog.get_logger("pagemill.tracing")


class Export:
    """A tracer whose spans are sent from this process. Make one after a fork, never before: a thread comes with it."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it tells of every attempt; we of the first
        self._exporter = Patient(exporter or OTLPSpanExporter())
        every = None if "OTEL_BSP_SCHEDULE_DELAY" in os.environ else EVERY_MS
        self._processor = BatchSpanProcessor(self._exporter, schedule_delay_millis=every)
        self.provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self.provider.add_span_processor(self._processor)
        self.tracer = self.provider.get_tracer("pagemill", version("pagemill"))

    def close(self) -> None:
        """Send what is left, within LAST_SECONDS; not at all to a collector that does not answer."""
        if not self._exporter.answers:
            return
        thread = threading.Thread(target=self._processor.shutdown, name="last spans", daemon=True)
        thread.start()
        thread.join(LAST_SECONDS)


class Patient(SpanExporter):
    """An exporter that is watched: whether it gets through, so that nobody waits for one that does not."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._began: float | None = None
        self._failed = False

    @property
    def answers(self) -> bool:
        """Whether the last spans went through, and those under way have not taken long."""
        began = self._began
        return not self._failed and (began is None or time.monotonic() - began < LAST_SECONDS)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them; a failure is told once."""
        self._began = time.monotonic()
        try:
            result = self._exporter.export(spans)
        finally:
            self._began = None
        if result is not SpanExportResult.SUCCESS and not self._failed:
            log.warning("spans_lost", spans=len(spans), reason="the collector does not take them")
        self._failed = result is not SpanExportResult.SUCCESS
        return result

    def shutdown(self) -> None:
        """The exporter's."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """The exporter's."""
        return self._exporter.force_flush(timeout_millis)


@contextmanager
def exporting() -> Iterator[None]:
    """Send all spans of this process while it lasts."""
    export = Export()
    trace.set_tracer_provider(export.provider)
    try:
        yield
    finally:
        export.close()


def _resource() -> Resource:
    """OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win."""
    return Resource({SERVICE_NAME: "pagemill", "service.version": version("pagemill")}).merge(Resource.create())
