// Registros recusados: which, why, and a way to each.

import { usePages } from "../data/load.js";
import { exactly } from "../parts/exact.js";
import { NONE } from "../parts/format.js";
import { Choice } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { Card, Empty, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { TABLES, TableName, tableName } from "../parts/tables.js";
import { Correction } from "./correction.js";
import { Key } from "./findings.js";

const PAGE = 25;
const ALL = "all";
const REASONS = 3;

export function Rejected({ changed }) {
  const { t, route, go } = usePage();
  const [opened, setOpened] = useState(false);
  const [table, storedAs] = (route.rejected ?? "").split("/");
  const open = opened || Boolean(route.rejected);
  const toggle = (event) => {
    setOpened(event.currentTarget.open);
    if (!event.currentTarget.open && route.rejected) go({ rejected: null }, { replace: true });
  };
  return html`
    <${Card} id="rejected" title=${t("rejected")}>
      <p class="hint">${t("rejected_about")}</p>
      <details open=${open} onToggle=${toggle}>
        <summary>${t("rejected_show")}</summary>
        ${open && html`<${Opened} ...${{ table: table || ALL, storedAs, changed }} />`}
      </details>
    <//>
  `;
}

function Opened({ table, storedAs, changed }) {
  const { t, api, integration, go } = usePage();
  const [kept, keep] = useKept("rejected", null); // the list from which one was opened
  const shown = storedAs ? (kept ?? table) : table;
  const parameters = { table: shown === ALL ? "" : shown, limit: PAGE };
  const reading = { ...api, get: (path, signal) => api.get(path, signal, exactly) };
  const list = usePages(`rejected ${integration.integration_id} ${shown}`, reading, "/rejected", parameters);
  const options = [[ALL, t("every_table")], ...TABLES.map((one) => [one, tableName(one)])];
  const settled = () => {
    list.reload();
    changed();
  };
  const open = (one) => {
    keep(shown);
    go({ rejected: `${one.table}/${one.stored_as}` });
  };
  const listed = list.items?.find((one) => one.table === table && one.stored_as === storedAs);
  return html`
    <div class="filters">
      <${Choice} label=${t("table")} value=${shown} options=${options} change=${(one) => go({ rejected: one }, { replace: true })} />
    </div>
    <${Loaded} of=${list}>${() => html`<${List} list=${list} open=${open} />`}<//>
    ${
      storedAs &&
      !list.loading &&
      html`
        <${Correction}
          key=${storedAs}
          ...${{ table, storedAs, listed, settled }}
          close=${() => go({ rejected: shown })}
        />
      `
    }
  `;
}

function List({ list, open }) {
  const { t, f } = usePage();
  if (!list.items.length) return html`<${Empty}>${t("no_rejected")}<//>`;
  const columns = [
    { label: t("rejected_at") },
    { label: t("table") },
    { label: t("finding_key") },
    { label: t("rejected_why") },
    { label: t("actions") },
  ];
  const rows = list.items.map((one) => ({
    key: `${one.table} ${one.stored_as ?? one.request_id} ${one.at}`,
    cells: [
      f.second(one.at),
      html`<${TableName} table=${one.table} />`,
      one.key ? html`<${Key} table=${one.table} name=${one.key} />` : NONE,
      html`<${Reasons} errors=${one.errors} />`,
      one.stored_as &&
        html`
          <button
            type="button"
            aria-label=${t("rejected_open", { key: one.key ?? "", table: tableName(one.table) })}
            onClick=${() => open(one)}
          >
            ${t("open")}
          </button>
        `,
    ],
  }));
  return html`
    <${Table} caption=${t("rejected")} columns=${columns} rows=${rows} />
    <${More} of=${list} label=${t("more_rejected")} />
  `;
}

function Reasons({ errors }) {
  const { t, f } = usePage();
  const shown = errors.slice(0, REASONS);
  return html`
    ${shown.map((one) => html`<span class="why"><code>${one.field}</code> ${one.message}</span>`)}
    ${errors.length > REASONS && html`<span class="why muted">${t("and_more", { count: f.whole(errors.length - REASONS) })}</span>`}
  `;
}
