// The 12 tables, to be ticked one by one or all at once.

import { NONE } from "../parts/format.js";
import { html, useEffect, useRef } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Table } from "../parts/table.js";
import { tableName } from "../parts/tables.js";

export function TablePicker({ tables, chosen, change }) {
  const { t, f } = usePage();
  const whole = useRef(null);
  const all = chosen.length === tables.length;
  useEffect(() => {
    whole.current.indeterminate = chosen.length > 0 && !all;
  }, [chosen.length]);
  const toggle = (table) =>
    change(chosen.includes(table) ? chosen.filter((one) => one !== table) : [...chosen, table]);
  const columns = [
    { label: t("table") },
    { label: t("description") },
    { label: t("records"), number: true },
    { label: t("table_rejected"), number: true },
    { label: t("last_received") },
  ];
  const rows = tables.map((one) => ({
    key: one.table,
    cells: [
      html`
        <label class="pick">
          <input
            type="checkbox"
            value=${one.table}
            checked=${chosen.includes(one.table)}
            onChange=${() => toggle(one.table)}
          />
          ${tableName(one.table)}
        </label>
      `,
      one.description,
      f.whole(one.records),
      f.whole(one.rejected),
      f.minute(one.last_received_at) ?? NONE,
    ],
  }));
  return html`
    <label class="pick all">
      <input
        type="checkbox"
        ref=${whole}
        checked=${all}
        onChange=${() => change(all ? [] : tables.map((one) => one.table))}
      />
      ${t("all_tables")}
    </label>
    <${Table} caption=${t("tables")} columns=${columns} rows=${rows} className="picker" />
  `;
}
