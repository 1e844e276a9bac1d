// What a proof found, record by record, and the keys that the ERP has to send again.

import { usePages } from "../data/load.js";
import { Copy } from "../parts/copy.js";
import { NONE } from "../parts/format.js";
import { Choice } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Card, Empty, Loaded, More } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { TABLES, TableName, tableName } from "../parts/tables.js";

const PAGE = 100;
const SEND_AGAIN = ["missing_key", "rejected", "stale"];

export function Findings({ report, path }) {
  const { t, f, api, route, go } = usePage();
  const [kind, choose] = useState("");
  const [table, month] = (route.findings ?? "").split("/");
  const parameters = { table, month, kind, limit: PAGE };
  const list = usePages(
    `findings ${path} ${JSON.stringify(parameters)}`,
    api,
    `${path}/findings`,
    parameters,
  );
  const kinds = Object.entries(report.findings).map(([one, count]) => [
    one,
    `${t(`finding_${one}`)} (${f.whole(count)})`,
  ]);
  const tables = TABLES.map((one) => [one, tableName(one)]);
  return html`
    <${Card} id="findings" title=${t("findings")}>
      ${
        report.findings_total
          ? html`
            <div class="filters screen-only">
              <${Choice} label=${t("finding_kind")} value=${kind} options=${[["", t("every_kind")], ...kinds]} change=${choose} />
              <${Choice} label=${t("table")} value=${table} options=${[["", t("every_table")], ...tables]} change=${(one) => go({ findings: one }, { replace: true })} />
            </div>
            ${month && html`<p class="hint">${t("findings_month", { month: f.month(month) })}</p>`}
            <${Loaded} of=${list}>${() => html`<${List} list=${list} />`}<//>
          `
          : html`<${Empty}>${t("findings_none")}<//>`
      }
    <//>
  `;
}

function List({ list }) {
  const { t, f } = usePage();
  if (!list.items.length)
    return html`<${Empty}>${t("findings_none_here")}<//><${More} of=${list} label=${t("more_findings")} />`;
  const keys = list.items.filter((one) => one.key && SEND_AGAIN.includes(one.kind)).map((one) => one.key);
  const columns = [
    { label: t("table") },
    { label: t("month") },
    { label: t("finding_kind") },
    { label: t("finding_key") },
    { label: t("finding_message") },
  ];
  const rows = list.items.map((one, at) => ({
    key: `${one.table} ${one.kind} ${one.key} ${at}`,
    cells: [
      html`<${TableName} table=${one.table} />`,
      one.month ? f.month(one.month) : NONE,
      one.kind_label,
      one.key ? html`<${Key} table=${one.table} name=${one.key} />` : NONE,
      one.message,
    ],
  }));
  return html`
    ${
      keys.length > 0 &&
      html`
        <div class="actions screen-only">
          <${Copy} text=${keys.join("\n")} label=${t("copy_again", { count: f.whole(keys.length) })} />
        </div>
      `
    }
    <${Table} caption=${t("findings")} columns=${columns} rows=${rows} className="findings" />
    ${list.more && html`<p class="hint">${t("findings_more")}</p>`}
    <${More} of=${list} label=${t("more_findings")} />
  `;
}

/** A record's key, which leads to all that is known of it. */
export function Key({ table, name }) {
  const { t, go } = usePage();
  return html`
    <button
      type="button"
      class="link"
      title=${t("trace_it")}
      onClick=${() => go({ tab: "history", trace: `${table}/${name}` })}
    >
      ${name}
    </button>
  `;
}
