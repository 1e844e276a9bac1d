// The tab Histórico: a period and tables to choose, the file of all of it, and the requests themselves.

import { useLoad } from "../data/load.js";
import { html } from "../parts/html.js";
import { useKept, usePage } from "../parts/page.js";
import { Card, Loaded } from "../parts/states.js";
import { define } from "../parts/translate.js";
import { Export } from "./export.js";
import { instants, lastDays, PeriodPicker } from "./period.js";
import { Request } from "./request.js";
import { Requests } from "./requests.js";
import { TablePicker } from "./table_picker.js";
import texts from "./texts.js";
import { Trace } from "./trace.js";
import { TraceSearch } from "./trace_search.js";

define(texts);

export default function History() {
  const { t, f, api, integration, route, go } = usePage();
  const [period, setPeriod] = useKept("period", null);
  const [tables, setTables] = useKept("tables", []);
  const list = useLoad(`tables ${integration.integration_id}`, (signal) => api.get("/tables", signal));
  const chosen = period ?? lastDays(f.timeZone);
  const asked = instants(chosen, f.timeZone);
  return html`
    <${Card} id="history" title=${t("tab_history")}>
      <p class="hint">${t("history_about", { zone: f.zone(asked.to) })}</p>
      <${PeriodPicker} period=${chosen} change=${setPeriod} />
      <${Loaded} of=${list}>
        ${(data) => html`
          <${TablePicker} tables=${data.items} chosen=${tables} change=${setTables} />
          <${Export} asked=${asked} tables=${tables} all=${data.items.length} />
        `}
      <//>
    <//>
    <${TraceSearch} />
    <${Requests} asked=${asked} tables=${tables} />
    ${route.trace && html`<${Trace} key=${route.trace} place=${route.trace} close=${() => go({ trace: null })} />`}
    ${
      route.request &&
      html`<${Request} key=${route.request} requestId=${route.request} close=${() => go({ request: null })} />`
    }
  `;
}
