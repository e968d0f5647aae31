"""What a worker's spans tell of a batch, on a real server: stages, outcomes, and whose pages they were."""

from collections import Counter, defaultdict
from threading import Event

import pytest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from structlog.testing import capture_logs

from workers.drain import Drain
from workers.horses.hand import Hand
from workers.settings import Settings
from workers.store.redis_store import RedisStore
from workers.tracing import exporting
from workers.tracing.exporting import Export

STREAM = "pagemill:pages:default"
MADE_BY = "00-0af7651916cd43dd8448eb211c80319c-{:016x}-01"
UNSAMPLED = "00-0af7651916cd43dd8448eb211c80319c-00000000000000aa-00"
TRACE = 0x0AF7651916CD43DD8448EB211C80319C


class Mill:
    """A drain on the tests' server, and the spans of it."""

    def __init__(self, client, **settings):
        self.settings = Settings(**{"tracing": True, "page_seconds": 3600, "claim_seconds": 60, **settings})
        self.client = client
        self.store = RedisStore(client, self.settings)
        self.store.open(["default"])
        self._pushed = 0

    def push(self, *traceparents, **fields):
        """Pages unlike all others, each with its traceparent or None."""
        for told in traceparents:
            self._pushed += 1
            text = " ".join(f"Wheel {i * self._pushed} of {self._pushed}." for i in range(9))
            page = {"url": f"https://mill.example/{self._pushed}", "body": f"<p>{text}</p>", **fields}
            self.client.xadd(self.settings.keys.pages("default"), page | ({"traceparent": told} if told else {}))

    def run(self, most=64):
        drain = Drain(self.store, self.settings, consumer="me", queues=["default"], hand=Hand(["default"]))
        return drain.run(self.store.take("me", ["default"], most), linger=False)


class Collector(InMemorySpanExporter):
    """Outlives the drains that send to it, as a collector does."""

    def shutdown(self):
        """Nothing."""


@pytest.fixture
def exporter(monkeypatch):
    """Where the spans go that drains export."""
    exporter = Collector()
    monkeypatch.setattr(exporting, "OTLPSpanExporter", lambda: exporter)
    return exporter


@pytest.fixture
def told(exporter):
    """Finished spans by their operation."""

    def by_operation():
        found = defaultdict(list)
        for span in exporter.get_finished_spans():
            found[span.attributes["messaging.operation.name"]].append(span)
        return found

    return by_operation


def test_a_batch_is_a_trace_of_its_own_with_its_stages_below(redis_client, told):
    """Process, of the kind consumer; below it the read that brought it and each commit, of the kind client."""
    mill = Mill(redis_client, batch_pages=2)
    mill.push(None, None, None, None)
    mill.run(most=2)
    first, second = told()["process"]
    assert {span.name for span in (first, second)} == {f"process {STREAM}"}
    assert first.parent is None
    assert first.context.trace_id != second.context.trace_id
    (receive,) = told()["receive"]  # the claim's first batch was taken by its worker
    settles = told()["settle"]
    assert receive.parent.span_id == second.context.span_id
    assert {span.parent.span_id for span in settles} == {first.context.span_id, second.context.span_id}
    assert {span.kind for span in (first, second)} == {SpanKind.CONSUMER}
    assert {span.kind for span in (receive, *settles)} == {SpanKind.CLIENT}
    assert second.start_time <= receive.start_time <= receive.end_time <= second.end_time


def test_spans_tell_what_the_conventions_ask_for(redis_client, told):
    """System, stream, operation, group, consumer, number of messages; and what became of them."""
    mill = Mill(redis_client)
    mill.push(None, None)
    mill.push(None, status="404")
    assert mill.run() == {"published": 2, "rejected": 1}
    (batch,) = told()["process"]
    shared = {
        "messaging.system": "redis",
        "messaging.destination.name": STREAM,
        "messaging.consumer.group.name": "mill",
        "messaging.client.id": "me",
    }
    counted = {
        "messaging.batch.message_count": 3,
        "pagemill.outcome.published": 2,
        "pagemill.outcome.rejected": 1,
    }
    process = {"messaging.operation.type": "process", "messaging.operation.name": "process"}
    assert dict(batch.attributes) == shared | counted | process
    settled = Counter()
    for span in told()["settle"]:  # more than one commit, where the machine is slow
        assert shared.items() <= dict(span.attributes).items()
        assert span.attributes["messaging.operation.type"] == "settle"
        settled.update({name: span.attributes.get(name, 0) for name in counted})
    assert settled == counted


def test_a_batch_is_linked_to_the_makers_of_its_pages(redis_client, told):
    """A link for each page that came with a trace, with the page's entry; hostile ones and missing ones are none."""
    mill = Mill(redis_client)
    mill.push(MADE_BY.format(7), None, UNSAMPLED, "00-" + "f" * 200, "\x1b[31m" * 11)
    mill.run()
    (batch,) = told()["process"]
    entries = [entry for entry in (link.attributes["messaging.message.id"] for link in batch.links) if "-" in entry]
    assert [(link.context.trace_id, link.context.span_id) for link in batch.links] == [(TRACE, 7), (TRACE, 0xAA)]
    assert len(set(entries)) == 2


def test_a_sampled_page_has_a_span_in_the_trace_of_its_maker(redis_client, told):
    """Below the maker's span, linked to the batch; a page that its maker did not sample has none."""
    mill = Mill(redis_client)
    mill.push(MADE_BY.format(7), None, UNSAMPLED)
    mill.run()
    (page,), (batch,) = told()["mill"], told()["process"]
    assert (page.context.trace_id, page.parent.span_id, page.kind) == (TRACE, 7, SpanKind.CONSUMER)
    assert [link.context.span_id for link in page.links] == [batch.context.span_id]
    assert page.attributes["url.full"] == "https://mill.example/1"
    assert page.attributes["pagemill.verdict"] == "draft"
    assert batch.start_time <= page.start_time < page.end_time <= batch.end_time


def test_a_page_that_needs_no_work_has_a_span_too(redis_client, told):
    """One whose bytes are known, one that is none, one that is too large: each in its maker's trace."""
    mill = Mill(redis_client, max_body=1_000)
    again = {"url": "https://mill.example/again", "body": "Wheels turn and stones grind, day and night. " * 4}
    mill.push(None, **again)
    mill.run()
    mill.push(MADE_BY.format(1), **again)
    mill.push(MADE_BY.format(2), url="none")
    mill.push(MADE_BY.format(3), body="x" * 2_000)
    assert mill.run() == {"duplicate": 1, "dead": 1, "rejected": 1}
    found = {span.parent.span_id: span.attributes["pagemill.verdict"] for span in told()["mill"]}
    assert found == {1: "same", 2: "dead", 3: "rejected"}


def test_a_page_that_dies_is_an_error_and_tells_no_password(redis_client, told, monkeypatch):
    """The reason is the span's error; a URL's password is not shown."""

    def fail(*_):
        raise ValueError

    monkeypatch.setattr("workers.milling.read_page", fail)
    mill = Mill(redis_client, strikes=1)
    mill.push(MADE_BY.format(7), url="https://user:secret@mill.example/1")
    assert mill.run() == {"dead": 1}
    (page,) = told()["mill"]
    assert (page.status.status_code, page.attributes["error.type"]) == (StatusCode.ERROR, "raised")
    assert "secret" not in str(page.attributes)


def test_the_environment_says_what_is_sampled_and_who_we_are(redis_client, exporter, monkeypatch):
    """OTEL_TRACES_SAMPLER and OTEL_SERVICE_NAME are obeyed."""
    mill = Mill(redis_client)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "night mill")
    mill.push(None)
    mill.run()
    assert {span.resource.attributes["service.name"] for span in exporter.get_finished_spans()} == {"night mill"}
    exporter.clear()
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    mill.push(MADE_BY.format(7))
    mill.run()
    assert exporter.get_finished_spans() == ()


def test_variables_that_opentelemetry_refuses_stop_no_mill(redis_client, exporter, monkeypatch):
    """The log says what is wrong with them, and pages are milled without a trace."""
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "0")
    mill = Mill(redis_client)
    mill.push(None)
    with capture_logs() as logs:
        assert mill.run() == {"published": 1}
    assert "tracing_failed" in [line["event"] for line in logs]
    assert exporter.get_finished_spans() == ()


class Deaf(SpanExporter):
    """A collector that takes a connection and answers nothing, or refuses at once."""

    def __init__(self, *, hangs):
        self.let_go = Event()
        self.asked = 0
        if not hangs:
            self.let_go.set()

    def export(self, _spans):
        self.asked += 1
        self.let_go.wait(60)
        return SpanExportResult.FAILURE

    def shutdown(self):
        pass


def test_a_collector_that_hangs_holds_nothing_up():
    """The end waits a moment for the last spans, however long the exporter takes."""
    collector = Deaf(hangs=True)
    export = Export(collector)
    export.tracer.start_span("one").end()
    export.close()
    assert not collector.let_go.is_set()  # the end did not wait for it
    collector.let_go.set()
    export.provider.shutdown()  # its thread ends within the test


def test_a_collector_that_refused_is_not_asked_again_at_the_end():
    """Whoever knows that nobody listens does not wait at all."""
    collector = Deaf(hangs=False)
    export = Export(collector)
    export.tracer.start_span("one").end()
    export.provider.force_flush()
    asked = collector.asked
    export.tracer.start_span("two").end()
    export.close()
    assert collector.asked == asked == 1
    export.provider.shutdown()
