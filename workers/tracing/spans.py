"""A batch's spans, by OpenTelemetry's conventions for messaging: receive, process, settle.

`process` is a batch's own trace, linked to the span that made each of its pages; `receive` and each `settle` lie
below it. A page whose maker's trace is sampled has a span in that trace too, linked to the batch's.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    set_span_in_context,
)

from pagemill.keys import GROUP, Keys
from pagemill.sending import attributes, creation_context
from workers.masking import masked
from workers.store.contract import Settled, Settlement, Taken

_NS = 1_000_000_000


class Spans:
    """A Trace that makes spans. `close`: what sends the last of them."""

    def __init__(self, tracer: Tracer, keys: Keys, consumer: str, close: Callable[[], None]) -> None:
        self._tracer = tracer
        self._keys = keys
        self._consumer = consumer
        self._close = close
        self._batch: Span | None = None
        self._stream = ""
        self._asked = 0
        self._outcomes: Counter[str] = Counter()

    def asking(self) -> None:
        """Remember when: of what brings pages, a span is made."""
        self._asked = time.time_ns()

    def batch(self, pages: Sequence[Taken]) -> None:
        """A trace of its own for the batch, with a link to each page's maker."""
        self._end_batch()
        now = time.time_ns()
        self._stream = self._keys.pages(pages[0].queue)
        links = [
            Link(context, {"messaging.message.id": page.entry})
            for page in pages
            if (context := creation_context(page.fields))
        ]
        self._batch = self._tracer.start_span(
            f"process {self._stream}",
            context=Context(),
            kind=SpanKind.CONSUMER,
            attributes=self._told("process", "process") | {"messaging.batch.message_count": len(pages)},
            links=links,
            start_time=self._asked or now,
        )
        if self._asked:  # a claim's first batch was taken by its worker
            self._stage("receive", self._asked, now, {"messaging.batch.message_count": len(pages)})
        self._asked = 0

    def page(self, taken: Taken, settlement: Settlement, seconds: float) -> None:
        """A span in the trace of the page's maker, where that is sampled."""
        made_by = creation_context(taken.fields)
        if made_by is None or not made_by.trace_flags.sampled or self._batch is None:
            return
        now = time.time_ns()
        span = self._tracer.start_span(
            f"mill {self._stream}",
            context=set_span_in_context(NonRecordingSpan(made_by), Context()),
            kind=SpanKind.CONSUMER,
            attributes=self._told("process", "mill") | _of_page(taken, settlement),
            links=[Link(self._batch.get_span_context())],
            start_time=now - int(seconds * _NS),
        )
        if settlement.verdict == "dead":
            span.set_status(Status(StatusCode.ERROR, str(settlement.reason)))
            span.set_attribute("error.type", str(settlement.reason))
        span.end(now)

    def settled(self, answers: Sequence[Settled], seconds: float) -> None:
        """A span of the commit, with the outcomes."""
        if not answers:
            return
        outcomes = Counter(str(one.outcome) for one in answers)
        self._outcomes += outcomes
        now = time.time_ns()
        told = {"messaging.batch.message_count": len(answers)} | _counted(outcomes)
        self._stage("settle", now - int(seconds * _NS), now, told)

    def close(self) -> None:
        """End the batch, and send what is left."""
        self._end_batch()
        self._close()

    def _stage(self, operation: str, began: int, ended: int, told: dict[str, str | int]) -> None:
        if self._batch is None:
            return
        span = self._tracer.start_span(
            f"{operation} {self._stream}",
            context=set_span_in_context(self._batch, Context()),
            kind=SpanKind.CLIENT,
            attributes=self._told(operation, operation) | told,
            start_time=began,
        )
        span.end(ended)

    def _end_batch(self) -> None:
        if self._batch is not None:
            self._batch.set_attributes(_counted(self._outcomes))
            self._batch.end()
        self._batch = None
        self._outcomes.clear()

    def _told(self, operation: str, name: str) -> dict[str, str | int]:
        told = attributes(self._stream, operation, name)
        return told | {"messaging.consumer.group.name": GROUP, "messaging.client.id": self._consumer}


def _of_page(taken: Taken, settlement: Settlement) -> dict[str, str | int]:
    return {
        "messaging.message.id": taken.entry,
        "url.full": masked(settlement.url),
        "pagemill.page.id": settlement.id,
        "pagemill.verdict": settlement.verdict,
        "pagemill.reason": str(settlement.reason),
    }


def _counted(outcomes: Counter[str]) -> dict[str, str | int]:
    return {f"pagemill.outcome.{outcome}": count for outcome, count in outcomes.items()}
