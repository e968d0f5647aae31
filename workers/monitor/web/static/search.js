// A search of settled pages, and all that is known of one of them.

import { ask } from "./ask.js";
import { el, facsimile, outside, show, the } from "./dom.js";
import { count, day, words } from "./format.js";
import { listing } from "./listing.js";

const FIRST = 50;
const OUTCOMES = ["published", "updated", "duplicate", "near_duplicate", "rejected", "dead"];
const FIELDS = ["url", "host", "outcome", "reason"];

const again = () => draw();
const pages = listing("/api/settled", "pages", again);
const one = { url: null, told: null, problem: "" };

/** Where one page's story is told. */
export const whyOf = (url) => `#search/why/${encodeURIComponent(url)}`;

export function showSearch(_status, [kind = null, value = null]) {
  if (pages.state.asked === -Infinity) pages.reload();
  want(kind === "why" ? value : null);
  draw();
}

async function want(url) {
  if (one.url === url) return;
  Object.assign(one, { url, told: null, problem: "" });
  if (url === null) return;
  try {
    const told = await ask(`/api/why?${new URLSearchParams({ url })}`);
    if (one.url === url) one.told = told;
  } catch (error) {
    if (one.url === url) one.problem = error.message;
  }
  draw();
}

function draw() {
  const { items, next, problem, known, whole } = pages.state;
  const reach =
    whole &&
    `Looked at ${count(whole.looked)} of the ${count(whole.length)} settled pages that are remembered${whole.back_to ? `, back to ${day(whole.back_to)}` : ""}.`;
  show(
    the("view-search"),
    el(
      "section",
      { class: "list", "aria-labelledby": "search-title" },
      el("h2", { id: "search-title" }, "Search"),
      el(
        "p",
        { class: "lead" },
        "What became of pages, the last settled first. An address is found in any spelling; a part of one is searched for as it is.",
      ),
      form(),
      problem ? el("p", { class: "notice bad", role: "alert" }, problem) : null,
      el("p", { class: "hint", role: "status" }, reach || (known ? "" : "searching …")),
      items.length
        ? rows(items)
        : el("p", { class: "nothing" }, known && !problem ? "No settled page is like that." : ""),
      next ? el("p", {}, el("button", { type: "button", onclick: pages.more }, "Look further back")) : null,
    ),
    story(),
  );
}

function form() {
  const send = (event) => {
    event.preventDefault();
    const { elements } = event.target;
    pages.ask(Object.fromEntries(FIELDS.map((name) => [name, elements[name].value.trim()])));
  };
  const text = (name, label, hint) =>
    el(
      "label",
      {},
      `${label} `,
      el("input", { name, type: "search", autocomplete: "off", spellcheck: "false", placeholder: hint }),
    );
  return el(
    "form",
    { class: "filters", role: "search", onsubmit: send },
    text("url", "Address", "or a part"),
    text("host", "Host", "any"),
    el(
      "label",
      {},
      "Outcome ",
      el(
        "select",
        { name: "outcome" },
        el("option", { value: "" }, "any"),
        OUTCOMES.map((outcome) => el("option", { value: outcome }, words(outcome))),
      ),
    ),
    text("reason", "Reason", "any"),
    el("button", { type: "submit", class: "main" }, "Search"),
  );
}

function rows(items) {
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Settled pages" },
    el(
      "table",
      { class: "letters" },
      el("caption", { class: "unseen" }, "Settled pages, the last first"),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ["page", "outcome", "settled"].map((name) =>
            el("th", { scope: "col", class: name === "settled" ? "extra" : null }, name),
          ),
        ),
      ),
      el(
        "tbody",
        {},
        items.map((item) =>
          el(
            "tr",
            { "data-key": item.entry, "aria-current": item.url === one.url ? "true" : null },
            el(
              "th",
              { scope: "row", class: "wide" },
              el("a", { href: whyOf(item.url) }, el("bdi", {}, item.url || item.id)),
            ),
            el("td", {}, outcome(item)),
            el("td", { class: "extra" }, day(item.at)),
          ),
        ),
      ),
    ),
  );
}

const outcome = ({ outcome: name, reason, similarity }) =>
  [words(name), reason && words(reason), similarity && `${Math.round(100 * similarity)} %`].filter(Boolean).join(", ");

function story() {
  if (one.url === null)
    return el(
      "section",
      { class: "detail empty", "aria-label": "One page" },
      el("p", { class: "nothing" }, "Choose one to see all that was decided on it."),
    );
  return el(
    "section",
    { class: "detail", "aria-labelledby": "why-title", "data-key": one.url },
    el("h3", { id: "why-title" }, outside(one.url)),
    one.told
      ? chapters(one.told)
      : el("p", { class: one.problem ? "notice bad" : "nothing", role: "alert" }, one.problem || "looking …"),
  );
}

function chapters(told) {
  const { waiting, decisions, letters, remembered } = told;
  const known = waiting?.length || decisions.length || letters?.length || remembered;
  return [
    known ? null : el("p", { class: "nothing" }, "Nothing is known of it."),
    ...(waiting ?? []).map((page) =>
      chapter(day(page.pushed_at), page.holder ? `In the hands of worker ${page.holder}` : "Waiting", [
        ["queue", page.queue],
        ["id", page.id],
        ["strikes", page.strikes || ""],
      ]),
    ),
    ...decisions.map(({ page, record, repeats }) =>
      chapter(day(page.at), outcome(page), [
        ["id", page.id],
        ["record", record && recorded(record)],
        ["repeats or replaces", repeats ? recorded(repeats) : page.of],
      ]),
    ),
    ...(letters ?? []).map((letter) =>
      chapter(day(letter.at), "Dead letter", [
        ["reason", words(letter.reason)],
        ["letter", el("a", { href: `#dead/${encodeURIComponent(letter.letter)}` }, letter.letter)],
      ]),
    ),
    remembered
      ? chapter("", "Remembered", [
          ["version", count(remembered.version)],
          ["made of page", remembered.record],
        ])
      : null,
    el(
      "p",
      { class: "hint" },
      `Looked at ${count(told.looked_settled)} of ${count(told.of_settled)} settled pages, ${count(told.looked_waiting)} of ${count(told.of_waiting)} that wait, and ${count(told.looked_letters)} dead letters.`,
    ),
  ];
}

const chapter = (when, what, facts) =>
  el("div", { class: "chapter" }, el("h4", {}, [when, what].filter(Boolean).join(" · ")), facsimile(facts));

const recorded = ({ title, url, entry, version }) => {
  const name = `${title || url}${version > 1 ? `, version ${count(version)}` : ""}`;
  return entry ? el("a", { href: `#records/${entry}` }, el("bdi", {}, name)) : el("bdi", {}, name);
};
