"""What tracing costs a worker: off, on, and for pages whose maker's trace is sampled.

    python benchmarks/tracing.py

The collector is one that takes everything, in this process; the last column is the share of a page of 10 ms.
"""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from timeit import timeit

from workers.settings import Settings
from workers.store.contract import Settled, Settlement, Taken
from workers.tracing.trace import Trace, open_trace

PAGES = 64
A_PAGE = 10_000  # microseconds, about what the learned extractor takes
MADE_BY = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector(BaseHTTPRequestHandler):
    """Takes what is posted."""

    def do_POST(self) -> None:
        """Read it, and say so."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


def microseconds_a_page(trace: Trace, fields: dict[bytes, bytes], batches: int) -> float:
    """What all that the drain tells of a batch takes, a page."""
    pages = [Taken(queue="default", entry=f"1-{i}", fields=fields) for i in range(PAGES)]
    milled = Settlement(verdict="draft", queue="default", entry="1-1", id="p", url="https://example.org/a")
    answers = [Settled("published")] * PAGES

    def batch() -> None:
        trace.asking()
        trace.batch(pages)
        for page in pages:
            trace.page(page, milled, 0.01)
        trace.settled(answers, 0.001)

    return timeit(batch, number=batches) / batches / PAGES * 1e6


def main() -> None:
    """Measure, and print a table."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{server.server_address[1]}"
    on = open_trace(Settings(tracing=True), "benchmark")
    for name, trace, fields, batches in (
        ("off", open_trace(Settings(), "benchmark"), {}, 2_000),
        ("on, pages without a trace", on, {}, 500),
        ("on, every page sampled", on, {b"traceparent": MADE_BY}, 50),
    ):
        cost = microseconds_a_page(trace, fields, batches)
        print(f"{name:28}{cost:8.2f} us a page{cost / A_PAGE:10.2%}")
    on.close()


if __name__ == "__main__":
    main()
