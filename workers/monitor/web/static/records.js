// The latest records, and one of them whole.

import { el, facsimile, outside, pre, show, the } from "./dom.js";
import { count, day, words } from "./format.js";
import { listing, single } from "./listing.js";

const FIRST = 25;

const again = () => draw();
const records = listing("/api/records", "records", again);
const record = single("/api/records", again);

export function showRecords(_status, [entry = null]) {
  records.refresh(FIRST);
  record.want(entry);
  draw();
}

function draw() {
  const { items, next, problem, known } = records.state;
  show(
    the("view-records"),
    el(
      "section",
      { class: "list", "aria-labelledby": "records-title" },
      el("h2", { id: "records-title" }, "Records"),
      el("p", { class: "lead" }, "The newest first, as they were published."),
      problem ? el("p", { class: "notice bad", role: "alert" }, problem) : null,
      items.length
        ? rows(items)
        : el("p", { class: "nothing" }, known && !problem ? "No record lies in the stream." : ""),
      next ? el("p", {}, el("button", { type: "button", onclick: records.more }, "Older ones")) : null,
    ),
    detail(),
  );
}

function rows(items) {
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Records, the newest first" },
    el(
      "table",
      { class: "letters" },
      el("caption", { class: "unseen" }, "Records, the newest first"),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ["title", "kind", "language", "words", "settled"].map((name) =>
            el("th", { scope: "col", class: { words: "number extra", kind: "extra", language: "extra" }[name] }, name),
          ),
        ),
      ),
      el(
        "tbody",
        {},
        items.map((item) =>
          el(
            "tr",
            { "data-key": item.entry, "aria-current": item.entry === record.state.id ? "true" : null },
            el(
              "th",
              { scope: "row", class: "wide" },
              el("a", { href: `#records/${item.entry}` }, el("bdi", {}, item.title || "(without a title)")),
              el("small", {}, el("bdi", {}, item.url ?? "no record")),
            ),
            el("td", { class: "extra" }, kind(item)),
            el("td", { class: "extra" }, item.language ?? "–"),
            el("td", { class: "number extra" }, count(item.words)),
            el("td", {}, day(item.processed_at)),
          ),
        ),
      ),
    ),
  );
}

const kind = ({ kind: name, version }) => (name === "updated" ? `version ${count(version)}` : (name ?? "–"));

function detail() {
  const { id, found, problem } = record.state;
  if (id === null)
    return el(
      "section",
      { class: "detail empty", "aria-label": "One record" },
      el("p", { class: "nothing" }, "Choose one to read it."),
    );
  const parts = found
    ? whole(found)
    : [el("p", { class: problem ? "notice bad" : "nothing", role: "alert" }, problem || "reading …")];
  return el(
    "section",
    { class: "detail", "aria-labelledby": "record-title", "data-key": id },
    el("h3", { id: "record-title" }, el("bdi", {}, found?.title || "(without a title)")),
    ...parts,
  );
}

const PLAIN = ["host", "language", "site_name", "section", "source", "id", "article", "supersedes", "content_hash"];

function whole(found) {
  const list = (values) => (Array.isArray(values) ? values.join(", ") : "");
  const removed = Object.entries(found.extraction?.removed ?? {})
    .map(([rule, size]) => `${words(rule)} ${count(size)}`)
    .join(", ");
  const facts = [
    ["kind", kind(found)],
    ["authors", list(found.authors)],
    ["published", found.published_at && day(found.published_at)],
    ["modified", found.modified_at && day(found.modified_at)],
    ["settled", found.processed_at && day(found.processed_at)],
    ...PLAIN.map((name) => [words(name), found[name]]),
    ["tags", list(found.tags)],
    ["canonical", found.canonical_url && found.canonical_url !== found.url ? outside(found.canonical_url) : ""],
    ["image", found.image && outside(found.image)],
    ["description", found.description],
    ["won by", found.extraction?.method],
    ["sure to", found.extraction?.confidence?.toFixed(2)],
    ["taken out", removed],
    ["warnings", list(found.warnings)],
  ];
  return [
    el("p", {}, found.url ? outside(found.url) : null),
    found.url
      ? el(
          "p",
          { class: "changes" },
          el("a", { class: "button", href: `#search/why/${encodeURIComponent(found.url)}` }, "All decisions"),
        )
      : null,
    pre("The record's text", found.text ?? ""),
    found.characters > (found.text ?? "").length
      ? el("p", { class: "hint" }, `The first of ${count(found.characters)} characters.`)
      : null,
    facsimile(facts),
  ];
}
