// Changing the integration's fields. Only what was changed is sent, so two people may change different things.

import { query } from "../data/api.js";
import { useLoad } from "../data/load.js";
import { Drawer } from "../parts/drawer.js";
import { Choice, Field, Line, Tick } from "../parts/forms.js";
import { html, useEffect, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { useSave } from "../parts/save.js";
import { explained } from "../parts/states.js";
import { Preview } from "./fields.js";

const PLAIN = [
  "name",
  "erp_name",
  "erp_version",
  "deployment_status",
  "deployment_reason",
  "active",
  "scheduled",
  "business_rule",
];
const DEPLOYMENT = ["pending", "in_progress", "completed"];
const PAUSE_MS = 400;

export function Settings({ close }) {
  const { t, integration } = usePage();
  const [changed, setChanged] = useState({});
  const form = { ...formOf(integration), ...changed };
  const set = (name) => (value) => setChanged((now) => ({ ...now, [name]: value }));
  const save = useSave(close);
  const submit = (event) => {
    event.preventDefault();
    if (Object.keys(changed).length) save.run(changesOf(changed, form));
    else close();
  };
  const fields = save.error?.fields ?? {};
  const line = (name, more = {}) => html`
    <${Line} label=${t(name)} value=${form[name]} change=${set(name)} error=${fields[name]} ...${more} />
  `;
  return html`
    <${Drawer} title=${t("edit_title")} close=${close}>
      <form class="form" onSubmit=${submit} novalidate>
        ${line("name", { required: true })}
        <div class="pair">${line("erp_name")} ${line("erp_version")}</div>
        <${Choice}
          label=${t("deployment_status")}
          value=${form.deployment_status}
          options=${DEPLOYMENT.map((one) => [one, t(`deployment_${one}`)])}
          change=${set("deployment_status")}
          error=${fields.deployment_status}
        />
        ${
          (save.error?.code === "deployment_unproven" || "deployment_reason" in changed) &&
          html`
            <${Field} label=${t("deployment_reason")} error=${fields.deployment_reason}>
              ${(own) => html`
                <textarea ...${own} rows="3" value=${form.deployment_reason}
                  onInput=${(event) => set("deployment_reason")(event.currentTarget.value)}></textarea>
              `}
            <//>
          `
        }
        <${Tick} label=${t("active")} hint=${t("active_hint")} checked=${form.active} change=${set("active")} />
        <${Tick}
          label=${t("scheduled")}
          hint=${t("scheduled_hint")}
          checked=${form.scheduled}
          change=${set("scheduled")}
        />
        <${ScheduleFields} form=${form} set=${set} fields=${fields} />
        <${Field} label=${t("business_rule")} error=${fields.business_rule}>
          ${(own) => html`
            <textarea ...${own} rows="5" value=${form.business_rule}
              onInput=${(event) => set("business_rule")(event.currentTarget.value)}></textarea>
          `}
        <//>
        ${save.error && html`<p class="wrong" role="alert">${refusal(save.error, t)}</p>`}
        <div class="actions">
          <button type="submit" class="primary" disabled=${save.busy}>${t("save")}</button>
          <button type="button" onClick=${close}>${t("discard")}</button>
        </div>
      </form>
    <//>
  `;
}

/** Time and zone, and when that would be: asked for a moment after the last key. */
function ScheduleFields({ form, set, fields }) {
  const { t, f, api } = usePage();
  const wanted = query({ time: form.time, timezone: form.timezone });
  const [asked, setAsked] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const found = useLoad(`preview ${asked}`, (signal) => api.get(`/schedule-preview${asked}`, signal));
  const wrong = { ...found.error?.fields, ...fields };
  return html`
    <div class="pair">
      <${Line}
        label=${t("schedule")}
        type="time"
        value=${form.time}
        change=${set("time")}
        error=${wrong["schedule.time"]}
      />
      <${Line}
        label=${t("timezone")}
        list="timezones"
        value=${form.timezone}
        change=${set("timezone")}
        error=${wrong["schedule.timezone"]}
      />
      <datalist id="timezones">
        ${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone} />`)}
      </datalist>
    </div>
    ${found.data && html`<${Preview} label=${t("next_runs")} runs=${found.data.next_runs} format=${f.weekday} />`}
  `;
}

function formOf(integration) {
  return {
    ...Object.fromEntries(PLAIN.map((name) => [name, integration[name]])),
    time: integration.schedule.time,
    timezone: integration.schedule.timezone,
  };
}

/** What to send of the fields that were changed; a schedule is sent whole. */
function changesOf(changed, form) {
  const plain = Object.entries(changed).filter(([name]) => PLAIN.includes(name));
  const timed = "time" in changed || "timezone" in changed;
  return {
    ...Object.fromEntries(plain),
    ...(timed ? { schedule: { time: form.time, timezone: form.timezone } } : {}),
  };
}

function refusal(error, t) {
  return error.kind === "stale" ? t("settings_stale") : explained(error, t);
}
