// The page "Dados ERP": load, draw, and keep up to date.

import { ApiError, read, readAll } from "./api.js";
import { h, show } from "./dom.js";
import { formats } from "./format.js";
import { headline, headlineNodes } from "./headline.js";
import { abc, general, instead, runs } from "./sections.js";
import * as session from "./session.js";
import texts from "./texts.js";

const IDLE_MS = 60_000;
const WATCHING_MS = 5_000;
const PAGE = 10;

const place = (id) => document.getElementById(id);
const slots = ["headline", "general", "runs", "abc"].map(() => document.createElement("div"));
let language = session.language();
let visit = new AbortController();
let timer;
/** What is shown: { integrations, integration, runs, cursor, curve, at }; null before the first answer. */
let data = null;

function t(key, values = {}) {
  const text = texts[key]?.[language] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

const ask = (path) => read(path, { token: session.token(), language, signal: visit.signal });

const below = (id, path) => `integrations/${encodeURIComponent(id)}${path}`;

function askRuns(id, cursor) {
  return ask(below(id, `/runs?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`));
}

function askCurve(id) {
  return ask(below(id, "/abc")).catch((error) => {
    if (error.kind === "absent") return null;
    throw error;
  });
}

const details = (id) => Promise.all([askRuns(id), askCurve(id)]);

/** Load and draw everything, for whoever is signed in now. */
async function open() {
  visit.abort();
  clearTimeout(timer);
  visit = new AbortController();
  data = null;
  frame();
  if (!session.token()) return explain(t("signin_title"), [t("signin")]);
  place("content").replaceChildren(h("p", { class: "card", role: "status" }, t("loading")));
  await attempt(load);
}

async function load() {
  const options = { token: session.token(), language, signal: visit.signal };
  const id = session.chosen();
  const early = id ? details(id) : null;
  early?.catch(() => {}); // looked at below, unless the list already says that there is no such integration
  const integrations = await readAll("integrations", options);
  if (!integrations.length) return explain(t("empty_title"), [t("empty")], [t("retry"), open]);
  const integration = id ? integrations.find((one) => one.integration_id === id) : integrations[0];
  if (!integration) return offerOther(integrations);
  session.choose(integration.integration_id);
  const [page, curve] = await (early ?? details(integration.integration_id));
  const cursor = page.next_cursor;
  data = { integrations, integration, runs: page.items, cursor, curve, at: new Date().toISOString() };
  frame();
  place("content").replaceChildren(...slots);
  draw();
  later();
}

/** Look again; while a run is on it tells of itself, so that its progress costs one call. */
async function refresh() {
  const { integration: before } = data;
  const id = before.integration_id;
  const integration = await ask(below(id, ""));
  const run = integration.current_run;
  const mark = (one) => `${one.current_run?.run_id} ${one.last_success_at}`;
  if (mark(integration) !== mark(before)) {
    const [page, curve] = await details(id);
    data = { ...data, curve };
    join(page);
  } else if (run) data.runs = data.runs.map((one) => (one.run_id === run.run_id ? run : one));
  else join(await askRuns(id));
  data = { ...data, integration, at: new Date().toISOString() };
  notice(null);
  draw();
}

/** Put the newest page before the runs that are shown already. */
function join(page) {
  const newest = new Set(page.items.map((run) => run.run_id));
  const older = data.runs.filter((run) => !newest.has(run.run_id));
  if (older.length === data.runs.length) data = { ...data, runs: page.items, cursor: page.next_cursor };
  else data = { ...data, runs: [...page.items, ...older] };
}

async function more() {
  const button = slots[2].querySelector("button");
  button.disabled = true;
  notice(t("loading_more"));
  try {
    const page = await askRuns(data.integration.integration_id, data.cursor);
    const known = new Set(data.runs.map((run) => run.run_id));
    const older = page.items.filter((run) => !known.has(run.run_id));
    data = { ...data, runs: [...data.runs, ...older], cursor: page.next_cursor };
    notice(null);
  } finally {
    button.disabled = false;
  }
  draw();
  slots[2].querySelector("button")?.focus({ preventScroll: true });
}

function draw() {
  const { integration, runs: items, cursor, curve } = data;
  const f = formats(language, integration.schedule.timezone);
  const told = headline({ integration, runs: items, now: Date.now() }, t, f);
  if (place("spoken").textContent !== told.title) place("spoken").textContent = told.title;
  show(slots[0], headlineNodes(told, f.zone(integration.last_success_at), t));
  show(slots[1], general(integration, t, f));
  show(slots[2], runs(items, cursor ? () => attempt(more) : null, t, f));
  show(slots[3], abc(curve, t, f));
}

/** Write what surrounds the data: title, labels, the choice of integration and language. */
function frame() {
  document.documentElement.lang = language;
  document.title = [data?.integration.name, t("title")].filter((one) => one).join(" · ");
  place("title").textContent = t("title");
  place("language-label").textContent = t("language");
  place("integration-label").textContent = t("integration");
  place("language").value = language;
  place("integrations").hidden = !(data?.integrations.length > 1);
  const options = (data?.integrations ?? []).map((one) =>
    h("option", { value: one.integration_id }, [one.name, one.erp_name].filter((part) => part).join(" · ")),
  );
  place("integration").replaceChildren(...options);
  if (data) place("integration").value = data.integration.integration_id;
  notice(null);
}

function notice(text) {
  place("notice").hidden = !text;
  place("notice").textContent = text ?? "";
}

function explain(title, lines, action) {
  place("spoken").textContent = "";
  place("content").replaceChildren(instead(title, lines, action));
}

function offerOther(integrations) {
  const [first] = integrations;
  const other = () => {
    session.choose(first.integration_id);
    open();
  };
  explain(t("absent_title"), [t("absent")], [t("absent_other", { name: first.name }), other]);
}

/** Do something that asks the API, and explain what went wrong. */
async function attempt(act) {
  const mine = visit.signal;
  try {
    await act();
  } catch (error) {
    if (!mine.aborted) fail(error);
  }
}

function fail(error) {
  if (!(error instanceof ApiError)) {
    console.error(error);
    return explain(t("broken_title"), [t("broken")]);
  }
  const id = error.requestId && t("request_id", { id: error.requestId });
  if (error.kind === "signin") {
    session.signOut();
    return explain(t("expired_title"), [t("signin")]);
  }
  if (error.kind === "away" && data) {
    const f = formats(language, data.integration.schedule.timezone);
    return notice(t("away_since", { at: f.second(data.at) }));
  }
  if (error.kind === "away") return explain(t("away_title"), [t("away"), id], [t("retry"), open]);
  return explain(t("refused_title"), [error.detail, id], [t("retry"), open]);
}

/** Look again after a while, for as long as there is data and somebody to see it. */
function later() {
  clearTimeout(timer);
  if (!data || document.hidden) return;
  timer = setTimeout(again, data.integration.current_run ? WATCHING_MS : IDLE_MS);
}

async function again() {
  clearTimeout(timer);
  const mine = visit;
  await attempt(refresh);
  if (mine === visit) later();
}

session.takeAddress();
place("language").addEventListener("change", (event) => {
  language = event.target.value;
  session.speak(language);
  open();
});
place("integration").addEventListener("change", (event) => {
  session.choose(event.target.value);
  open();
});
window.addEventListener("hashchange", () => {
  session.takeAddress();
  open();
});
document.addEventListener("visibilitychange", () => {
  if (data && !document.hidden) again();
});
open();
