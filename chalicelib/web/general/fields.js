// The fields of the manual, in its order; where they are changed; the business rule; and the limit.

import { Facts } from "../parts/facts.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Card } from "../parts/states.js";
import { hours } from "./headline.js";
import { Limit } from "./limit.js";
import { Settings } from "./settings.js";

const WIDE = ["deployment_status", "business_rule"];

export function Fields() {
  const { t, f, integration, may } = usePage();
  const [editing, edit] = useState(false);
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
    ["schedule", html`${t("daily_at", { time: schedule.time, zone: schedule.timezone })}<${Upcoming} />`],
    ["max_hours", may("admin") ? html`<${Limit} />` : hours(integration, t, f)],
  ];
  const change =
    may("admin") && html`<button type="button" onClick=${() => edit(true)}>${t("edit")}</button>`;
  return html`
    <${Card} id="general" title=${t("tab_general")} actions=${change}>
      <${Facts} facts=${fields} wide=${WIDE} />
      ${editing && html`<${Settings} close=${() => edit(false)} />`}
    <//>
  `;
}

/** When the next runs will start. */
function Upcoming() {
  const { t, f, integration } = usePage();
  return html`<${Preview} label=${t("next_runs")} runs=${integration.next_runs} format=${f.weekday} />`;
}

export function Preview({ label, runs, format }) {
  if (!runs.length) return null;
  return html`
    <div class="preview">
      <p class="hint">${label}</p>
      <ol>
        ${runs.map((at) => html`<li>${format(at)}</li>`)}
      </ol>
    </div>
  `;
}
