// The dead letters: why each page died, the page as text, and what can be done with it.

import { ask } from "./ask.js";
import { el, facsimile, outside, pre, show, the } from "./dom.js";
import { bytes, count, day, words } from "./format.js";
import { listing, single } from "./listing.js";

const FIRST = 50;

const chosen = new Set();
const filter = { reason: "", host: "" };
let done = ""; // what the last change did, said aloud
let busy = false;
let mayChange = false;
let reasons = {};

const again = () => draw();
const letters = listing("/api/dead", "letters", again);
const letter = single("/api/dead", again);

export function showDead({ snapshot, may_change: may }, [id = null]) {
  mayChange = Boolean(may);
  reasons = snapshot?.dead.reasons ?? {};
  letters.refresh(FIRST);
  letter.want(id);
  draw();
}

function draw() {
  const { items, next, problem, known } = letters.state;
  for (const one of chosen) if (!items.some((item) => item.letter === one)) chosen.delete(one);
  show(
    the("view-dead"),
    el(
      "section",
      { class: "list", "aria-labelledby": "dead-title" },
      el("h2", { id: "dead-title" }, "Dead letters"),
      el(
        "p",
        { class: "lead" },
        "Pages whose work crashed, hung or raised, kept whole. What a new release mends can be replayed.",
      ),
      filters(),
      changes(),
      el("p", { class: "said", role: "status" }, done),
      problem ? el("p", { class: "notice bad", role: "alert" }, problem) : null,
      items.length ? rows(items) : el("p", { class: "nothing" }, known && !problem ? "No dead letter." : ""),
      next ? el("p", {}, el("button", { type: "button", onclick: letters.more }, "Older ones")) : null,
    ),
    detail(),
  );
}

function filters() {
  const options = ["", ...Object.keys(reasons).sort()].map((reason) =>
    el(
      "option",
      { value: reason, selected: reason === filter.reason },
      reason ? `${words(reason)} (${count(reasons[reason])})` : "any reason",
    ),
  );
  return el(
    "div",
    { class: "filters" },
    el("label", {}, "Reason ", el("select", { onchange: (event) => look("reason", event.target.value) }, options)),
    el(
      "label",
      {},
      "Host ",
      el("input", {
        type: "search",
        spellcheck: "false",
        autocomplete: "off",
        placeholder: "any",
        onchange: (event) => look("host", event.target.value.trim()),
      }),
    ),
  );
}

function look(name, value) {
  filter[name] = value;
  letters.ask(filter);
}

function changes() {
  const none = chosen.size === 0 || busy;
  return el(
    "div",
    { class: "changes" },
    el(
      "button",
      { type: "button", disabled: !mayChange || none, onclick: () => change("replay", [...chosen]) },
      chosen.size ? `Replay ${count(chosen.size)} chosen` : "Replay chosen",
    ),
    el(
      "button",
      { type: "button", class: "danger", disabled: !mayChange || none, onclick: () => drop([...chosen]) },
      chosen.size ? `Drop ${count(chosen.size)} chosen` : "Drop chosen",
    ),
    mayChange ? null : el("span", { class: "hint" }, "Read-only: give the token (above) to replay and drop."),
  );
}

function rows(items) {
  const all = items.every((item) => chosen.has(item.letter));
  const mark = (item) => (event) => {
    if (event.target.checked) chosen.add(item.letter);
    else chosen.delete(item.letter);
    draw();
  };
  const markAll = (event) => {
    for (const item of items)
      if (event.target.checked) chosen.add(item.letter);
      else chosen.delete(item.letter);
    draw();
  };
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Dead letters, the newest first" },
    el(
      "table",
      { class: "letters" },
      el("caption", { class: "unseen" }, "Dead letters, the newest first"),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col", class: "box" }, box(all, markAll, "all that are listed")),
          ["page", "reason", "died", "size"].map((name) =>
            el("th", { scope: "col", class: { size: "number extra", died: "extra" }[name] }, name),
          ),
        ),
      ),
      el(
        "tbody",
        {},
        items.map((item) =>
          el(
            "tr",
            { "data-key": item.letter, "aria-current": item.letter === letter.state.id ? "true" : null },
            el("td", { class: "box" }, box(chosen.has(item.letter), mark(item), item.url || item.id || item.letter)),
            el(
              "th",
              { scope: "row", class: "wide" },
              el(
                "a",
                { href: `#dead/${encodeURIComponent(item.letter)}` },
                el("bdi", {}, item.url || item.id || item.letter),
              ),
              el("small", {}, el("bdi", {}, item.detail)),
            ),
            el("td", {}, words(item.reason)),
            el("td", { class: "extra" }, day(item.at)),
            el("td", { class: "number extra" }, bytes(item.size)),
          ),
        ),
      ),
    ),
  );
}

function box(checked, onchange, name) {
  const input = el("input", { type: "checkbox", onchange, "aria-label": `choose ${name}` });
  input.checked = checked;
  return input;
}

function detail() {
  const { id, found, problem } = letter.state;
  if (id === null)
    return el(
      "section",
      { class: "detail empty", "aria-label": "One dead letter" },
      el("p", { class: "nothing" }, "Choose one to see its page, its reason and its traceback."),
    );
  const parts = found
    ? whole(found)
    : [el("p", { class: problem ? "notice bad" : "nothing", role: "alert" }, problem || "reading …")];
  return el(
    "section",
    { class: "detail", "aria-labelledby": "letter-title", "data-key": id },
    el("h3", { id: "letter-title" }, found?.url ? outside(found.url) : el("bdi", {}, found?.id || id)),
    ...parts,
  );
}

function whole(found) {
  const { letter: id } = found;
  const facts = [
    ["reason", words(found.reason)],
    ["died", day(found.at)],
    ["queue", found.queue],
    ["host", found.host],
    ["id", found.id],
    ["size", bytes(found.size)],
  ];
  const given = Object.entries(found.fields).filter(([name]) => name !== "url");
  const can = mayChange && !busy;
  return [
    el(
      "p",
      { class: "changes" },
      el("button", { type: "button", class: "main", disabled: !can, onclick: () => change("replay", [id]) }, "Replay"),
      el("button", { type: "button", class: "danger", disabled: !can, onclick: () => drop([id]) }, "Drop"),
      el("button", { type: "button", disabled: busy, onclick: () => attempt(id) }, "Try it here"),
      el("a", { class: "button", href: `#explain/dead/${encodeURIComponent(id)}` }, "Explain"),
      found.url
        ? el("a", { class: "button", href: `#search/why/${encodeURIComponent(found.url)}` }, "All decisions")
        : null,
    ),
    tried(id),
    facsimile(facts),
    found.detail ? el("h4", {}, "Why") : null,
    found.detail ? pre("Why it died", found.detail) : null,
    given.length ? el("h4", {}, "As it was pushed") : null,
    given.length ? facsimile(given) : null,
    el("h4", {}, `The page, ${count(found.characters)} characters`),
    pre("The page as text", found.text),
    found.characters > found.text.length
      ? el(
          "p",
          { class: "hint" },
          `The first ${count(found.text.length)} are shown: pagemill dead show ${id} --body FILE writes them all.`,
        )
      : null,
  ];
}

let trial = null; // what this release makes of a letter, by its id

async function attempt(id) {
  busy = true;
  trial = { id, told: null, problem: "" };
  draw();
  try {
    trial = { id, told: await ask("/api/dead/try", { letters: [id] }), problem: "" };
  } catch (error) {
    trial = { id, told: null, problem: error.message };
  }
  busy = false;
  draw();
}

function tried(id) {
  if (trial?.id !== id) return el("div", { role: "status" });
  const { told, problem } = trial;
  if (!told)
    return el(
      "div",
      { role: "status" },
      el("p", { class: problem ? "notice bad" : "nothing" }, problem || "trying it with this release …"),
    );
  const now =
    told.verdict === "draft"
      ? `a record${told.draft.title ? `, “${told.draft.title}”` : ""}`
      : `${told.verdict}, ${words(told.reason)}`;
  return el(
    "div",
    { role: "status" },
    el(
      "div",
      { class: `tried${told.is_mended ? " mended" : ""}` },
      el("p", {}, `It died of: ${words(told.then)}. This release makes of it: `, el("b", {}, el("bdi", {}, now)), "."),
      told.is_mended ? null : el("p", {}, el("small", {}, told.detail.split("\n")[0])),
    ),
    told.draft ? pre("What its text would be", told.draft.text) : null,
  );
}

async function change(action, ids) {
  busy = true;
  draw();
  try {
    const told = await ask(`/api/dead/${action}`, { letters: ids });
    const verb = { replay: "replayed", drop: "dropped" }[action];
    done = `${count(told.done.length)} ${verb}${told.gone.length ? `, ${count(told.gone.length)} were gone already` : ""}.`;
    for (const id of ids) chosen.delete(id);
    if (ids.includes(letter.state.id)) location.hash = "#dead";
  } catch (error) {
    done = `Nothing is known to have changed: ${error.message}`;
  }
  busy = false;
  await letters.reload();
}

function drop(ids) {
  const dialog = the("sure-dialog");
  the("sure-what").textContent =
    `${ids.length === 1 ? "One dead letter" : `${count(ids.length)} dead letters`} with the pages in them. Nobody can bring them back.`;
  dialog.returnValue = "no";
  dialog.onclose = () => dialog.returnValue === "yes" && change("drop", ids);
  dialog.showModal();
}
