// Elements out of values. Whatever comes from outside becomes text: there is no way from here to markup.

// What turns the direction of writing, hides, or controls: shown by its number, as `pagemill status` does.
const UNSEEN = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ufffe\\uffff]" +
    "|\\udb40[\\udc00-\\udc7f]|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]",
  "g",
);

const escapeUnseen = (found) => [...found].map((one) => `\\u{${one.codePointAt(0).toString(16)}}`).join("");

/** Text as it may be shown. */
export const plain = (value) => String(value).replace(UNSEEN, escapeUnseen);

const SVG = "http://www.w3.org/2000/svg";

/** An element; children are nodes or text, null is left out. Of attributes, a function is a listener (`onclick`). */
export const el = (name, attributes = {}, ...children) => made(document.createElement(name), attributes, children);

/** The same in SVG. */
export const svg = (name, attributes = {}, ...children) =>
  made(document.createElementNS(SVG, name), attributes, children);

function made(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node[name] = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, plain(value));
  }
  for (const child of children.flat()) {
    if (child != null && child !== false) node.append(child instanceof Node ? child : plain(child));
  }
  return node;
}

/** A link to a page that was scraped, where its address is one that a browser may open; else its text alone. */
export function outside(address, text = address) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    // what is no address is shown as it is
  }
  if (url === null || !["http:", "https:"].includes(url.protocol)) return el("bdi", {}, text);
  return el("a", { href: url.href, rel: "noreferrer noopener", target: "_blank" }, el("bdi", {}, text));
}

const LISTENERS = ["onclick", "onchange", "onsubmit", "oninput", "onpointermove", "onpointerleave"];

/** Make what is below `parent` look like `nodes`, keeping each node that can stay: focus, selection, scrolling live on. */
export function show(parent, ...nodes) {
  const wanted = nodes.flat().filter((node) => node != null && node !== false);
  wanted.forEach((node, place) => {
    const fresh = node instanceof Node ? node : document.createTextNode(plain(node));
    const old = parent.childNodes[place];
    if (old === undefined) parent.append(fresh);
    else if (!alike(old, fresh)) old.replaceWith(fresh);
    else if (old !== fresh) adapt(old, fresh);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
}

const alike = (old, fresh) =>
  old.nodeName === fresh.nodeName && (old.dataset?.key ?? "") === (fresh.dataset?.key ?? "");

function adapt(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name); // whoever looks decides what is open
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const listener of LISTENERS) {
    if (old[listener] !== fresh[listener]) old[listener] = fresh[listener];
  }
  if (old.type === "checkbox") old.checked = fresh.checked;
  show(old, ...fresh.childNodes);
}

/** The element of this page with this id. */
export const the = (id) => document.getElementById(id);

/** A table with a caption. Columns: `{name, number, wide}`; a cell is text or a node; the first one heads its row. */
export function table(caption, columns, rows, empty = "none") {
  const head = columns.map((column) => el("th", { scope: "col", class: classes(column) }, column.name));
  const body = rows.map((cells) =>
    el(
      "tr",
      {},
      cells.map((cell, place) =>
        el(
          place ? "td" : "th",
          { class: classes(columns[place]), scope: place ? null : "row", "data-label": columns[place].name },
          cell ?? "–",
        ),
      ),
    ),
  );
  const nothing = el("tr", {}, el("td", { colspan: columns.length, class: "nothing" }, empty));
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, body.length ? body : nothing),
    ),
  );
}

const classes = (column) => [column.number && "number", column.wide && "wide"].filter(Boolean).join(" ") || null;

/** Names with their values; what has none is left out. */
export const facsimile = (pairs) =>
  el(
    "dl",
    { class: "facts" },
    pairs
      .filter(([, value]) => value !== "" && value != null)
      .map(([name, value]) =>
        el(
          "div",
          {},
          el("dt", {}, el("bdi", {}, name)),
          el("dd", {}, value instanceof Node ? value : el("bdi", {}, value)),
        ),
      ),
  );

/** A text as it is, that can be scrolled without a mouse. */
export const pre = (name, text) => el("pre", { tabindex: "0", role: "region", "aria-label": name, dir: "auto" }, text);
