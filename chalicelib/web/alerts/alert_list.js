// The alerts, newest first; one of them in a drawer, where it can be acknowledged.

import { usePages } from "../data/load.js";
import { NONE } from "../parts/format.js";
import { Choice } from "../parts/forms.js";
import { html, useEffect } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { Badge, Card, Empty, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { Alert } from "./alert.js";

const PAGE = 50;
const FILTERS = ["open", "resolved"];
export const TONES = { open: "error", acknowledged: "partial", snoozed: "partial", resolved: "success" };

export function AlertList() {
  const { t, api, integration, route, go } = usePage();
  const [status, setStatus] = useKept("alerts", "");
  const { integration_id: id, open_alerts: open } = integration;
  const list = usePages(`alerts ${id} ${status}`, api, "/alerts", { status, limit: PAGE });
  useEffect(() => {
    if (list.data) list.reload();
  }, [open]);
  const options = [["", t("all_alerts")], ...FILTERS.map((one) => [one, t(`only_${one}`)])];
  const listed = list.items?.find((one) => one.alert_id === route.alert);
  const changed = (alert) =>
    list.change((data) => ({
      ...data,
      items: data.items.map((one) => (one.alert_id === alert.alert_id ? alert : one)),
    }));
  return html`
    <${Card} id="alerts" title=${t("alerts")}>
      <div class="filters"><${Choice} label=${t("alert_status")} value=${status} options=${options} change=${setStatus} /></div>
      <${Loaded} of=${list}>${() => html`<${List} list=${list} filtered=${status} />`}<//>
    <//>
    ${
      route.alert &&
      !list.loading &&
      html`
      <${Alert}
        key=${route.alert}
        alertId=${route.alert}
        listed=${listed}
        changed=${changed}
        close=${() => go({ alert: null })}
      />
    `
    }
  `;
}

function List({ list, filtered }) {
  const { t, f, route, go } = usePage();
  if (!list.items.length) {
    return html`
      <${Empty}>${t(filtered ? "alerts_none" : "no_alerts")}<//>
      <${More} of=${list} label=${t("more_alerts")} />
    `;
  }
  const columns = [
    { label: t("opened") },
    { label: t("alert_kind") },
    { label: t("alert_status") },
    { label: t("lasted"), number: true },
    { label: t("missed_runs"), number: true },
    { label: t("details") },
  ];
  const rows = list.items.map((one) => ({
    key: one.alert_id,
    current: one.alert_id === route.alert,
    cells: [
      f.minute(one.opened_at),
      t(`alert_${one.kind}`),
      html`<${Badge} tone=${TONES[one.status]}>${t(`status_${one.status}`)}<//>`,
      f.duration(lasted(one)),
      one.missed_runs === null ? NONE : f.whole(one.missed_runs),
      html`
        <button
          type="button"
          aria-label=${t("open_alert", { kind: t(`alert_${one.kind}`), at: f.minute(one.opened_at) })}
          onClick=${() => go({ alert: one.alert_id })}
        >
          ${t("open")}
        </button>
      `,
    ],
  }));
  return html`
    <${Table} caption=${t("alerts")} columns=${columns} rows=${rows} />
    <${More} of=${list} label=${t("more_alerts")} />
  `;
}

/** How long it has been, or was, in seconds. */
export function lasted(alert) {
  return alert.downtime_seconds ?? (Date.now() - Date.parse(alert.since)) / 1000;
}
