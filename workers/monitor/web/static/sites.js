// Which sources and hosts the pages come from, and how their records turn out.

import { el, show, table, the } from "./dom.js";
import { count, share, words } from "./format.js";

export function showSites({ snapshot }) {
  if (!snapshot) return;
  show(the("view-sites"), ...both("Sources", "source", snapshot.sources), ...both("Hosts", "host", snapshot.hosts));
}

function both(title, name, sites) {
  const known = `${count(sites.known)} known`;
  const caption = (what) => `${title}, ${what}; ${known}`;
  return [
    el("h2", {}, title),
    table(
      caption("by pages of the last one to two hours"),
      columns(name),
      sites.by_pages.map(row),
      "No page was settled lately.",
    ),
    table(
      caption("by pages that were rejected or died"),
      columns(name),
      sites.by_rejects.map(row),
      "No page was rejected lately, and none died.",
    ),
  ];
}

const columns = (name) => [
  { name },
  { name: "pages", number: true },
  { name: "records from", number: true },
  { name: "rejected", number: true },
  { name: "before", number: true },
  { name: "dead", number: true },
  { name: "no title", number: true },
  { name: "no date", number: true },
  { name: "mostly because" },
];

function row({ name, recent, past }) {
  return [
    name === "" ? el("i", {}, "not named") : el("bdi", {}, name),
    count(recent.pages),
    count(recent.drafts),
    share(recent.rejected, recent.pages),
    share(past.rejected, past.pages),
    count(recent.dead),
    share(recent.without_title, recent.drafts),
    share(recent.without_date, recent.drafts),
    why(recent.reasons),
  ];
}

const why = (reasons) =>
  Object.entries(reasons)
    .sort(([, one], [, other]) => other - one)
    .slice(0, 3)
    .map(([name, pages]) => `${words(name)} ${count(pages)}`)
    .join(", ") || "–";
