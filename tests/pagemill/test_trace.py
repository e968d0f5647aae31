"""The trace from the producer on: what travels with a page, what is believed of it, and that nobody pays unasked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from pagemill import Consumer, Producer, RawPage, SettingsError
from pagemill.sending import creation_context
from pagemill.trace import read_traceparent
from workers.settings import Settings, load_settings

STREAM = "pagemill:pages:default"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
HEX = "0123456789abcdef"
DOCUMENT = Path(__file__).parents[2] / "docs" / "tracing.md"
RECORD = (
    '{"kind":"new","version":1,"processed_at":"2026-01-01T00:00:00Z","article":"a","id":"%d","url":"u",'
    '"canonical_url":"u","text":"t","content_hash":"h","extraction":{"method":"m"}}'
)

_EXPORTER = InMemorySpanExporter()


@pytest.fixture
def spans():
    """The spans that this program made, through a provider of its own as a program has one."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(_EXPORTER))
        trace.set_tracer_provider(provider)
    _EXPORTER.clear()
    return _EXPORTER.get_finished_spans


def _page(number):
    return RawPage(url=f"https://example.org/{number}", body=b"<p>text</p>")


def _traceparents(client):
    return [read_traceparent(fields) for _, fields in client.xrange(STREAM)]


def _written(span):
    return f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-{span.context.trace_flags:02x}"


def test_each_page_carries_the_span_that_made_it(redis_client, spans):
    """A create span a page, of the kind producer; its context is the page's traceparent."""
    with Producer(redis_client, tracing=True) as mill:
        mill.push_many([_page(1), _page(2)])
    made = [span for span in spans() if span.name == f"create {STREAM}"]
    assert _traceparents(redis_client) == [_written(span) for span in made]
    assert {span.kind for span in made} == {SpanKind.PRODUCER}
    assert made[0].attributes == {
        "messaging.system": "redis",
        "messaging.destination.name": STREAM,
        "messaging.operation.type": "create",
        "messaging.operation.name": "create",
    }


def test_a_chunk_is_sent_in_one_span_that_is_linked_to_its_pages(redis_client, spans):
    """The conventions' send: of the kind client, with the number of pages, and a link to the maker of each."""
    with Producer(redis_client, tracing=True) as mill:
        mill.push_many([_page(1), _page(2), _page(3)])
    made = [span.context.span_id for span in spans() if span.name.startswith("create")]
    (sent,) = [span for span in spans() if span.name == f"send {STREAM}"]
    assert [link.context.span_id for link in sent.links] == made
    assert (sent.kind, sent.attributes["messaging.batch.message_count"]) == (SpanKind.CLIENT, 3)


def test_a_page_belongs_to_the_trace_that_its_maker_is_in(redis_client, spans):
    """A generator that fetches each page in a span of its own sends each page in that trace."""

    def fetched():
        for number in range(2):
            with trace.get_tracer("scraper").start_as_current_span(f"fetch {number}"):
                yield _page(number)

    with Producer(redis_client, tracing=True) as mill:
        mill.push_many(fetched())
    fetches = {span.name: span.context.trace_id for span in spans() if span.name.startswith("fetch")}
    traces = [int(told.split("-")[1], 16) for told in _traceparents(redis_client)]
    assert traces == [fetches["fetch 0"], fetches["fetch 1"]]
    assert len(set(traces)) == 2


def test_a_push_that_fails_is_an_error_in_its_span(redis_client, spans):
    """What the caller is told, the trace tells too."""
    with Producer(redis_client, tracing=True, limit=1) as mill:
        mill.push(_page(1))
        with pytest.raises(Exception, match="limit"):
            mill.push(_page(2))
    (failed,) = [span for span in spans() if not span.status.is_ok and span.name.startswith("send")]
    assert failed.events[0].attributes["exception.type"].endswith("QueueFull")


def test_a_producer_that_does_not_trace_sends_no_trace(redis_client, spans):
    """Off by default, whatever the program traces by itself."""
    with trace.get_tracer("scraper").start_as_current_span("fetch"), Producer(redis_client) as mill:
        mill.push(_page(1))
    assert _traceparents(redis_client) == [None]
    assert [span.name for span in spans()] == ["fetch"]


def test_who_traces_nothing_loads_nothing_of_it(redis_url):
    """A producer, a consumer and a worker without tracing import nothing of OpenTelemetry but what redis-py does."""
    program = """if True:
        import sys
        import redis
        known = set(sys.modules)
        import pagemill
        import workers.drain, workers.worker
        from workers.settings import load_settings
        load_settings({})
        with pagemill.Producer(sys.argv[1]) as mill:
            mill.push(url="https://example.org/a", body=b"text")
        list(pagemill.Consumer(sys.argv[1], group="nobody", follow=False))
        print([name for name in set(sys.modules) - known if name.startswith("opentelemetry")])
    """
    done = subprocess.run(
        [sys.executable, "-c", program, redis_url], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "[]\n"


def test_where_the_extra_is_missing_the_error_names_it():
    """Asked to trace without OpenTelemetry, a producer says what to install."""
    program = """if True:
        import sys
        sys.modules["opentelemetry"] = None
        sys.meta_path.insert(0, type("Missing", (), {"find_spec": staticmethod(
            lambda name, *_: (_ for _ in ()).throw(ModuleNotFoundError(name)) if "opentelemetry" in name else None)}))
        del sys.modules["opentelemetry"]
        import pagemill
        try:
            pagemill.Producer("redis://localhost:1", tracing=True)
        except pagemill.SettingsError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert "pip install 'pagemill[otel]'" in done.stdout


@given(
    st.binary(max_size=80)
    | st.just(TRACEPARENT.encode())
    | st.text(HEX + "-", min_size=50, max_size=60).map(str.encode)
)
def test_no_traceparent_is_believed_that_is_none(told):
    """Any bytes are of W3C's form, and then give a span that could be, or they are nothing."""
    found = read_traceparent({b"traceparent": told})
    context = creation_context({b"traceparent": told})
    assert (found is None) == (context is None)
    if context is not None:
        assert found.encode() == told
        assert context.is_valid
        assert context.is_remote


@pytest.mark.parametrize(
    "told",
    [
        TRACEPARENT.upper(),
        TRACEPARENT + "-00",
        TRACEPARENT.replace("00-", "ff-", 1),
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        TRACEPARENT[:-1] + "\n",
        TRACEPARENT.replace("0af7", "\u0660af7"),
    ],
)
def test_what_the_standard_forbids_is_no_traceparent(told):
    """Upper case, more parts, version ff, ids of zeros, a line feed at the end, another script's digits."""
    assert read_traceparent({b"traceparent": told.encode()}) is None
    assert read_traceparent({"traceparent": told}) is None


def test_the_documents_example_goes_on_with_the_trace(redis_client, redis_url, spans, capsys):
    """A consumer's span as docs/tracing.md makes it is a child of the span that made the page."""
    redis_client.xadd("pagemill:records", {"body": RECORD % 1, "traceparent": TRACEPARENT})
    (example,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    example = example.replace("redis://localhost:6379/0", redis_url)
    exec(example.replace('group="search-index"', 'group="search-index", follow=False'), {})
    assert capsys.readouterr().out == "None\n"  # the record's title
    (span,) = spans()
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == tuple(TRACEPARENT.split("-")[1:3])


def test_the_consumer_knows_the_trace_of_the_record_in_hand(redis_client):
    """While the loop is at a record, its traceparent is that of its entry; before and after there is none."""
    redis_client.xadd("pagemill:records", {"body": RECORD % 1, "traceparent": TRACEPARENT})
    redis_client.xadd("pagemill:records", {"body": RECORD % 2})
    redis_client.xadd("pagemill:records", {"body": RECORD % 3, "traceparent": "\x1b[31m" * 11})
    consumer = Consumer(redis_client, group="g", follow=False)
    assert consumer.traceparent is None
    assert [(record.id, consumer.traceparent) for record in consumer] == [("1", TRACEPARENT), ("2", None), ("3", None)]
    assert consumer.traceparent is None


def test_tracing_is_a_setting_that_is_checked():
    """A worker's settings take it, when what it needs is installed."""
    assert load_settings({"PAGEMILL_TRACING": "true"}).tracing
    assert not Settings().tracing
    with pytest.raises(SettingsError, match="tracing"):
        load_settings({"PAGEMILL_TRACING": "perhaps"})
