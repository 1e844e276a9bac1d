// The requests of the chosen period and tables, newest first.

import { usePages } from "../data/load.js";
import { NONE } from "../parts/format.js";
import { Choice } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { Badge, Card, Empty, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { tableName } from "../parts/tables.js";

const PAGE = 25;
export const TONES = {
  success: "success",
  partial: "partial",
  rejected: "error",
  error: "error",
  no_response: "error",
  in_progress: "running",
};

export function Requests({ asked, tables }) {
  const { t, api, integration } = usePage();
  const [status, setStatus] = useKept("situation", "");
  const parameters = { from: asked.from, to: asked.to, table: tables, status, limit: PAGE };
  const key = asked.error ? null : `requests ${integration.integration_id} ${JSON.stringify(parameters)}`;
  const list = usePages(key, api, "/requests", parameters);
  const options = [
    ["", t("all_situations")],
    ...Object.keys(TONES).map((one) => [one, t(`situation_${one}`)]),
  ];
  const reload = html`<button type="button" onClick=${list.reload}>${t("look_again")}</button>`;
  return html`
    <${Card} id="requests" title=${t("requests")} actions=${!asked.error && reload}>
      <div class="filters">
        <${Choice} label=${t("situation")} value=${status} options=${options} change=${setStatus} />
        <${Find} />
      </div>
      ${
        asked.error
          ? html`<${Empty}>${t("requests_no_period")}<//>`
          : html`<${Loaded} of=${list}>${() => html`<${List} list=${list} />`}<//>`
      }
    <//>
  `;
}

/** Go to a request by the id that the ERP was answered. */
function Find() {
  const { t, go } = usePage();
  const [wanted, want] = useState("");
  const find = (event) => {
    event.preventDefault();
    if (wanted.trim()) go({ request: wanted.trim() });
  };
  return html`
    <form class="find" role="search" onSubmit=${find}>
      <label for="find-request">${t("find_request")}</label>
      <span class="joined">
        <input
          id="find-request"
          type="search"
          value=${wanted}
          onInput=${(event) => want(event.currentTarget.value)}
          autocomplete="off"
          spellcheck=${false}
        />
        <button type="submit">${t("open")}</button>
      </span>
    </form>
  `;
}

function List({ list }) {
  const { t, f, route, go } = usePage();
  if (!list.items.length) {
    return html`<${Empty}>${t(list.more ? "requests_none_yet" : "requests_none")}<//><${More} of=${list} label=${t("more_requests")} />`;
  }
  const columns = [
    { label: t("at") },
    { label: t("table") },
    { label: t("situation") },
    { label: t("http_status"), number: true },
    { label: t("received"), number: true },
    { label: t("request_rejected"), number: true },
    { label: t("took"), number: true },
    { label: t("request_and_answer") },
  ];
  const rows = list.items.map((one) => ({
    key: one.request_id,
    current: one.request_id === route.request,
    cells: [
      f.second(one.at),
      one.table ? tableName(one.table) : NONE,
      html`<${Badge} tone=${TONES[one.situation]}>${one.situation_label}<//>`,
      one.status ?? NONE,
      "received" in one.counts ? f.whole(one.counts.received) : NONE,
      "rejected" in one.counts ? f.whole(one.counts.rejected) : NONE,
      one.duration_ms === null ? NONE : f.millis(one.duration_ms),
      html`
        <button
          type="button"
          aria-label=${t("open_request", { at: f.second(one.at), table: one.table ?? "" })}
          onClick=${() => go({ request: one.request_id })}
        >
          ${t("open")}
        </button>
      `,
    ],
  }));
  return html`
    <${Table} caption=${t("requests")} columns=${columns} rows=${rows} />
    <${More} of=${list} label=${t("more_requests")} />
  `;
}
