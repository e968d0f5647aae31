// How pages flow: charts, queues, workers, outcomes, the output, and what Redis holds.

import { draw } from "./chart.js";
import { el, show, svg, table, the } from "./dom.js";
import { bytes, count, day, rate, share, span, words } from "./format.js";

export function showFlow({ snapshot, latency }) {
  if (!snapshot) return;
  drawCharts(snapshot, latency);
  show(
    the("flow-tables"),
    queues(snapshot),
    workers(snapshot),
    outcomes(snapshot),
    reasons(snapshot),
    output(snapshot),
    registries(snapshot),
    memory(snapshot),
  );
}

function drawCharts(snapshot, latency) {
  const now = Date.parse(snapshot.at);
  const minutes = since(snapshot.minutes.filter((minute) => Date.parse(minute.at) < now)); // what goes on is told by the rates
  const times = [...minutes.map((minute) => Date.parse(minute.at)), now];
  const per = (name) => minutes.map((minute) => (minute[name] == null ? null : minute[name] / 60));
  draw(the("chart-depth"), {
    title: "Depth",
    times,
    told: (value) =>
      value == null ? "–" : value >= 10_000 ? `${+(value / 1000).toPrecision(3)}k` : count(Math.round(value)),
    least: 4,
    series: [
      {
        name: "pages",
        mark: "depth",
        filled: true,
        values: [...minutes.map((minute) => minute.depth), snapshot.depth],
      },
    ],
  });
  draw(the("chart-rates"), {
    title: "Rates",
    times,
    told: (value) => rate(value),
    least: 0.1,
    series: [
      { name: "in", mark: "in", values: [...per("pushed"), snapshot.pushed_rate.minute] },
      { name: "out", mark: "out", values: [...per("settled"), snapshot.settled_rate.minute] },
    ],
  });
  const points = latency.filter((point) => Date.parse(point.at) >= times[0]);
  draw(the("chart-latency"), {
    title: "Push to published",
    log: true,
    told: (value) => span(value),
    times: [times[0], ...points.map((point) => Date.parse(point.at)), now],
    series: ["p50", "p95", "p99"].map((name) => ({
      name,
      mark: name,
      values: [null, ...points.map((point) => point[name]), snapshot.latency[name]],
    })),
  });
}

/** The minutes since somebody counted, ten at least: a young mill's charts need no hour. */
function since(minutes) {
  const first = minutes.findIndex((minute) => minute.settled != null || minute.pushed != null || minute.depth != null);
  return minutes.slice(Math.max(0, Math.min(first < 0 ? minutes.length : first - 1, minutes.length - 10)));
}

const N = { number: true };

function queues({ queues: all }) {
  const columns = [
    { name: "queue" },
    { name: "waiting", ...N },
    { name: "in hand", ...N },
    { name: "oldest", ...N },
    { name: "in", ...N },
    { name: "out", ...N },
    { name: "drained in", ...N },
    { name: "size", ...N },
    { name: "pushed", ...N },
    { name: "settled", ...N },
  ];
  const rows = all.map((queue) => [
    queue.name,
    count(queue.waiting),
    count(queue.in_hand),
    span(queue.oldest_age),
    rate(queue.pushed_rate.minute),
    rate(queue.settled_rate.minute),
    drain(queue)[0],
    bytes(queue.bytes),
    count(queue.pushed),
    count(queue.settled),
  ]);
  return table("Queues", columns, rows, "No queue: nothing was pushed yet.");
}

/** When it is empty, and what there is to say where that is never. */
export function drain({ depth, drain_seconds: seconds, pushed_rate: come, settled_rate: go }) {
  if (depth === 0) return ["empty", ""];
  if (seconds != null) return [span(seconds), "as things go"];
  return come.quarter_hour > go.quarter_hour ? ["never", "more come than go"] : ["–", "it is steady"];
}

function workers({ workers: all }) {
  const columns = [
    { name: "worker" },
    { name: "state" },
    { name: "host" },
    { name: "pages", ...N },
    { name: "speed", ...N },
    { name: "claim", ...N },
    { name: "memory", ...N },
    { name: "heartbeat", ...N },
    { name: "queues" },
  ];
  const rows = all.map((worker) => [
    worker.name.slice(0, 24),
    state(worker),
    worker.host,
    count(worker.pages),
    rate(worker.pages_per_second),
    span(worker.claim_age),
    bytes(worker.memory_bytes),
    worker.heartbeat_age == null ? "–" : `${span(worker.heartbeat_age)} ago`,
    worker.queues.join(", "),
  ]);
  return table("Workers", columns, rows, "No worker: start some with pagemill worker --workers 2.");
}

const state = (worker) => (worker.dead ? el("span", { class: "bad" }, "no sign of life") : worker.state);

function outcomes({ outcomes: all, settled }) {
  const columns = [
    { name: "outcome" },
    { name: "pages", ...N },
    { name: "share", ...N },
    { name: "1 min", ...N },
    { name: "15 min", ...N },
  ];
  const rows = all.map((one) => [
    words(one.name),
    count(one.total),
    share(one.total, settled),
    rate(one.rate.minute),
    rate(one.rate.quarter_hour),
  ]);
  return table("Outcomes", columns, rows);
}

function reasons({ reasons: all }) {
  const columns = [
    { name: "reason" },
    { name: "outcome" },
    { name: "pages", ...N },
    { name: "1 min", ...N },
    { name: "15 min", ...N },
  ];
  const rows = [...all]
    .sort((one, other) => other.total - one.total)
    .map((one) => [words(one.name), one.outcome, count(one.total), rate(one.rate.minute), rate(one.rate.quarter_hour)]);
  return table("Reasons", columns, rows, "No page was rejected, and none died.");
}

function output({ output: { groups, length, limit, bytes: size, trimmed } }) {
  const columns = [
    { name: "group" },
    { name: "unread", ...N },
    { name: "in hand", ...N },
    { name: "oldest", ...N },
    { name: "consumers", ...N },
  ];
  const rows = groups.map((group) => [
    group.name,
    count(group.unread),
    count(group.pending),
    span(group.oldest_age),
    count(group.consumers),
  ]);
  const lost = trimmed ? `, ${count(trimmed)} trimmed unread` : "";
  return table(
    `Readers of the records: ${count(length)} of at most ${count(limit)} kept, ${bytes(size)}${lost}`,
    columns,
    rows,
    "No group reads them: the newest are kept.",
  );
}

function memory({ store, memory: dedupe, dead }) {
  const kinds = Object.entries(store.bytes_by_kind).sort(([, one], [, other]) => other - one);
  const most = Math.max(1, ...kinds.map(([, size]) => size));
  const rows = kinds.map(([kind, size]) => [kind, bytes(size), bar(size / most)]);
  const limit = store.limit_bytes ? ` of ${bytes(store.limit_bytes)}` : "";
  const facts = [
    ["server", `${store.server} ${store.version}`],
    ["memory used", `${bytes(store.used_bytes)}${limit}`],
    ["persistence", store.persistence || "–"],
    ["clients", count(store.clients)],
    ["up for", span(store.uptime)],
    ["remembered", `${count(dedupe.pages)} of ${count(dedupe.capacity)} pages`],
    ["dedupe reaches back", dedupe.reaches_back == null ? "to the start" : span(dedupe.reaches_back)],
    ["dead letters", `${count(dead.lying)}, ${bytes(dead.bytes)} of ${bytes(dead.limit_bytes)}`],
  ];
  return el(
    "div",
    { class: "pair" },
    table(
      "Redis's memory, by what holds it",
      [{ name: "kind" }, { name: "about", ...N }, { name: "beside the largest" }],
      rows,
      "No key of the mill yet, or this user may not ask.",
    ),
    table("Redis, and what it remembers", [{ name: "what" }, { name: "value" }], facts),
  );
}

/** A bar for the eye; the number stands beside it. */
const bar = (part) =>
  svg(
    "svg",
    { class: "bar", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "rail", width: 100, height: 6 }),
    svg("rect", { class: "fill", width: (100 * part).toFixed(1), height: 6 }),
  );

function registries({ registries: all, at }) {
  const columns = [
    { name: "queue" },
    { name: "started", ...N },
    { name: "failed", ...N },
    { name: "deferred", ...N },
    { name: "scheduled", ...N },
  ];
  const rows = all.map((one) => [
    one.queue,
    count(one.started),
    count(one.failed),
    count(one.deferred),
    count(one.scheduled),
  ]);
  return table(`RQ's registries, in claims, ${day(at)}`, columns, rows, "RQ knows of no claim.");
}
