"""A snapshot as Prometheus reads it: https://prometheus.io/docs/instrumenting/exposition_formats/ (text, 0.0.4).

Names and units follow https://prometheus.io/docs/practices/naming/. docs/monitoring.md lists the metrics.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import TypeVar

import msgspec
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from workers.monitor.quality import Alarm, quality_alarms
from workers.monitor.snapshot import DeadLetters, DedupeMemory, Latency, Output, Queue, Sites, Snapshot, Store, Worker
from workers.printable import shortened

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

MOST_VALUES = 100
"""Values of one label: queues, sources, groups. What is beyond has no series, so that nobody can fill Prometheus."""

LONGEST_VALUE = 100
"""Characters of a label's value."""

WORKER_STATES = ("busy", "idle", "started", "starting", "suspended", "dead", "other")

_Row = tuple[str, float | None]
_T = TypeVar("_T")


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the monitor knows of its own reading. `age`: seconds since the snapshot; `seconds`: what it took."""

    age: float = 0.0
    seconds: float | None = None


def exposition(shot: Snapshot | None, look: Look | None = None) -> bytes:
    """The metrics as text, UTF-8. None: Redis cannot be read, and all there is to tell is `pagemill_up 0`.

    Old figures are not told again: a gap in a graph is the truth.
    """
    return generate_latest(_Told([*_monitor(shot, look or Look()), *(_mill(shot) if shot else ())]))


class _Told(Collector):
    """What prometheus_client asks for its metrics."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _mill(shot: Snapshot) -> Iterator[Metric]:
    yield _counter("pages", "Pages settled, by outcome.", "outcome", [(one.name, one.total) for one in shot.outcomes])
    for outcome in ("rejected", "dead"):
        rows: list[_Row] = [(one.name, one.total) for one in shot.reasons if one.outcome == outcome]
        yield _counter(f"{outcome}_pages", f"Pages settled as {outcome}, by reason.", "reason", rows)
    yield from _queues(shot.queues)
    yield _latency(shot.latency)
    yield from _workers(shot.workers, suspended=shot.suspended)
    yield from _output(shot.output)
    yield from _dead_letters(shot.dead)
    yield from _redis(shot.store)
    yield from _memory(shot.memory)
    yield from _sources(shot.sources)
    yield _alarms(shot)


def _monitor(shot: Snapshot | None, look: Look) -> Iterator[Metric]:
    yield _plain("up", "Whether the monitor can read the mill's Redis.", 0 if shot is None else 1)
    build = GaugeMetricFamily("pagemill_build_info", "The monitor's release.", labels=["version"])
    build.add_metric([version("pagemill")], 1)
    yield build
    if shot is not None:
        yield _plain("snapshot_age_seconds", "How old these figures are.", look.age)
    if shot is not None and look.seconds is not None:
        yield _plain("snapshot_duration_seconds", "What it took to read them from Redis.", look.seconds)


def _queues(queues: Sequence[Queue]) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        "pagemill_queue_depth_pages", "Pages on the queue: waiting, or in a worker's hand.", labels=["queue", "state"]
    )
    for name, queue in _values((queue.name, queue) for queue in queues):
        depth.add_metric([name, "waiting"], queue.waiting)
        depth.add_metric([name, "in_hand"], queue.in_hand)
    yield depth
    oldest: list[_Row] = [(queue.name, queue.oldest_age or 0) for queue in queues]
    yield _gauge("queue_oldest_age_seconds", "Since the oldest page on the queue was pushed; 0: none.", "queue", oldest)
    held: list[_Row] = [(queue.name, queue.bytes) for queue in queues]
    yield _gauge("queue_bytes", "Memory in Redis that the queue takes, estimated.", "queue", held)
    pushed: list[_Row] = [(queue.name, queue.pushed) for queue in queues]
    yield _counter("queue_pushed_pages", "Pages pushed to the queue, by whomever.", "queue", pushed)
    settled: list[_Row] = [(queue.name, queue.settled) for queue in queues]
    yield _counter("queue_settled_pages", "Pages of the queue that were settled.", "queue", settled)


def _latency(latency: Latency) -> Metric:
    buckets = [("+Inf" if one.seconds is None else repr(float(one.seconds)), one.count) for one in latency.buckets]
    about = "From the push to the published record."
    return HistogramMetricFamily("pagemill_page_latency_seconds", about, buckets=buckets, sum_value=latency.sum)


def _workers(workers: Sequence[Worker], *, suspended: bool) -> Iterator[Metric]:
    states = dict.fromkeys(WORKER_STATES, 0)
    for worker in workers:
        state = "dead" if worker.dead else worker.state
        states[state if state in states else "other"] += 1
    yield _gauge("workers", "Workers by RQ's state; dead: silent for longer than a live one may be.", "state", states)
    yield _plain("suspended", "Whether the mill is suspended (rq suspend).", int(suspended))


def _output(output: Output) -> Iterator[Metric]:
    yield _plain("output_records", "Records in the output stream.", output.length)
    yield _plain("output_limit_records", "Records that it may hold.", output.limit)
    yield _plain("output_bytes", "Memory in Redis that it takes, estimated.", output.bytes)
    trimmed = "Records that were trimmed before every group had read them."
    yield CounterMetricFamily("pagemill_output_trimmed_records", trimmed, value=output.trimmed)
    unread: list[_Row] = [(group.name, group.unread) for group in output.groups]
    yield _gauge("output_group_unread_records", "Records never delivered to the group.", "group", unread)
    pending: list[_Row] = [(group.name, group.pending) for group in output.groups]
    yield _gauge("output_group_pending_records", "Records delivered to it and not acknowledged.", "group", pending)
    oldest: list[_Row] = [(group.name, group.oldest_age or 0) for group in output.groups]
    about = "Since the oldest record that it has not acknowledged was published; 0: none."
    yield _gauge("output_group_oldest_age_seconds", about, "group", oldest)


def _dead_letters(dead: DeadLetters) -> Iterator[Metric]:
    yield _plain("dead_letters", "Dead letters that lie.", dead.lying)
    yield _plain("dead_letters_bytes", "Bytes of their pages.", dead.bytes)
    yield _plain("dead_letters_limit_bytes", "Bytes that are kept at most.", dead.limit_bytes)
    yield _plain("dead_letters_oldest_age_seconds", "Since the oldest that lies died; 0: none.", dead.oldest_age or 0)
    gone: list[_Row] = [("replayed", dead.replayed), ("dropped", dead.dropped), ("expired", dead.expired)]
    yield _counter("dead_letters_gone", "Dead letters that lie no more, by what became of them.", "how", gone)


def _redis(store: Store) -> Iterator[Metric]:
    yield _plain("redis_used_bytes", "Memory that Redis uses.", store.used_bytes)
    yield _plain("redis_limit_bytes", "Redis's maxmemory; 0: none.", store.limit_bytes)
    kinds = store.bytes_by_kind
    yield _gauge("redis_kind_bytes", "Memory that the mill's keys take, by kind, estimated.", "kind", kinds)


def _memory(memory: DedupeMemory) -> Iterator[Metric]:
    yield _plain("dedupe_remembered_pages", "Settled pages that are remembered, to tell repetitions.", memory.pages)
    yield _plain("dedupe_capacity_pages", "Settled pages that can be remembered.", memory.capacity)
    about = "How far back the memory of pages reaches; without a value while nothing was forgotten."
    yield _plain("dedupe_reach_seconds", about, memory.reaches_back)


def _sources(sources: Sites) -> Iterator[Metric]:
    """Windows, not counters: a source that is forgotten and comes back would count from anywhere."""
    pages = GaugeMetricFamily(
        "pagemill_source_pages", "Pages of a source, in the last hours and before.", labels=["source", "window"]
    )
    rejected = GaugeMetricFamily(
        "pagemill_source_rejected_pages", "Of them those rejected or dead.", labels=["source", "window"]
    )
    known = (*sources.by_rejects, *sources.by_pages, *sources.comparable)
    for name, site in _values((site.name, site) for site in known):
        for window, quality in (("recent", site.recent), ("past", site.past)):
            pages.add_metric([name, window], quality.pages)
            rejected.add_metric([name, window], quality.rejected + quality.dead)
    yield pages
    yield rejected


def _alarms(shot: Snapshot) -> Metric:
    """Of sources that have a name, and of hosts: those that `status` and the page name too."""
    about = "Share of a site's pages that speak against it, while that is an alarm, beside the share before."
    metric = GaugeMetricFamily("pagemill_site_alarm_ratio", about, labels=["kind", "site", "measure", "window"])
    for kind, sites in (("source", shot.sources), ("host", shot.hosts)):
        by_site: dict[str, list[Alarm]] = {}
        for alarm in quality_alarms(sites.comparable):
            if alarm.name or kind == "host":
                by_site.setdefault(alarm.name, []).append(alarm)
        for name, alarms in _values(by_site.items()):
            for alarm in alarms:
                metric.add_metric([kind, name, alarm.measure, "recent"], alarm.recent)
                metric.add_metric([kind, name, alarm.measure, "past"], alarm.past)
    return metric


def _plain(name: str, about: str, value: float | None) -> Metric:
    """A gauge without labels; without a series where nobody knows the value."""
    metric = GaugeMetricFamily(f"pagemill_{name}", about)
    if value is not None:
        metric.add_metric([], value)
    return metric


def _gauge(name: str, about: str, label: str, rows: "Sequence[_Row] | dict[str, int]") -> Metric:
    return _labelled(GaugeMetricFamily(f"pagemill_{name}", about, labels=[label]), rows)


def _counter(name: str, about: str, label: str, rows: Sequence[_Row]) -> Metric:
    return _labelled(CounterMetricFamily(f"pagemill_{name}", about, labels=[label]), rows)


def _labelled(
    metric: GaugeMetricFamily | CounterMetricFamily, rows: "Sequence[_Row] | dict[str, int]"
) -> GaugeMetricFamily | CounterMetricFamily:
    told = rows.items() if isinstance(rows, dict) else rows
    for value, number in _values((name, number) for name, number in told if number is not None):
        metric.add_metric([value], number)
    return metric


def _values(rows: Iterable[tuple[str, _T]]) -> list[tuple[str, _T]]:
    """What is told of each, under a label's value: harmless, no two alike, and no more than may be: the first ones."""
    found: dict[str, _T] = {}
    for name, told in rows:
        if len(found) < MOST_VALUES:
            found.setdefault(shortened(name, LONGEST_VALUE), told)
    return list(found.items())
