// The page: asks for the status each second, judges aloud, and shows the view that the address names.

import { ask, forgetToken, hasToken, keepToken, takeTokenFromAddress } from "./ask.js";
import { showDead } from "./dead.js";
import { el, plain, show, the } from "./dom.js";
import { showExplain } from "./explain.js";
import { drain, showFlow } from "./flow.js";
import { count, rate, second, span } from "./format.js";
import { kept } from "./kept.js";
import { showRecords } from "./records.js";
import { showSearch } from "./search.js";
import { showSites } from "./sites.js";

const EVERY = 1000;
const HIDDEN_EVERY = 15_000;
const SLOWEST = 8000;

const VIEWS = {
  flow: showFlow,
  sites: showSites,
  dead: showDead,
  records: showRecords,
  search: showSearch,
  explain: showExplain,
};

let status = null; // the last that was had
let failures = 0;
let timer = 0;

async function look() {
  clearTimeout(timer);
  try {
    status = await ask("/api/status");
    failures = 0;
    tell(status.problem ? `${status.problem}; ${known()}` : "", status.problem ? "bad" : "good");
  } catch (error) {
    failures += 1;
    tell(`${error.message}; ${known()}`, "bad");
    if (error.status === 401)
      askForToken("This monitor is reached from elsewhere, and shows itself only with its token.");
  }
  draw();
  timer = setTimeout(look, document.hidden ? HIDDEN_EVERY : Math.min(EVERY * 2 ** Math.min(failures, 4), SLOWEST));
}

const known = () => (status?.snapshot ? `figures of ${second(status.snapshot.at)}` : "no figures yet");

function tell(problem, level) {
  const pulse = the("pulse");
  pulse.dataset.level = level;
  const told = problem || "live";
  if (pulse.textContent !== plain(told)) pulse.textContent = plain(told);
}

function draw() {
  const isStale = failures > 0 || Boolean(status?.problem);
  document.body.classList.toggle("stale", isStale);
  switches();
  if (status?.snapshot) {
    judge(status, isStale);
    the("dead-count").textContent = status.snapshot.dead.lying ? count(status.snapshot.dead.lying) : "";
    the("about").textContent = plain(`${status.snapshot.store.server} ${status.snapshot.store.version}`);
  } else if (isStale) {
    headline("Nothing is known of the mill yet", "none");
  }
  VIEWS[view()[0]](status ?? { snapshot: null, latency: [] }, view().slice(1));
}

function judge({ verdict, snapshot }, isStale) {
  headline(
    isStale ? `${verdict.headline} (as of ${second(snapshot.at)})` : verdict.headline,
    isStale ? "none" : verdict.level,
  );
  const { latency } = snapshot;
  show(
    the("figures"),
    [
      ["to do", count(snapshot.depth), snapshot.depth === 1 ? "page" : "pages"],
      ["oldest waits", span(snapshot.oldest_age), ""],
      ["in", rate(snapshot.pushed_rate.minute), `${rate(snapshot.pushed_rate.quarter_hour)} over 15 min`],
      ["out", rate(snapshot.settled_rate.minute), `${rate(snapshot.settled_rate.quarter_hour)} over 15 min`],
      ["drained in", ...drain(snapshot)],
      ["push to published", span(latency.p50), latency.p99 == null ? "" : `99 % within ${span(latency.p99)}`],
      [
        "workers",
        count(snapshot.workers.filter((worker) => !worker.dead).length),
        `${count(snapshot.workers.filter((worker) => worker.state === "busy").length)} busy`,
      ],
      ["settled", count(snapshot.settled), "pages ever"],
    ].map(([name, value, more]) =>
      el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), more ? el("small", {}, more) : null)),
    ),
  );
  show(
    the("findings"),
    verdict.findings.map((finding) =>
      el("li", { "data-level": finding.level }, el("b", {}, `${finding.what}. `), finding.advice),
    ),
  );
}

function headline(text, level) {
  const box = the("verdict");
  if (box.dataset.level !== level) box.dataset.level = level;
  const head = the("verdict-headline");
  if (head.textContent !== plain(text)) head.textContent = plain(text); // spoken only when it changes
  document.title = `${level === "good" || level === "none" ? "" : "! "}${plain(text)} · Pagemill`;
}

// What is shown: #flow, #dead, #dead/ID, ...

const view = () => {
  const parts = location.hash.slice(1).split("/").map(decoded);
  return Object.hasOwn(VIEWS, parts[0]) ? parts : ["flow"];
};

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function turn() {
  const [name] = view();
  for (const box of document.querySelectorAll(".view")) box.hidden = box.id !== `view-${name}`;
  document.body.dataset.view = name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  draw();
}

// The token, and light or dark.

function switches() {
  const button = the("token-switch");
  button.hidden = status !== null && !status.takes_token && !hasToken();
  const told = status?.may_change ? "May change" : hasToken() ? "Token is wrong" : "Read-only";
  if (button.textContent === told) return;
  button.textContent = told;
  button.setAttribute("aria-label", `${told}: give the token`);
}

function askForToken(why) {
  const dialog = the("token-dialog");
  if (dialog.open) return;
  if (why) the("token-why").textContent = why;
  the("token-input").value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
}

function takeToken() {
  const { returnValue } = the("token-dialog");
  const told = the("token-input").value.trim();
  the("token-input").value = "";
  if (returnValue === "give" && told) keepToken(told);
  if (returnValue === "forget") forgetToken();
  if (returnValue !== "cancel") look();
}

const THEMES = ["", "light", "dark"];
const chosenTheme = kept("localStorage", "pagemill-theme");

function theme(step) {
  const root = document.documentElement;
  const now = Math.max(0, THEMES.indexOf(chosenTheme.get() ?? ""));
  const wanted = THEMES[(now + step) % THEMES.length];
  chosenTheme.set(wanted);
  if (wanted) root.dataset.theme = wanted;
  else delete root.dataset.theme;
  the("theme-switch").textContent = `Theme: ${wanted || "auto"}`;
}

takeTokenFromAddress();
theme(0);
the("theme-switch").onclick = () => theme(1);
the("token-switch").onclick = () => askForToken("");
the("token-dialog").onclose = takeToken;
window.addEventListener("hashchange", turn);
window.addEventListener("resize", draw);
document.addEventListener("visibilitychange", () => document.hidden || look());
turn();
look();
