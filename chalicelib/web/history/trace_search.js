// Rastrear registro: a table and a key lead to all that is known of one record.

import { Choice, Line } from "../parts/forms.js";
import { html, useState } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Card } from "../parts/states.js";
import { TABLES, tableName } from "../parts/tables.js";

export function TraceSearch() {
  const { t, go } = usePage();
  const [table, choose] = useState("nota");
  const [key, write] = useState("");
  const search = (event) => {
    event.preventDefault();
    if (key.trim()) go({ trace: `${table}/${key}` });
  };
  return html`
    <${Card} id="trace" title=${t("trace")}>
      <form class="filters" role="search" aria-labelledby="trace" onSubmit=${search}>
        <${Choice} label=${t("table")} value=${table} options=${TABLES.map((one) => [one, tableName(one)])} change=${choose} />
        <${Line} label=${t("trace_key")} hint=${t("trace_key_hint")} type="search" autocomplete="off" spellcheck=${false} value=${key} change=${write} />
        <button type="submit" class="primary">${t("trace_search")}</button>
      </form>
    <//>
  `;
}
