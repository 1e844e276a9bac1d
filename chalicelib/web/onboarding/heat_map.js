// Every table and month at a glance: a sign and a colour each. Arrow keys walk from cell to cell.

import { html, useRef, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Card, Empty } from "../parts/states.js";
import { tableName } from "../parts/tables.js";
import { monthsOf, placeOf } from "./months.js";

const SHOWN = 24;
export const SIGNS = {
  equal: "✓",
  pending: "…",
  undeclared: "?",
  rejected: "!",
  different: "≠",
  extra: "+",
  missing: "−",
};
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export function HeatMap({ tables }) {
  const { t, f } = usePage();
  const [all, showAll] = useState(false);
  const months = monthsOf(tables);
  const shown = all ? months : months.slice(-SHOWN);
  const empty = tables.every((one) => !one.months.length);
  return html`
    <${Card} id="map" title=${t("map")}>
      ${
        empty
          ? html`<${Empty}>${t("map_empty")}<//>`
          : html`
            <p class="hint">${t("map_about")}</p>
            <${Grid} tables=${tables} months=${shown} />
            <${Legend} tables=${tables} />
          `
      }
      ${
        shown.length < months.length &&
        html`
          <button type="button" class="more" onClick=${() => showAll(true)}>
            ${t("map_more", { count: f.whole(months.length - shown.length) })}
          </button>
        `
      }
    <//>
  `;
}

function Grid({ tables, months }) {
  const { t, f, go } = usePage();
  const grid = useRef(null);
  const [reached, reach] = useState(null);
  const columns = [...months, undefined];
  const cellOf = (table, month) =>
    month === undefined ? table : table.months.find((one) => one.month === month);
  const there = tables.flatMap((table) =>
    columns.filter((month) => cellOf(table, month)?.status).map((month) => placeOf(table.table, month)),
  );
  const entry = there.includes(reached) ? reached : there[0];
  const open = (place) => {
    reach(place);
    go({ cell: place });
  };
  const press = (event) => {
    const next = neighbour(grid.current, event);
    if (!next) return;
    event.preventDefault();
    reach(next.dataset.place);
    next.focus();
  };
  return html`
    <table class="heat" role="grid" aria-labelledby="map" ref=${grid} onKeyDown=${press}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">${t("table")}</th>
          ${months.map((month) => html`<th role="columnheader" scope="col">${f.monthBrief(month)}</th>`)}
          <th role="columnheader" scope="col">${t("total")}</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${tables.map(
          (table) => html`
            <tr role="row" key=${table.table}>
              <th role="rowheader" scope="row">
                ${tableName(table.table)}
                <span class="muted small" title=${table.description}>${table.description}</span>
              </th>
              ${columns.map((month) => {
                const place = placeOf(table.table, month);
                const cell = cellOf(table, month);
                return html`<${Square} key=${place} ...${{ place, cell, table, month, open, entry }} />`;
              })}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

function Square({ place, cell, table, month, open, entry }) {
  const { t, f } = usePage();
  if (!cell?.status) return html`<td role="gridcell" class="none"></td>`;
  const when = month === undefined ? t("total") : f.month(month);
  const count = (month === undefined ? cell.totals : cell).intermediate.count;
  const about = { table: tableName(table.table), when, status: cell.status_label, count: f.whole(count) };
  return html`
    <td role="gridcell" class=${month === undefined ? "total" : null}>
      <button
        type="button"
        class="square ${cell.status}"
        data-place=${place}
        tabindex=${place === entry ? 0 : -1}
        title=${t("map_cell", about)}
        onClick=${() => open(place)}
      >
        <span class="when" aria-hidden="true">${month === undefined ? when : f.monthBrief(month)}</span>
        <span aria-hidden="true">${SIGNS[cell.status]}</span>
        <span class="hidden">${t("map_cell", about)}</span>
      </button>
    </td>
  `;
}

/** What the states that occur look like. */
function Legend({ tables }) {
  const cells = tables.flatMap((one) => [one, ...one.months]);
  const labels = new Map(cells.map((one) => [one.status, one.status_label]));
  const met = Object.keys(SIGNS).filter((status) => labels.has(status));
  return html`
    <p class="legend">
      ${met.map(
        (status) => html`
          <span><span class="square ${status}" aria-hidden="true">${SIGNS[status]}</span> ${labels.get(status)}</span>
        `,
      )}
    </p>
  `;
}

/** The next cell in an arrow's direction that there is anything of; Home and End: the row's ends. */
function neighbour(grid, { key, target }) {
  const rows = [...grid.querySelectorAll("tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.querySelector("button")),
  );
  let row = rows.findIndex((cells) => cells.includes(target));
  if (row < 0) return null;
  let column = rows[row].indexOf(target);
  if (key === "Home") return rows[row].find(Boolean);
  if (key === "End") return rows[row].findLast(Boolean);
  if (!(key in STEPS)) return null;
  do {
    row += STEPS[key][0];
    column += STEPS[key][1];
  } while (rows[row] && column >= 0 && column < rows[row].length && !rows[row][column]);
  return rows[row]?.[column] ?? null;
}
