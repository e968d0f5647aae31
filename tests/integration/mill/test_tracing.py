"""A trace from a push to its record, through real horses to a real collector; and collectors that are none."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pagemill import Consumer
from pagemill.trace import read_traceparent

MILL = ("--worker-class", "workers.worker.MillWorker")
TRACE = "0af7651916cd43dd8448eb211c80319c"
MADE_BY = f"00-{TRACE}-b7ad6b7169203331-01"


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP, and keeps the spans."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def by_name(self, name):
        return [span for span in self.spans if span.name.startswith(f"{name} ")]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        told = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in told.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments):
        """Nothing."""


@pytest.fixture
def collector():
    """A collector that listens."""
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def start(rq, works):
    """Starts `rq worker` with tracing on, its spans sent to a url."""

    def begin(url, **variables):
        told = {"PAGEMILL_TRACING": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": url, "PAGEMILL_CLAIM_SECONDS": "1"}
        process = rq.start("worker", *MILL, "default", **told, **variables)
        works.until(lambda: works.client.smembers("rq:workers:default"), "the worker")
        return process

    return begin


def test_a_trace_leads_from_the_push_to_the_record(works, start, collector):
    """The batch is linked to the page's maker, the page milled in its trace, and the record carries it on."""
    start(collector.url)
    works.push_pages([works.page(traceparent=MADE_BY), works.page()])
    works.await_settled(2)
    works.until(lambda: collector.by_name("process") and collector.by_name("mill"), "the spans")
    (link,) = [link for span in collector.by_name("process") for link in span.links]
    (milled,) = collector.by_name("mill")
    assert link.trace_id.hex() == milled.trace_id.hex() == TRACE
    assert link.span_id.hex() == milled.parent_span_id.hex() == "b7ad6b7169203331"
    consumer = Consumer(works.client, group="index", follow=False)
    assert {record.id: consumer.traceparent for record in consumer} == {"p1": MADE_BY, "p2": None}


def test_a_command_that_pushes_traces_too(works, collector, tmp_path):
    """`pagemill push` sends its spans before it ends, and its pages carry them."""
    (tmp_path / "page.txt").write_text("Wheels and stones.")
    told = {"PAGEMILL_TRACING": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "PAGEMILL_REDIS_URL": works.url}
    subprocess.run(
        [Path(sys.executable).with_name("pagemill"), "push", tmp_path / "page.txt"],
        env=os.environ | told,
        check=True,
        timeout=60,
    )
    ((_, fields),) = works.client.xrange(works.settings.keys.pages("default"))
    (made,), (sent,) = collector.by_name("create"), collector.by_name("send")
    assert read_traceparent(fields).split("-")[1:3] == [made.trace_id.hex(), made.span_id.hex()]
    assert [link.span_id for link in sent.links] == [made.span_id]


def test_a_run_traces_both_of_its_ends(collector, tmp_path):
    """`pagemill run` makes the pages' spans and its workers the batches', which are linked to them."""
    text = " ".join(f"Wheel {i} turns and stone {i} grinds." for i in range(20))
    (tmp_path / "page.html").write_text(f"<h1>Mill</h1><p>{text}</p>")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PAGEMILL_")}
    told = {"PAGEMILL_TRACING": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
    subprocess.run(
        [
            Path(sys.executable).with_name("pagemill"),
            "run",
            tmp_path / "page.html",
            "--out",
            tmp_path / "records.jsonl",
        ],
        env=variables | told,
        check=True,
        timeout=120,
    )
    (made,), (batch,), (milled,) = (collector.by_name(name) for name in ("create", "process", "mill"))
    assert [link.span_id for link in batch.links] == [made.span_id]
    assert (milled.trace_id, milled.parent_span_id) == (made.trace_id, made.span_id)


def test_every_horse_sends_its_last_spans(works, start, collector):
    """Claim after claim, each in a process of its own: every page that was settled is in a batch that arrived."""
    process = start(collector.url)
    assert len(list(Path(f"/proc/{process.pid}/task").iterdir())) == 1  # who forks has no thread
    for count in (3, 6, 9):
        works.push(3)
        works.await_settled(count)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    works.until(lambda: _settled(collector) >= 9, "the spans of nine pages")
    assert _settled(collector) == 9


@pytest.mark.parametrize("kind", ["closed", "silent"])
def test_a_collector_that_is_away_costs_no_page(works, start, rq, kind):
    """Whether it refuses connections or takes them and says nothing, all is settled, and the worker stops as asked."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        if kind == "closed":
            silent.close()
        process = start(url)
        for count in (20, 40, 60):
            works.push_pages([works.page(traceparent=MADE_BY) for _ in range(20)])
            works.await_settled(count)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(60) == 0
        assert time.monotonic() - began < 30  # the exporter's own patience with each of its batches is 10 s
    works.check_books()
    assert "Traceback" not in rq.log(process)


def _settled(collector):
    counts = [
        attribute.value.int_value
        for span in collector.by_name("settle")
        for attribute in span.attributes
        if attribute.key == "messaging.batch.message_count"
    ]
    return sum(counts)
