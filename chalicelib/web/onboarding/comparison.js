// What changed between two proofs, month by month.

import { useLoad, usePages } from "../data/load.js";
import { NONE } from "../parts/format.js";
import { Choice } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Card, Empty, Loaded } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { tableName } from "../parts/tables.js";

const OTHERS = 50;
const TONES = { better: "good", worse: "bad", changed: "busy" };

export function Comparison({ report, path }) {
  const { t, route } = usePage();
  const [open, setOpen] = useState(Boolean(route.with));
  return html`
    <${Card} id="comparison" title=${t("comparison")} tone=${route.with ? "" : "screen-only"}>
      <details class="screen-only" open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
        <summary>${t("comparison_show")}</summary>
        ${open && html`<${Others} report=${report} />`}
      </details>
      ${route.with && html`<${Compared} key=${route.with} path=${path} other=${route.with} />`}
    <//>
  `;
}

function Others({ report }) {
  const { t, f, api, integration, route, go } = usePage();
  const id = integration.integration_id;
  const list = usePages(`reports ${id} all`, api, "/completeness/reports", { limit: OTHERS });
  return html`
    <${Loaded} of=${list}>
      ${() => {
        const others = list.items.filter(
          (one) => one.status === "done" && one.report_id !== report.report_id,
        );
        const options = others.map((one) => [one.report_id, f.second(one.requested_at)]);
        return others.length
          ? html`
            <${Choice}
              label=${t("comparison_with")}
              value=${route.with ?? ""}
              options=${[["", t("comparison_choose")], ...options]}
              change=${(one) => go({ with: one })}
            />
          `
          : html`<${Empty}>${t("comparison_alone")}<//>`;
      }}
    <//>
  `;
}

function Compared({ path, other }) {
  const { t, f, api } = usePage();
  const query = `?with=${encodeURIComponent(other)}`;
  const found = useLoad(`compared ${path} ${other}`, (signal) =>
    api.get(`${path}/comparison${query}`, signal),
  );
  return html`
    <${Loaded} of=${found}>
      ${(data) => html`
        <p>
          ${t(data.same_data ? "comparison_same" : "comparison_of", {
            one: f.second(data.with.requested_at),
            other: f.second(data.report.requested_at),
          })}
        </p>
        ${data.items.length ? html`<${Items} items=${data.items} />` : html`<${Empty}>${t("comparison_nothing")}<//>`}
      `}
    <//>
  `;
}

function Items({ items }) {
  const { t, f } = usePage();
  const side = (one) => (one ? `${f.whole(one.count)} · ${one.status_label}` : NONE);
  const columns = [
    { label: t("table") },
    { label: t("month") },
    { label: t("before") },
    { label: t("after") },
    { label: t("change") },
  ];
  const rows = items.map((one) => ({
    key: `${one.table} ${one.month}`,
    cells: [
      tableName(one.table),
      one.month ? f.month(one.month) : NONE,
      side(one.before),
      side(one.after),
      html`<${Badge} tone=${TONES[one.change]}>${t(`change_${one.change}`)}<//>`,
    ],
  }));
  return html`<${Table} caption=${t("comparison")} columns=${columns} rows=${rows} />`;
}
