// One month of a table, or a table, in a drawer: ERP, intermediate database, CRM, and where they differ.

import { Copy } from "../parts/copy.js";
import { Drawer } from "../parts/drawer.js";
import { Facts } from "../parts/facts.js";
import { NONE } from "../parts/format.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Badge, Empty } from "../parts/states.js";
import { Table } from "../parts/table.js";
import { tableName } from "../parts/tables.js";
import { placeOf, UNDATED } from "./months.js";

export const STATUS_TONES = {
  equal: "good",
  pending: "busy",
  undeclared: "",
  rejected: "warn",
  different: "warn",
  extra: "warn",
  missing: "bad",
};

export function Cell({ place, tables, reports, close }) {
  const { t, f } = usePage();
  const [name, when] = place.split("/");
  const table = tables.find((one) => one.table === name);
  const cell = found(table, when);
  const month = cell?.month ? f.month(cell.month) : when ? t("undated") : t("total");
  const title = table ? `${tableName(name)} · ${month}` : t("map");
  return html`
    <${Drawer} title=${title} close=${close}>
      <div class="actions"><${Copy} text=${() => location.href} label=${t("copy_link")} /></div>
      ${cell ? html`<${About} ...${{ table, cell, reports }} />` : html`<${Empty}>${t("cell_absent")}<//>`}
      ${table && !when && table.months.length > 1 && html`<${Months} table=${table} />`}
    <//>
  `;
}

/** What an address names: a month; without one the whole table, which is its only period if it has one. */
function found(table, when) {
  if (!table) return null;
  if (when) return table.months.find((one) => (one.month ?? UNDATED) === when) ?? null;
  if (table.months.length === 1) return table.months[0];
  return table.status ? { ...table.totals, status: table.status, status_label: table.status_label } : null;
}

function About({ table, cell, reports }) {
  const { t, f } = usePage();
  const absent = cell.absent_keys ?? [];
  const facts = [
    ["cell_status", html`<${Badge} tone=${STATUS_TONES[cell.status]}>${cell.status_label}<//>`],
    // Of a table with months: one may lack what another has too much of.
    ["missing", cell.missing > 0 && f.whole(cell.missing)],
    ["extra", cell.extra > 0 && f.whole(cell.extra)],
    ["difference", difference(cell, f)],
    ["sum_difference", cell.sum_difference && f.money(cell.sum_difference)],
    ["cell_pending", f.whole(cell.pending)],
    ["cell_rejected", f.whole(cell.rejected)],
    [
      "declared_at",
      cell.erp?.declared_at && `${f.second(cell.erp.declared_at)} · ${t(`declared_${cell.erp.source}`)}`,
    ],
    ["listed_keys", cell.erp?.listed_keys && f.whole(cell.erp.listed_keys)],
  ];
  const always = ["cell_status", "cell_pending", "cell_rejected"];
  return html`
    <${Sides} table=${table} cell=${cell} />
    <${Facts} facts=${facts.filter(([name, value]) => value || always.includes(name))} />
    ${cell.status !== "equal" && html`<p class="notice">${t(`do_${cell.status}`)}</p>`}
    ${
      absent.length > 0 &&
      html`
        <h3>${t("absent_keys")}</h3>
        <pre tabindex="0">${absent.join("\n")}</pre>
        <div class="actions"><${Copy} text=${absent.join("\n")} label=${t("copy_keys")} /></div>
      `
    }
    <${Ways} table=${table.table} cell=${cell} reports=${reports} />
  `;
}

function difference(cell, f) {
  if (cell.difference === undefined || !cell.erp || cell.erp.count === null) return null;
  return cell.difference > 0 ? `+${f.whole(cell.difference)}` : f.whole(cell.difference);
}

/** Counts and sums as the ERP says, as they were received, as the CRM has them. */
export function Sides({ table, cell }) {
  const { t, f } = usePage();
  const summed = Boolean(table.amount_field);
  const count = (side) => (side && side.count !== null ? f.whole(side.count) : NONE);
  const sum = (side) => (side?.sum ? f.money(side.sum) : NONE);
  const columns = [
    { label: t("side") },
    { label: t("side_count"), number: true },
    ...(summed ? [{ label: t("side_sum"), number: true }] : []),
  ];
  const rows = ["erp", "intermediate", "crm"].map((name) => ({
    key: name,
    cells: [t(`side_${name}`), count(cell[name]), ...(summed ? [sum(cell[name])] : [])],
  }));
  return html`<${Table} caption=${t("sides")} columns=${columns} rows=${rows} />`;
}

/** Where to look next: refused records, and what the newest proof found. */
function Ways({ table, cell, reports }) {
  const { t, f, go } = usePage();
  const newest = reports.find((one) => one.status === "done");
  const findings = cell.month ? `${table}/${cell.month}` : table;
  return html`
    <div class="actions">
      ${
        cell.rejected > 0 &&
        html`<button type="button" onClick=${() => go({ cell: null, rejected: table })}>${t("see_rejected")}</button>`
      }
      ${
        newest &&
        html`
          <button type="button" onClick=${() => go({ cell: null, report: newest.report_id, findings })}>
            ${t("see_findings", { at: f.minute(newest.requested_at) })}
          </button>
        `
      }
    </div>
  `;
}

/** A table's months, to be opened one by one. */
function Months({ table }) {
  const { t, f, go } = usePage();
  const columns = [
    { label: t("month") },
    { label: t("side_erp"), number: true },
    { label: t("side_intermediate"), number: true },
    { label: t("side_crm"), number: true },
    { label: t("cell_status") },
  ];
  const rows = table.months.map((one) => ({
    key: String(one.month),
    cells: [
      html`
        <button type="button" class="link" onClick=${() => go({ cell: placeOf(table.table, one.month) })}>
          ${one.month ? f.month(one.month) : t("undated")}
        </button>
      `,
      one.erp && one.erp.count !== null ? f.whole(one.erp.count) : NONE,
      f.whole(one.intermediate.count),
      f.whole(one.crm.count),
      html`<${Badge} tone=${STATUS_TONES[one.status]}>${one.status_label}<//>`,
    ],
  }));
  return html`
    <h3>${t("months")}</h3>
    <${Table} caption=${t("months")} columns=${columns} rows=${rows} />
  `;
}
