// The tab Implantação: did everything arrive, what is missing, and what to do about it.

import { useLoad, usePages } from "../data/load.js";
import { html } from "../parts/html.js";
import { usePage } from "../parts/page.js";
import { Loaded } from "../parts/states.js";
import { define } from "../parts/translate.js";
import { Cell } from "./cell.js";
import { Certificates } from "./certificates.js";
import { Headline } from "./headline.js";
import { HeatMap } from "./heat_map.js";
import { Rejected } from "./rejected.js";
import { Report } from "./report.js";
import { Snapshots } from "./snapshots.js";
import texts from "./texts.js";
import { Todo } from "./todo.js";
import { Uploads } from "./uploads.js";

define(texts);

const REPORTS = 10;

export default function Onboarding() {
  const { route } = usePage();
  return route.report
    ? html`<${Report} key=${route.report} reportId=${route.report} />`
    : html`<${Overview} />`;
}

function Overview() {
  const { api, integration, route, go } = usePage();
  const { integration_id: id, last_success_at: applied } = integration;
  const state = useLoad(`completeness ${id} ${applied ?? ""}`, (signal) => api.get("/completeness", signal));
  const reports = usePages(`reports ${id}`, api, "/completeness/reports", { limit: REPORTS });
  return html`
    <${Loaded} of=${state}>
      ${(found) => html`
        <${Headline} state=${found} reports=${reports.items ?? []} again=${state.reload} />
        <${HeatMap} tables=${found.tables} />
        <${Todo} tables=${found.tables} />
        ${
          route.cell &&
          html`
            <${Cell}
              key=${route.cell}
              place=${route.cell}
              tables=${found.tables}
              reports=${reports.items ?? []}
              close=${() => go({ cell: null })}
            />
          `
        }
      `}
    <//>
    <${Certificates} of=${reports} />
    <${Uploads} changed=${state.reload} />
    <${Rejected} changed=${state.reload} />
    <${Snapshots} changed=${state.reload} />
  `;
}
