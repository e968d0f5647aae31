// Small line charts in SVG, drawn in the figure's own pixels.

import { el, show, svg } from "./dom.js";
import { clock } from "./format.js";

const HEIGHT = 148;
const LEFT = 46;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 20;
const TICKS = 3;

const pointed = new WeakMap(); // figure -> the time that the pointer is at

/**
 * Draw `series` ({name, mark, values, filled}) over `times` (milliseconds; null values are gaps).
 * `told` writes a value; `log`: the values are durations, told on a logarithmic axis; `least`: the axis reaches at least so high.
 */
export function draw(figure, { title, times, series, told, log = false, least = 1 }) {
  const width = Math.max(240, figure.clientWidth);
  const scale = log ? logarithmic(series) : linear(series, least);
  const [first, last] = [times[0], times.at(-1)];
  const x = (time) => LEFT + ((time - first) / Math.max(1, last - first)) * (width - LEFT - RIGHT);
  const y = (value) => TOP + (1 - scale.at(value)) * (HEIGHT - TOP - BOTTOM);
  const place = nearest(times, pointed.get(figure) ?? last);
  const again = () => draw(figure, { title, times, series, told, log, least });
  const point = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    pointed.set(figure, first + ((event.clientX - box.left - LEFT) / (width - LEFT - RIGHT)) * (last - first));
    again();
  };
  const leave = () => {
    pointed.delete(figure);
    again();
  };
  const isPointed = pointed.has(figure);
  show(
    figure,
    el(
      "figcaption",
      {},
      el("span", { class: "title" }, title),
      isPointed ? el("span", { class: "when" }, clock(times[place])) : null,
      legend(series, place, told),
    ),
    svg(
      "svg",
      {
        role: "img",
        "aria-label": summary(title, series, told),
        width,
        height: HEIGHT,
        viewBox: `0 0 ${width} ${HEIGHT}`,
        onpointermove: point,
        onpointerleave: leave,
      },
      scale.ticks
        .map((value) => [
          svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
          svg("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, told(value)),
        ])
        .flat(),
      roundTimes(first, last).map((time) =>
        svg("text", { class: "tick", x: x(time), y: HEIGHT - 4, "text-anchor": "middle" }, clock(time)),
      ),
      series.flatMap((one) => lines(one, times, x, y)),
      isPointed
        ? svg("line", { class: "cross", x1: x(times[place]), x2: x(times[place]), y1: TOP, y2: HEIGHT - BOTTOM })
        : null,
    ),
    asTable(title, times, series, told),
  );
}

const legend = (series, place, told) =>
  el(
    "span",
    { class: "legend" },
    series.map((one) =>
      el("span", { class: `mark ${one.mark}` }, `${one.name} `, el("b", {}, told(one.values[place] ?? null))),
    ),
  );

function summary(title, series, told) {
  const parts = series.map((one) => {
    const known = one.values.filter((value) => value != null);
    const latest = one.values.at(-1) ?? null;
    return known.length
      ? `${one.name} now ${told(latest)}, at most ${told(Math.max(...known))}`
      : `${one.name} not known`;
  });
  return `${title}: ${parts.join("; ")}`;
}

function asTable(title, times, series, told) {
  const head = el(
    "tr",
    {},
    ["time", ...series.map((one) => one.name)].map((name) => el("th", { scope: "col" }, name)),
  );
  const rows = times.map((time, place) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, clock(time)),
      series.map((one) => el("td", { class: "number" }, told(one.values[place] ?? null))),
    ),
  );
  return el(
    "details",
    {},
    el("summary", {}, "in figures"),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title} in figures` },
      el(
        "table",
        {},
        el("caption", { class: "unseen" }, title),
        el("thead", {}, head),
        el("tbody", {}, rows.reverse()),
      ),
    ),
  );
}

/** Unbroken stretches as one path each; a stretch of one point as a dot. */
function lines({ values, mark, filled }, times, x, y) {
  const stretches = [];
  let open = null;
  values.forEach((value, place) => {
    if (value == null) open = null;
    else if (open) open.push([x(times[place]), y(value)]);
    else stretches.push((open = [[x(times[place]), y(value)]]));
  });
  return stretches.flatMap((points) => {
    if (points.length === 1) return [svg("circle", { class: `dot ${mark}`, cx: points[0][0], cy: points[0][1], r: 2 })];
    const path = points
      .map(([across, down], place) => `${place ? "L" : "M"}${across.toFixed(1)} ${down.toFixed(1)}`)
      .join("");
    const floor = HEIGHT - BOTTOM;
    const area = `${path}L${points.at(-1)[0].toFixed(1)} ${floor}L${points[0][0].toFixed(1)} ${floor}Z`;
    return [
      filled ? svg("path", { class: `area ${mark}`, d: area }) : null,
      svg("path", { class: `line ${mark}`, d: path }),
    ].filter(Boolean);
  });
}

function linear(series, least) {
  const most = Math.max(least, ...series.flatMap((one) => one.values.filter((value) => value != null)));
  const step = nice(most / TICKS);
  const top = Math.ceil(most / step) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, place) => place * step);
  return { ticks, at: (value) => value / top };
}

const DURATIONS = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 864_000]; // seconds

/** Of durations, which people tell in steps of about ten: from a millisecond to ten days. */
function logarithmic(series) {
  const known = series.flatMap((one) => one.values.filter((value) => value != null && value > 0));
  const [least, most] = [Math.min(0.05, ...known), Math.max(0.5, ...known)];
  const from = Math.max(
    0,
    DURATIONS.findLastIndex((step) => step <= least),
  );
  const to = DURATIONS.findIndex((step) => step >= most);
  const steps = DURATIONS.slice(from, to < 0 ? undefined : to + 1);
  const [low, high] = [Math.log(steps[0]), Math.log(steps.at(-1))];
  const stride = Math.ceil((steps.length - 1) / TICKS);
  const at = (value) => (Math.log(Math.min(Math.max(value, steps[0]), steps.at(-1))) - low) / (high - low);
  return { ticks: steps.filter((_, place) => place % stride === 0), at };
}

/** The next of 1, 2, 2.5, 5, 10, ... */
function nice(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].find((step) => step * size >= value * 0.999) * size;
}

/** Round times to write below the axis. */
function roundTimes(first, last) {
  const step = last - first > 1_500_000 ? 900_000 : last - first > 700_000 ? 300_000 : 120_000;
  const found = [];
  for (let time = Math.ceil(first / step) * step; time <= last; time += step) {
    if (time - first > step / 4 && last - time > step / 6) found.push(time);
  }
  return found;
}

const nearest = (times, wanted) =>
  times.reduce((best, time, place) => (Math.abs(time - wanted) < Math.abs(times[best] - wanted) ? place : best), 0);
