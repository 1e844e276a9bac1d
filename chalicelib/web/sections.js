// The parts of the tab: fields, runs, ABC curve, and what is shown instead when there is nothing.

import { h, table } from "./dom.js";
import { NONE } from "./format.js";
import { hours, rejected } from "./headline.js";

const WIDE = ["deployment_status", "business_rule"];

/** Informações Gerais: every field of the manual, in its order. */
export function general(integration, t, f) {
  const yes = (value) => t(value ? "yes" : "no");
  const { schedule } = integration;
  const fields = [
    ["integration_type", t(`type_${integration.integration_type}`)],
    ["database_size", f.bytes(integration.database_size_bytes)],
    ["erp_name", integration.erp_name],
    ["erp_version", integration.erp_version],
    ["deployment_status", t(`deployment_${integration.deployment_status}`)],
    ["active", yes(integration.active)],
    ["scheduled", yes(integration.scheduled)],
    ["next_run", f.zoned(integration.next_run_at) ?? t("not_scheduled")],
    ["average_duration", f.duration(integration.average_duration_seconds)],
    ["business_rule", integration.business_rule],
    ["schedule", t("daily_at", { time: schedule.time, zone: schedule.timezone })],
    ["max_hours", hours(integration, t, f)],
  ];
  return h(
    "section",
    { class: "card", "aria-labelledby": "general" },
    h("h2", { id: "general" }, t("general")),
    h(
      "dl",
      {},
      fields.map(([name, value]) =>
        h("div", { class: WIDE.includes(name) ? "wide" : null, "data-field": name },
          h("dt", {}, t(name)),
          h("dd", {}, value || NONE)),
      ),
    ),
  );
}

/** The runs, newest first; `more` asks for older ones, and is null when there are none. */
export function runs(items, more, t, f) {
  const columns = [
    { label: t("run_date") },
    { label: t("run_status") },
    { label: t("run_trigger") },
    { label: t("run_duration"), number: true },
    { label: t("run_applied"), number: true },
    { label: t("run_rejected"), number: true },
    { label: t("run_analysed"), number: true },
  ];
  const stage = (run, name) => run.stages.find((one) => one.name === name);
  const rows = items.map((run) => [
    f.second(run.started_at) ?? NONE,
    [
      h("span", { class: `badge ${run.status}` }, t(`status_${run.status}`)),
      run.error ? h("span", { class: "why" }, run.error.message) : null,
    ].filter((one) => one),
    t(`trigger_${run.trigger}`),
    f.duration(run.duration_seconds) ?? NONE,
    f.whole(stage(run, "load").processed),
    f.whole(rejected(run)),
    f.whole(stage(run, "analyse").processed),
  ]);
  return h(
    "section",
    { class: "card", "aria-labelledby": "runs" },
    h("h2", { id: "runs" }, t("runs")),
    items.length ? table(t("runs"), columns, rows) : h("p", {}, t("no_runs")),
    more ? h("button", { type: "button", onclick: more }, t("more_runs")) : null,
  );
}

/** The classes of the latest analysis; `curve` is null when there has been none. */
export function abc(curve, t, f) {
  return h(
    "section",
    { class: "card", "aria-labelledby": "abc" },
    h("h2", { id: "abc" }, t("abc")),
    curve ? classes(curve, t, f) : h("p", {}, t("no_abc")),
  );
}

/** A notice in place of the data: `action` is [label, what to do]. */
export function instead(title, lines, action) {
  return h(
    "section",
    { class: "card instead", role: "alert" },
    h("h2", {}, title),
    lines.filter((line) => line).map((line) => h("p", {}, line)),
    action ? h("button", { type: "button", onclick: action[1] }, action[0]) : null,
  );
}

function classes(curve, t, f) {
  const columns = [
    { label: t("abc_class") },
    { label: t("abc_customers"), number: true },
    { label: t("abc_customers_share"), number: true },
    { label: t("abc_revenue"), number: true },
    { label: t("abc_revenue_share"), number: true },
  ];
  const rows = curve.classes.map((one) => [
    one.class === "-" ? t("abc_none") : one.class,
    f.whole(one.customers),
    f.share(one.customers_share),
    f.money(one.revenue),
    [f.share(one.revenue_share), bar(one.revenue_share)],
  ]);
  const about = {
    months: f.whole(curve.window_months),
    day: f.day(curve.as_of),
    customers: f.whole(curve.totals.classified_customers),
    revenue: f.money(curve.totals.revenue),
  };
  return [h("p", {}, t("abc_about", about)), table(t("abc"), columns, rows)];
}

function bar(share) {
  const value = Math.max(0, Math.min(1, Number(share)));
  return h("progress", { class: "share", max: 1, value, "aria-hidden": "true" });
}
