// What is missing, and what to do next: a line for each table and kind of difference, the worst first.

import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Card, Empty } from "../parts/states.js";
import { tableName } from "../parts/tables.js";
import { SIGNS } from "./heat_map.js";
import { placeOf } from "./months.js";

const LINES = 8;
const MONTHS = 4;
const WORST_FIRST = ["missing", "extra", "different", "rejected", "undeclared", "pending"];
const COUNTS = {
  missing: (cell) => -cell.difference,
  extra: (cell) => cell.difference,
  different: () => 1,
  rejected: (cell) => cell.rejected,
  undeclared: (cell) => cell.intermediate.count,
  pending: (cell) => cell.pending,
};

export function Todo({ tables }) {
  const { t, f } = usePage();
  const lines = linesOf(tables);
  const silent = tables.filter((one) => !one.status).map((one) => tableName(one.table));
  return html`
    <${Card} id="todo" title=${t("todo")}>
      ${!lines.length && html`<${Empty}>${t(silent.length < tables.length ? "todo_nothing" : "todo_begin")}<//>`}
      <ul class="todo">
        ${lines.slice(0, LINES).map((line) => html`<${Line} key=${line.key} line=${line} />`)}
      </ul>
      ${lines.length > LINES && html`<p class="hint">${t("todo_more", { count: f.whole(lines.length - LINES) })}</p>`}
      ${
        silent.length > 0 &&
        silent.length < tables.length &&
        html`<p class="hint">${t("todo_silent", { tables: silent.join(", ") })}</p>`
      }
    <//>
  `;
}

/** One table's months in one state. */
function linesOf(tables) {
  return WORST_FIRST.flatMap((status) =>
    tables
      .map((table) => {
        const cells = table.months.filter((cell) => cell.status === status);
        const count = cells.reduce((sum, cell) => sum + COUNTS[status](cell), 0);
        return { key: `${status} ${table.table}`, status, table: table.table, cells, count };
      })
      .filter((line) => line.cells.length),
  );
}

function Line({ line }) {
  const { t, f, go } = usePage();
  const { status, table, cells, count } = line;
  const months = cells.filter((cell) => cell.month).map((cell) => f.month(cell.month));
  const more = months.length > MONTHS ? t("and_more", { count: f.whole(months.length - MONTHS) }) : "";
  const named = months.length ? ` (${months.slice(0, MONTHS).join(", ")}${more})` : "";
  const place = cells.length === 1 ? placeOf(table, cells[0].month) : placeOf(table);
  return html`
    <li>
      <span class="square ${status}" aria-hidden="true">${SIGNS[status]}</span>
      <span>
        <button type="button" class="link" onClick=${() => go({ cell: place })}>${tableName(table)}</button>${" "}
        ${t(`todo_${status}`, { count: f.whole(count), months: named })}
      </span>
    </li>
  `;
}
