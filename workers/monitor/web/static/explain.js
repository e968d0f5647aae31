// One page through the pipeline: what was kept beside what was taken out, in the page's order, and why.

import { ask } from "./ask.js";
import { el, facsimile, show, table, the } from "./dom.js";
import { bytes, count, span, words } from "./format.js";

let found = null;
let problem = "";
let working = false;
let asked = null; // the dead letter that is explained

export function showExplain(_status, [kind = null, id = null]) {
  if (kind === "dead" && id !== null && id !== asked) {
    asked = id;
    explain({ letter: id });
  }
  draw();
}

async function explain(what) {
  found = null;
  problem = "";
  working = true;
  draw();
  try {
    found = await ask("/api/explain", what);
  } catch (error) {
    problem = error.message;
  }
  working = false;
  draw();
}

function draw() {
  show(
    the("view-explain"),
    el("h2", {}, "Explain a page"),
    el(
      "p",
      { class: "lead" },
      "Paste a page's source, or choose Explain at a dead letter. It runs here, apart from the mill, and changes nothing.",
    ),
    form(),
    el("div", { role: "status" }, working ? el("p", { class: "nothing" }, "at work …") : null),
    problem ? el("p", { class: "notice bad", role: "alert" }, problem) : null,
    found ? el("article", { class: "explained", "data-key": found.explanation.url }, explained(found)) : null,
  );
}

function form() {
  const send = (event) => {
    event.preventDefault();
    const form = event.target;
    asked = null;
    explain({ url: form.elements.url.value.trim(), body: form.elements.body.value });
  };
  return el(
    "form",
    { class: "ask", onsubmit: send },
    el("label", { for: "explain-url" }, "Address"),
    el("input", {
      id: "explain-url",
      name: "url",
      type: "text",
      required: true,
      inputmode: "url",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "https://",
    }),
    el("label", { for: "explain-body" }, "Source"),
    el("textarea", { id: "explain-body", name: "body", rows: 5, required: true, spellcheck: "false" }),
    el("p", { class: "changes" }, el("button", { type: "submit", class: "main", disabled: working }, "Explain")),
  );
}

function explained({ explanation, why, parts: all }) {
  const { draft, parts } = explanation;
  const verdict = draft
    ? "A record"
    : `No record: ${words(explanation.reason)}${explanation.detail ? ` (${explanation.detail})` : ""}`;
  const facts = [
    ["verdict", verdict],
    ["address", explanation.url],
    ["size", bytes(explanation.size)],
    ["read as", [explanation.kind, explanation.charset].filter(Boolean).join(", ")],
    ["won by", explanation.method],
    ["expected F1", explanation.confidence?.toFixed(2)],
    ["words", explanation.sameness && count(explanation.sameness.words)],
    ["time", explanation.stages.map((stage) => `${stage.name} ${span(stage.seconds)}`).join(", ")],
    ["warnings", explanation.warnings.join(", ")],
  ];
  return [
    el("h3", {}, el("bdi", {}, draft?.title ?? explanation.url)),
    facsimile(facts),
    explanation.fields.length
      ? table(
          "The record's fields, and where each came from",
          [{ name: "field" }, { name: "value", wide: true }, { name: "from" }],
          explanation.fields.map((field) => [words(field.name), el("bdi", {}, field.value), field.source]),
        )
      : null,
    parts.length ? sides(parts, why, all) : null,
  ];
}

function sides(parts, why, all) {
  const kept = parts.filter((part) => part.fate === "kept").length;
  const rows = parts.map((part) => {
    const text = el("p", { dir: "auto" }, part.text);
    const told = el(
      "small",
      {},
      [
        why[part.fate] ?? part.fate,
        part.chance == null ? null : `chance ${part.chance.toFixed(2)}`,
        part.seen ? `on ${count(part.seen)} other pages` : null,
        part.place,
      ]
        .filter(Boolean)
        .join(" · "),
    );
    return el(
      "tr",
      { class: part.fate === "kept" ? "kept" : "dropped" },
      el("td", { class: "kept" }, part.fate === "kept" ? [text, told] : null),
      el("td", { class: "dropped" }, part.fate === "kept" ? null : [text, told]),
    );
  });
  const more = all > parts.length ? `; there are ${count(all)}` : "";
  return el(
    "table",
    { class: "sides" },
    el("caption", {}, `${count(kept)} of ${count(parts.length)} parts kept, in the page's order${more}`),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Kept"), el("th", { scope: "col" }, "Taken out, and why"))),
    el("tbody", {}, rows),
  );
}
