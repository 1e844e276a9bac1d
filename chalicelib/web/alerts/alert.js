// One alert in a drawer: what it is about, what was sent, and who takes care.

import { useAction, useLoad } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { Drawer } from "../parts/drawer.js";
import { Facts } from "../parts/facts.js";
import { Choice } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, explained, Loaded } from "../parts/states.js";
import { lasted, TONES } from "./alert_list.js";

const SNOOZES = [1, 4, 8, 24, 72];

export function Alert({ alertId, listed, changed, close }) {
  const { t, api, may } = usePage();
  const path = `/alerts/${encodeURIComponent(alertId)}`;
  const found = useLoad(listed ? null : `alert ${alertId}`, (signal) => api.get(path, signal));
  const shown = listed ? { data: listed } : found;
  const took = (alert) => {
    changed(alert);
    found.change(() => alert);
  };
  return html`
    <${Drawer} title=${shown.data ? t(`alert_${shown.data.kind}`) : t("alert")} close=${close}>
      <div class="actions"><${Copy} text=${() => location.href} label=${t("copy_link")} /></div>
      <${Loaded} of=${shown}>
        ${(alert) => html`
          <${About} alert=${alert} />
          ${alert.status !== "resolved" && may("admin") && html`<${Care} alert=${alert} took=${took} />`}
          <${Messages} messages=${alert.messages} />
        `}
      <//>
    <//>
  `;
}

function About({ alert }) {
  const { t, f, go } = usePage();
  const { details } = alert;
  const run =
    details.run_id &&
    html`
    <button type="button" class="link" onClick=${() => go({ tab: "general", run: details.run_id, alert: null })}>
      ${t("open_run")}
    </button>
  `;
  const ended = alert.recovered === null ? null : t(alert.recovered ? "ended_recovered" : "ended_closed");
  const facts = [
    ["alert_status", html`<${Badge} tone=${TONES[alert.status]}>${t(`status_${alert.status}`)}<//>`],
    ["since", f.second(alert.since)],
    ["opened", f.second(alert.opened_at)],
    ["lasted", f.duration(lasted(alert))],
    ["closed", alert.closed_at && `${f.second(alert.closed_at)} (${ended})`],
    ["missed_runs", alert.missed_runs === null ? null : f.whole(alert.missed_runs)],
    ["owner", t(`owner_${alert.owner}`)],
    [
      "acknowledged",
      alert.acknowledged_at && `${f.minute(alert.acknowledged_at)} · ${alert.acknowledged_by}`,
    ],
    ["snoozed_until", f.minute(alert.snoozed_until)],
    ["next_reminder", f.minute(alert.next_reminder_at)],
    ["deadline_passed", f.second(details.deadline_at)],
    ["error", details.message],
    ["failing_stage", details.stage && t(`stage_${details.stage}`)],
    ["failing_runs", details.runs && f.whole(details.runs)],
    ["silent_tables", details.tables?.join(", ")],
    ["refused_requests", details.refused_requests && f.whole(details.refused_requests)],
    ["queue", details.queue && t(`queue_${details.queue}`)],
    ["last_time", f.second(details.last_at)],
    ["run_of_alert", run],
  ];
  const always = ["alert_status", "since", "opened", "lasted", "owner"];
  return html`<${Facts} facts=${facts.filter(([name, value]) => value || always.includes(name))} />`;
}

/** Acknowledge: no reminders until it is over, or for some hours. */
function Care({ alert, took }) {
  const { t, f, api, refresh, say } = usePage();
  const [hours, setHours] = useState("");
  const act = useAction(async () => {
    const body = hours ? { snooze_hours: Number(hours) } : {};
    took(await api.post(`/alerts/${encodeURIComponent(alert.alert_id)}/acknowledge`, body));
    say(t("acknowledged_now"));
    refresh();
  });
  const options = [
    ["", t("until_over")],
    ...SNOOZES.map((one) => [String(one), t("for_hours", { hours: f.whole(one) })]),
  ];
  return html`
    <div class="filters">
      <${Choice} label=${t("no_reminders")} value=${hours} options=${options} change=${setHours} />
      <button type="button" class="primary" disabled=${act.busy} onClick=${act.run}>
        ${t(hours ? "snooze" : "acknowledge")}
      </button>
    </div>
    ${act.error && html`<p class="wrong" role="alert">${explained(act.error, t)}</p>`}
  `;
}

function Messages({ messages }) {
  const { t, f } = usePage();
  const state = (one) => {
    if (one.withdrawn) return t("withdrawn");
    return one.sent_at ? t("sent_at", { at: f.second(one.sent_at) }) : t("not_sent_yet");
  };
  return html`
    <h3>${t("messages")}</h3>
    <ol class="log">
      ${messages.map(
        (one) => html`
          <li key=${one.message_id}>
            <span class="log-head"><strong>${t(`event_${one.event}`)}</strong> <span class="muted">${state(one)}</span></span>
            ${one.subject && html`<span class="log-text">${one.subject}</span>`}
          </li>
        `,
      )}
    </ol>
  `;
}
